"""Space groups of the 2,000 varied crystals by spglib at two tolerances, and its table of all settings' operations."""

import hashlib

import numpy as np
import spglib

from reference import crystals, write_fixture


def cell_of(crystal):
    return (
        np.reshape(crystal["latticeAngstrom"], (3, 3)),
        np.reshape(crystal["fractionalCoordinates"], (-1, 3)),
        crystal["atomicNumbers"],
    )


def symmetry_of(crystal, tolerance):
    """[space group, Hall number, operations, Wyckoff letters, orbits' first atoms, atoms of the primitive cell]"""
    found = spglib.get_symmetry_dataset(cell_of(crystal), symprec=tolerance)
    if found is None:
        return None
    primitive = len(set(found.mapping_to_primitive))
    return [
        int(found.number),
        int(found.hall_number),
        len(found.rotations),
        "".join(found.wyckoffs),
        [int(i) for i in found.crystallographic_orbits],
        primitive,
        len(found.std_types),
    ]


def operations_digest(hall_number):
    """Of a setting's operations as sorted texts: 9 integers by rows, then the translation in 24ths."""
    found = spglib.get_symmetry_from_database(hall_number)
    texts = sorted(
        ",".join(str(int(x)) for x in [*rotation.ravel(), *(np.round(translation * 24).astype(int) % 24)])
        for rotation, translation in zip(found["rotations"], found["translations"])
    )
    return hashlib.sha256(";".join(texts).encode()).hexdigest()[:12]


def main():
    write_fixture(
        "symmetry",
        ["spglib", "numpy"],
        within={str(tolerance): [symmetry_of(c, tolerance) for c in crystals()] for tolerance in (0.01, 0.1)},
        operations=[operations_digest(hall) for hall in range(1, 531)],
    )


if __name__ == "__main__":
    main()
