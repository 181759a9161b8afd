"""When pymatgen's StructureMatcher calls two crystals the same: 2,000 pairs, on both sides of its tolerances.

Materials Project crystals (CC BY 4.0; Jain et al., APL Materials 1, 011002 (2013)) and the random ones of
varied_crystals.py; every pair by the default tolerances, by those of crystal-structure prediction, and both ways round.
"""

from collections import defaultdict

import numpy as np
from pymatgen.core import Lattice, Structure
from pymatgen.core.structure_matcher import StructureMatcher

from reference import crystals, rows, structure_of, write_fixture

random = np.random.default_rng(20261122)

PREDICTION = {"ltol": 0.3, "stol": 0.5, "angle_tol": 10}


def rotation():
    q, r = np.linalg.qr(random.normal(size=(3, 3)))
    return q * np.sign(np.diag(r))


def retold(structure, cell):
    """Turned, moved, with its atoms in another order, in the cell with these integer rows."""
    told = structure.make_supercell(cell, to_unit_cell=True, in_place=False)
    order = random.permutation(len(told))
    lattice = Lattice(told.lattice.matrix @ rotation())
    coordinates = (told.frac_coords[order] + random.uniform(size=3)) % 1
    return Structure(lattice, [told[int(i)].specie for i in order], coordinates)


def another_basis():
    basis = np.eye(3, dtype=int)
    for i, j in ((0, 1), (1, 2), (2, 0)):
        step = np.eye(3, dtype=int)
        step[i, j] = random.integers(-2, 3)
        basis = step @ basis
    return basis


def larger_cell(size):
    """The rows of a Hermite normal form of this determinant, in a random basis."""
    a = random.choice([d for d in range(1, size + 1) if size % d == 0])
    e = random.choice([d for d in range(1, size // a + 1) if (size // a) % d == 0])
    upper = [[a, *random.integers(a, size=2)], [0, e, random.integers(e)], [0, 0, size // a // e]]
    return another_basis() @ np.array(upper)


def rattled(structure, normalised):
    """Each atom moved by a normal vector whose length is typically this part of (V/N)^(1/3)."""
    length = normalised * (structure.volume / len(structure)) ** (1 / 3)
    moves = random.normal(scale=length / np.sqrt(3), size=(len(structure), 3))
    return Structure(
        structure.lattice, structure.species, structure.cart_coords + moves, coords_are_cartesian=True
    )


def strained(structure, most):
    strain = random.uniform(-most, most, size=(3, 3))
    return Structure(
        Lattice(structure.lattice.matrix @ (np.eye(3) + (strain + strain.T) / 2)),
        structure.species,
        structure.frac_coords,
    )


def swapped(structure):
    """Two atoms of different elements have changed places."""
    numbers = list(structure.atomic_numbers)
    i = int(random.integers(len(numbers)))
    j = int(random.choice([k for k, z in enumerate(numbers) if z != numbers[i]]))
    numbers[i], numbers[j] = numbers[j], numbers[i]
    return Structure(structure.lattice, numbers, structure.frac_coords)


def polymorphs(count):
    """Pairs of entries of one reduced formula, each formula at most four times."""
    by_formula = defaultdict(list)
    for part in ("val", "test"):
        for row in rows(f"mp_20_biternary/{part}.csv.gz"):
            by_formula[row["pretty_formula"]].append(row)
    pairs = []
    for _, group in sorted(by_formula.items()):
        both = [(l, r) for i, l in enumerate(group) for r in group[:i]]
        pairs += [both[i] for i in random.permutation(len(both))[:4]]
    for i in random.permutation(len(pairs))[:count]:
        yield tuple(Structure.from_str(row["cif"], "cif") for row in pairs[i])


def pairs():
    known = [structure_of(crystal) for crystal in crystals()]
    small = [structure for structure in known if len(structure) <= 16]
    mixed = [structure for structure in small if structure.n_elems > 1]

    def pick(among):
        return among[random.integers(len(among))]

    for _ in range(350):
        one = pick(small)
        yield "retold", one, retold(one, another_basis())
    for _ in range(350):
        one = pick([s for s in small if len(s) <= 10])
        other = retold(one, larger_cell(int(random.integers(2, 5))))
        yield "other cell", one, rattled(other, random.uniform(0.002, 0.03)) if random.uniform() < 0.5 else other
    for _ in range(400):
        one = pick(small)
        yield "rattled", one, retold(rattled(one, 0.3 * random.uniform(0.2, 1.5)), another_basis())
    for _ in range(250):
        one = pick(small)
        yield "strained", one, retold(strained(one, random.uniform(0.02, 0.3)), another_basis())
    for one, other in polymorphs(400):
        yield "same formula", one, other
    for _ in range(250):
        one = pick(mixed)
        yield "swapped", one, retold(swapped(one), another_basis())


def rounded(structure):
    """What the fixture holds; pymatgen is asked about exactly this."""
    return {
        "latticeAngstrom": np.round(structure.lattice.matrix.ravel(), 7).tolist(),
        "fractionalCoordinates": (np.round(structure.frac_coords.ravel(), 7) % 1.0).round(7).tolist(),
        "atomicNumbers": [int(z) for z in structure.atomic_numbers],
    }


def distance(matcher, one, other):
    """The rms and the largest displacement over (V/N)^(1/3), or null."""
    found = matcher.get_rms_dist(one, other)
    return None if found is None else [round(float(x), 7) for x in found]


def verdicts(one, other):
    default = StructureMatcher()
    as_given = StructureMatcher(primitive_cell=False, attempt_supercell=True)
    return {
        "fit": bool(default.fit(one, other)),
        "reverse": bool(default.fit(other, one)),
        "unscaled": bool(StructureMatcher(scale=False).fit(one, other)),
        "supercell": bool(as_given.fit(one, other)) if max(len(one), len(other)) <= 40 else None,
        "anonymous": bool(default.fit_anonymous(one, other)),
        "rms": distance(default, one, other),
        "predictionRms": distance(StructureMatcher(**PREDICTION), one, other),
    }


def main():
    found = []
    for kind, *both in list(pairs()):
        a, b = (rounded(structure) for structure in both)
        found.append({"kind": kind, "a": a, "b": b, **verdicts(structure_of(a), structure_of(b))})
        if len(found) % 100 == 0:
            print(len(found), flush=True)
    write_fixture("matching", ["pymatgen", "numpy"], pairs=found)


if __name__ == "__main__":
    main()
