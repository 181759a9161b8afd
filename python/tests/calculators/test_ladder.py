from typing import Any

import pytest
from ase.build import bulk
from ase.calculators.calculator import Calculator
from ase.calculators.emt import EMT

from assayer_executor.calculators.ladder import LadderCalculator, Rung
from assayer_executor.failures import NotConvergedError


class SelfConsistencyError(Exception):
    pass


class Stubborn(Calculator):
    """Never converges."""

    implemented_properties = ["energy", "forces", "stress"]

    def calculate(self, *_arguments: Any) -> None:
        raise SelfConsistencyError


def ladder(*calculators: type[Calculator]) -> LadderCalculator:
    rungs = [Rung(f"rung {number + 1}", calculator) for number, calculator in enumerate(calculators)]
    return LadderCalculator(rungs, lambda error: isinstance(error, SelfConsistencyError), "do this")


def test_climbs_until_one_converges_and_stays_there() -> None:
    atoms = bulk("Cu", "fcc", 3.6)
    atoms.calc = ladder(Stubborn, Stubborn, EMT)
    plain = bulk("Cu", "fcc", 3.6)
    plain.calc = EMT()
    assert atoms.get_potential_energy() == plain.get_potential_energy()
    assert (atoms.get_stress() == plain.get_stress()).all()
    atoms.positions += 0.1
    atoms.get_forces()
    assert atoms.calc.attempts == ["rung 1", "rung 2"]


def test_says_all_that_was_tried_when_no_rung_is_left() -> None:
    atoms = bulk("Cu", "fcc", 3.6)
    atoms.calc = ladder(Stubborn, Stubborn)
    with pytest.raises(NotConvergedError, match="rung 1; rung 2: do this"):
        atoms.get_potential_energy()


def test_other_errors_do_not_climb() -> None:
    atoms = bulk("Fe", "bcc", 2.87)
    atoms.calc = ladder(EMT, Stubborn)
    with pytest.raises(NotImplementedError):
        atoms.get_potential_energy()
    assert atoms.calc.attempts == []
