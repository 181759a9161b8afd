"""Formulas, oxidation states and composition rules as pymatgen and SMACT have them.

Oxidation states: Composition.oxi_state_guesses of the reduced compositions of the varied crystals. SMACT: smact_validity of
those and of random compositions, with each list of oxidation states, with and without its two other rules.
"""

from collections import Counter

import numpy as np
from pymatgen.core import Composition, Element
from smact.screening import smact_validity

from reference import crystals, rows, structure_of, write_fixture

random = np.random.default_rng(20261122)


def formulas_of_crystals():
    cells = {structure_of(crystal).composition.formula.replace(" ", "") for crystal in crystals()}
    return sorted(cells)


def formulas():
    mp_20 = {row["pretty_formula"] for part in ("val", "test") for row in rows(f"mp_20_biternary/{part}.csv.gz")}
    varied = formulas_of_crystals()
    by_hand = ["Fe0.5Ni0.5", "K4[Fe(CN)6]", "{(Al)2Cu}2Ni", "Fe 2 O 3", "Fe2Fe", "Mg(Al(OH)4)2", "H2O", "Li2O2", "XeArHe"]
    found = [*sorted(mp_20), *varied, *by_hand]
    compositions = [Composition(formula) for formula in found]
    write_fixture(
        "formulas",
        ["pymatgen"],
        given=found,
        written=[c.formula.replace(" ", "") for c in compositions],
        reduced=[c.reduced_formula for c in compositions],
        anonymous=[c.anonymized_formula for c in compositions],
    )


def guess(composition):
    """The first five guesses' average states, how many there are in all, and how many share the best score."""
    guesses = composition.oxi_state_guesses(max_sites=-1)
    return [len(guesses), [{el: round(state, 6) for el, state in guess.items()} for guess in guesses[:5]]]


def oxidation_states():
    reduced = sorted({Composition(formula).reduced_formula for formula in formulas_of_crystals()})
    # Enumeration of all combinations: beyond some 30 atoms it takes minutes a formula.
    reduced = [formula for formula in reduced if Composition(formula).reduced_composition.num_atoms <= 30]
    guesses = [guess(Composition(formula)) for formula in reduced]
    write_fixture("oxidation-states", ["pymatgen"], formulas=reduced, guesses=guesses)


def random_formula():
    """2 to 5 elements, half of the time one of them an anion, with counts as crystals have them."""
    symbols = [Element.from_Z(z).symbol for z in random.choice(np.arange(1, 104), random.integers(2, 6), replace=False)]
    if random.random() < 0.7:
        symbols[-1] = str(random.choice(["O", "F", "S", "Cl", "N", "Se", "H"]))
    counts = Counter()
    for symbol in symbols:
        counts[symbol] += int(random.integers(1, 9))
    return "".join(f"{symbol}{count}" for symbol, count in counts.items())


LISTS = {"icsd24-consensus": None, "icsd24": "icsd24", "smact14": "smact14"}


def verdicts(formula):
    """One digit for each list: 1 valid, +2 valid without alloys, +4 valid without the Pauling test."""

    def valid(name, **rules):
        return smact_validity(formula, oxidation_states_set=LISTS[name], **rules)

    return "".join(
        str(valid(name) + 2 * valid(name, include_alloys=False) + 4 * valid(name, use_pauling_test=False)) for name in LISTS
    )


def smact():
    found = formulas_of_crystals() + [random_formula() for _ in range(4000)]
    write_fixture("smact", ["SMACT"], lists=list(LISTS), formulas=found, verdicts=[verdicts(formula) for formula in found])


if __name__ == "__main__":
    formulas()
    smact()
    oxidation_states()
