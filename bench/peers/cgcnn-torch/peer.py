"""CGCNN in PyTorch on both cores: trains, then scores. A job as JSON on stdin, events as JSON lines on stdout.

{"train", "val", "test": paths of gzipped JSON lines, {"atomicNumbers", "latticeAngstrom", "fractionalCoordinates",
"value"} each; "elementVectors": path of {"1": [92 numbers], …}; "optimiser": "sgd", "adam" or "one-cycle";
"epochs", "seed"; "repetitions": how many times all crystals are scored}

{"event": "graphs", …}, the graphs of all parts, then {"event": "epoch", …} after each epoch, with the training's seconds
so far (evaluation left out) and errors by then, then {"event": "scores", …}: from crystals to values, graphs included.
"""

import gzip
import json
import multiprocessing
import os
import sys
import time

# A thread that has to wait sleeps: spinning would count as work, and is slow where anything else runs.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import torch

import graphs
from network import Network

CORES = 2
BATCH = 256
SCORED_AT_A_TIME = 256
# Each with its learning rate, which "one-cycle" warms up to and decays from. "sgd" is the reference's own choice, whose
# step of the learning rate at epoch 100 is never reached.
OPTIMISERS = {
    "sgd": (0.01, lambda parameters, rate: torch.optim.SGD(parameters, lr=rate, momentum=0.9)),
    "adam": (3e-3, lambda parameters, rate: torch.optim.Adam(parameters, lr=rate)),
    "one-cycle": (1e-2, lambda parameters, rate: torch.optim.AdamW(parameters, lr=rate, weight_decay=0.01)),
}


class Clock:
    """Wall and processor seconds, of this process, between start and stop, added up."""

    def __init__(self):
        self.wall = self.core = 0.0

    def __enter__(self):
        self.started = time.perf_counter(), time.process_time()

    def __exit__(self, *_):
        self.wall += time.perf_counter() - self.started[0]
        self.core += time.process_time() - self.started[1]


def tell(event, **more):
    print(json.dumps({"event": event, **more}), flush=True)


def read(path):
    with gzip.open(path, "rt") as file:
        records = [json.loads(line) for line in file]
    values = np.array([record["value"] for record in records], dtype=np.float32)
    return [graphs.crystal_of(record) for record in records], values


def chunks(crystals):
    return [crystals[i : i + SCORED_AT_A_TIME] for i in range(0, len(crystals), SCORED_AT_A_TIME)]


class Dataset:
    """Graphs as tensors, the Gaussians worked out once."""

    def __init__(self, of):
        self.atoms = torch.from_numpy(of.atoms)
        self.first = torch.cumsum(self.atoms, 0) - self.atoms
        self.numbers = torch.from_numpy(of.numbers)
        self.neighbours = torch.from_numpy(of.neighbours)
        self.edges = torch.from_numpy(graphs.gaussians(of.distances))

    def batch(self, rows):
        """The network's inputs for some crystals."""
        atoms = self.atoms[rows]
        crystal = torch.repeat_interleave(torch.arange(len(rows)), atoms)
        first = torch.cumsum(atoms, 0) - atoms
        start = first[crystal]
        pick = self.first[rows][crystal] + torch.arange(len(crystal)) - start
        neighbours = self.neighbours[pick] + start.unsqueeze(1)
        return self.numbers[pick], self.edges[pick], neighbours, crystal, atoms

    def all(self):
        return self.batch(torch.arange(len(self.atoms)))


def predict(network, data):
    network.eval()
    with torch.inference_mode():
        rows = torch.arange(len(data.atoms)).split(SCORED_AT_A_TIME)
        return torch.cat([network(*data.batch(part)) for part in rows])


def train(network, job, data, values):
    centre, deviation = values["train"].mean(), values["train"].std()
    targets = torch.from_numpy((values["train"] - centre) / deviation)
    epochs, rows = job["epochs"], len(targets)
    rate, make = OPTIMISERS[job["optimiser"]]
    optimiser = make(network.parameters(), rate)
    schedule = None
    if job["optimiser"] == "one-cycle":
        steps = epochs * -(-rows // BATCH)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=rate, total_steps=steps)
    clock = Clock()
    for epoch in range(1, epochs + 1):
        network.train()
        with clock:
            for batch in torch.randperm(rows).split(BATCH):
                optimiser.zero_grad()
                loss = torch.nn.functional.mse_loss(network(*data["train"].batch(batch)), targets[batch])
                loss.backward()
                optimiser.step()
                if schedule is not None:
                    schedule.step()
        errors = {
            f"{part}Mae": float(np.abs(predict(network, data[part]).numpy() * deviation + centre - values[part]).mean())
            for part in ("val", "test")
        }
        tell("epoch", epoch=epoch, seconds=clock.wall, coreSeconds=clock.core, **errors)


def score(network, pool, crystals):
    """Crystals to standardised values; two processes make graphs while the network runs."""
    clock, graph_seconds, values = Clock(), 0.0, []
    with clock:
        for part, seconds in pool.imap(graphs.build_timed, chunks(crystals)):
            graph_seconds += seconds
            with torch.inference_mode():
                values.append(network(*Dataset(part).all()))
    tell(
        "scores",
        crystals=len(crystals),
        seconds=clock.wall,
        coreSeconds=clock.core + graph_seconds,
        graphCoreSeconds=graph_seconds,
    )


def main():
    job = json.load(sys.stdin)
    torch.manual_seed(job["seed"])
    parts = {part: read(job[part]) for part in ("train", "val", "test")}
    values = {part: own for part, (_, own) in parts.items()}
    with open(job["elementVectors"]) as file:
        table = json.load(file)
    vectors = torch.tensor([[0.0] * len(table["1"])] + [table[str(z)] for z in range(1, len(table) + 1)])
    # Made before PyTorch starts its threads.
    with multiprocessing.get_context("fork").Pool(CORES) as pool:
        torch.set_num_threads(CORES)
        torch.set_flush_denormal(True)
        clock, graph_seconds, data = Clock(), 0.0, {}
        with clock:
            for part, (crystals, _) in parts.items():
                built = pool.map(graphs.build_timed, chunks(crystals), chunksize=1)
                graph_seconds += sum(seconds for _, seconds in built)
                data[part] = Dataset(graphs.joined([own for own, _ in built]))
        tell(
            "graphs",
            peer=f"CGCNN in PyTorch {torch.__version__}",
            crystals=sum(map(len, values.values())),
            seconds=clock.wall,
            coreSeconds=clock.core + graph_seconds,
        )
        network = Network(vectors, len(graphs.CENTRES_ANGSTROM))
        train(network, job, data, values)
        network.eval()
        everything = [crystal for crystals, _ in parts.values() for crystal in crystals]
        score(network, pool, everything[: 4 * SCORED_AT_A_TIME])
        for _ in range(job["repetitions"]):
            score(network, pool, everything)


if __name__ == "__main__":
    main()
