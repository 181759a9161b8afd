"""How far pymatgen's StructureMatcher agrees with itself when the pairs of matching.py are told otherwise."""

from pymatgen.core.structure_matcher import StructureMatcher

from matching import PREDICTION, another_basis, distance, retold
from reference import read_fixture, structure_of, write_fixture

# The pairs that src/crystal/identity/matcher.ts answers otherwise than pymatgen.
QUESTIONED = [457, 516, 591, 621, 626, 688, 692, 797, 805, 886, 929, 995, 1444, 1783, 1834, 1855, 1929]
TELLINGS = 24


def told_otherwise(pair):
    return [retold(structure_of(pair[which]), another_basis()) for which in ("a", "b")]


def main():
    default, prediction = StructureMatcher(), StructureMatcher(**PREDICTION)
    pairs = read_fixture("matching")["pairs"]
    fit = [bool(default.fit(*told_otherwise(pair))) for pair in pairs]
    questioned = {}
    for i in QUESTIONED:
        tellings = [told_otherwise(pairs[i]) for _ in range(TELLINGS)]
        questioned[i] = {
            "fit": [bool(default.fit(*both)) for both in tellings],
            "rms": [distance(default, *both) for both in tellings],
            "predictionRms": [distance(prediction, *both) for both in tellings],
        }
    write_fixture("matching-told-otherwise", ["pymatgen", "numpy"], fit=fit, questioned=questioned)


if __name__ == "__main__":
    main()
