"""Oxidation states of every fourth varied crystal by bond valence sums, as pymatgen's BVAnalyzer assigns them."""

from pymatgen.core.bond_valence import BVAnalyzer

from reference import crystals, structure_of, write_fixture

STEP = 4


def valences(structure):
    """null where pymatgen cannot assign them."""
    try:
        return [int(state) for state in BVAnalyzer().get_valences(structure)]
    except ValueError:
        return None


def main():
    found = [valences(structure_of(crystal)) for crystal in crystals()[::STEP]]
    write_fixture("bond-valence", ["pymatgen", "spglib"], step=STEP, valences=found)


if __name__ == "__main__":
    main()
