"""CDVAE's structural validity of the varied crystals, as they are and crushed -> validity.json.gz.

The rule is that of CDVAE's scripts (Xie et al., ICLR 2022), written with pymatgen's distance matrix: no two different
atoms nearer than 0.5 Å, and a cell of 0.1 Å³ at least.
"""

import numpy as np

from reference import crystals, structure_of, write_fixture

SCALES = (1.0, 0.1, 0.03, 0.01, 0.003)


def verdicts(crystal):
    valid, shortest = [], None
    for scale in SCALES:
        structure = structure_of(crystal)
        structure.scale_lattice(structure.volume * scale)
        distances = structure.distance_matrix + np.diag(np.full(len(structure), np.inf))
        if shortest is None:
            # A lone atom has only its own images.
            images = structure.get_all_neighbors(1.001 * min(distances.min(), *structure.lattice.get_niggli_reduced_lattice().abc))
            shortest = min(neighbour.nn_distance for row in images for neighbour in row)
        valid.append(bool(distances.min() >= 0.5 and structure.volume >= 0.1))
    return {
        "shortestAngstrom": round(float(shortest), 9),
        "volumePerAtomAngstrom3": round(structure_of(crystal).volume / len(crystal["atomicNumbers"]), 9),
        "densityGramPerCm3": round(float(structure_of(crystal).density), 9),
        "valid": valid,
    }


write_fixture("validity", ["pymatgen"], scales=SCALES, crystals=[verdicts(crystal) for crystal in crystals()])
