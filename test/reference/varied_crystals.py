"""Chooses the 2,000 crystals that the other scripts compute reference values for.

Materials Project crystals (CC BY 4.0; Jain et al., APL Materials 1, 011002 (2013)) through MP-20 and matcalc, some of
them told in skewed cells, as supercells or rattled, and random ones without any symmetry.
"""

import gzip
import json

import numpy as np
from pymatgen.core import Lattice, Structure

from reference import DATA, crystal_of, rows, write_fixture

random = np.random.default_rng(20261121)


def mp_20(count):
    found = [row for part in ("val", "test") for row in rows(f"mp_20_biternary/{part}.csv.gz")]
    for i in random.choice(len(found), count, replace=False):
        yield found[i]["material_id"], Structure.from_str(found[i]["cif"], "cif")


def matcalc(count):
    with gzip.open(next((DATA / "matcalc").glob("mp-binary*.json.gz")), "rt") as file:
        found = json.load(file)
    for i in random.choice(len(found), count, replace=False):
        yield found[i]["mp_id"], Structure.from_dict(found[i]["structure"])


def retold(name, structure):
    """Another cell of the same lattice, sometimes a supercell, sometimes with its atoms moved a little."""
    kind = ["skewed", "supercell", "rattled"][random.integers(3)]
    if kind == "skewed":
        shear = np.eye(3, dtype=int)
        for i, j in ((0, 1), (1, 2), (2, 0)):
            step = np.eye(3, dtype=int)
            step[i, j] = random.integers(-3, 4)
            shear = step @ shear
        cell = structure.make_supercell(shear, to_unit_cell=True, in_place=False)
    elif kind == "supercell":
        repeats = [[2, 1, 1], [1, 2, 1], [1, 1, 2], [[1, 1, 0], [1, -1, 0], [0, 0, 1]]][random.integers(4)]
        cell = structure.make_supercell(repeats, in_place=False)
    else:
        moves = random.normal(scale=0.05, size=(len(structure), 3))
        cell = Structure(
            structure.lattice, structure.species, structure.cart_coords + moves, coords_are_cartesian=True
        )
    return f"{name}-{kind}", cell


def without_symmetry(index):
    """1 to 12 atoms of up to 4 elements in a random, often flat or skewed cell, at least 1.2 Å apart."""
    elements = random.choice(np.arange(1, 90), random.integers(1, 5), replace=False)
    while True:
        n = int(random.integers(1, 13))
        matrix = random.normal(size=(3, 3))
        volume = abs(np.linalg.det(matrix))
        if volume < 0.15:
            continue
        lattice = Lattice(matrix * (n * random.uniform(10, 30) / volume) ** (1 / 3))
        structure = Structure(lattice, random.choice(elements, n), random.uniform(size=(n, 3)))
        if len(structure.get_neighbor_list(1.2)[0]) == 0:
            return f"random-{index}", structure


def main():
    known = [*mp_20(1100), *matcalc(350)]
    told = [retold(*known[i]) for i in random.choice(len(known), 250, replace=False)]
    made = [without_symmetry(i) for i in range(300)]
    crystals = [{"id": name, **crystal_of(structure)} for name, structure in [*known, *told, *made]]
    write_fixture("crystals", ["pymatgen", "numpy"], crystals=crystals)


if __name__ == "__main__":
    main()
