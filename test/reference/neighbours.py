"""Neighbours of the 2,000 varied crystals: by pymatgen within 5 Å with image vectors, and by ASE within 5.3 Å.

Lists are kept as sums, which one wrong pair changes: how many neighbours each atom has, the sum of all distances, and
the sum over pairs of a product of large odd numbers with centre, neighbour and image, modulo 2³².
"""

import numpy as np
from ase import Atoms
from ase.neighborlist import neighbor_list

from reference import crystals, structure_of, write_fixture

# Kept below 2⁵³ in every sum that a reader in JavaScript makes.
FACTORS = np.array([73856093, 19349663, 83492791, 49979687, 67867967], dtype=np.int64)
MODULUS = 2**32


def digest(centre, neighbour, image):
    """Each pair's number is ((Σ factor·value) mod 2³²)² mod 2³² / 2¹⁶, summed: one moved image changes it."""
    values = np.column_stack([centre, neighbour, image]).astype(np.int64)
    mixed = (values @ FACTORS) % MODULUS
    folded = ((mixed & 0xFFFF) * (mixed >> 16)) % MODULUS
    return int((mixed + folded).sum() % MODULUS)


def summary(centre, neighbour, image, distance, n):
    return [
        np.bincount(centre, minlength=n).tolist(),
        round(float(distance.sum()), 5),
        digest(centre, neighbour, image),
    ]


def by_pymatgen(crystal, cutoff):
    centre, neighbour, image, distance = structure_of(crystal).get_neighbor_list(cutoff)
    return summary(centre, neighbour, image, distance, len(crystal["atomicNumbers"]))


def by_ase(crystal, cutoff):
    atoms = Atoms(
        numbers=crystal["atomicNumbers"],
        cell=np.reshape(crystal["latticeAngstrom"], (3, 3)),
        scaled_positions=np.reshape(crystal["fractionalCoordinates"], (-1, 3)),
        pbc=True,
    )
    centre, neighbour, distance, image = neighbor_list("ijdS", atoms, cutoff)
    return summary(centre, neighbour, image, distance, len(atoms))


def main():
    write_fixture(
        "neighbours",
        ["pymatgen", "ase"],
        cutoffAngstrom={"pymatgen": 5, "ase": 5.3},
        pymatgen=[by_pymatgen(crystal, 5.0) for crystal in crystals()],
        ase=[by_ase(crystal, 5.3) for crystal in crystals()],
    )


if __name__ == "__main__":
    main()
