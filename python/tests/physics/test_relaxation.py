"""Against equations of state, which know nothing of optimisers."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.calculator import Calculator
from ase.calculators.emt import EMT
from ase.eos import EquationOfState

from assayer_executor.calculators.preset import Workplace
from assayer_executor.failures import BadInputError, NotConvergedError, UnsafeError
from assayer_executor.limits import Watch
from assayer_executor.physics import relaxation
from assayer_executor.physics.relaxation import Checkpoint, relax
from assayer_executor.settings import Settings


def silent(_detail: str) -> None:
    pass


def equilibrium_volume(start: Atoms) -> float:
    """Å³ per atom where a Birch-Murnaghan curve through seven energies has its minimum."""
    volumes, energies = [], []
    for scale in np.linspace(0.985, 1.015, 7):
        atoms = start.copy()
        atoms.set_cell(start.cell * scale, scale_atoms=True)
        atoms.calc = EMT()
        volumes.append(atoms.get_volume() / len(atoms))
        energies.append(atoms.get_potential_energy() / len(atoms))
    return EquationOfState(volumes, energies, eos="birchmurnaghan").fit()[0]


@pytest.mark.parametrize("optimizer", ["bfgs", "fire"])
def test_cell_and_positions_reach_the_minimum_of_the_equation_of_state(optimizer: str) -> None:
    expected = equilibrium_volume(bulk("Cu", "fcc", 3.59))
    atoms = bulk("Cu", "fcc", 3.7, cubic=True)
    atoms.rattle(0.05, seed=1)
    atoms.calc = EMT()
    found = relax(atoms, Settings(max_stress_ev_per_angstrom3=1e-5, optimizer=optimizer), progress=silent)
    assert found.atoms.get_volume() / 4 == pytest.approx(expected, rel=2e-4)
    assert found.residual.max_force_ev_per_angstrom <= 0.02
    assert found.residual.max_stress_ev_per_angstrom3 <= 1e-5
    assert found.steps > 0


def test_positions_alone_keep_the_cell() -> None:
    atoms = bulk("Cu", "fcc", 3.7, cubic=True)
    cell = atoms.cell.array.copy()
    atoms.rattle(0.05, seed=1)
    atoms.calc = EMT()
    found = relax(atoms, Settings(relax="positions"), progress=silent)
    assert (found.atoms.cell.array == cell).all()
    assert found.residual.max_force_ev_per_angstrom <= 0.02
    assert found.residual.max_stress_ev_per_angstrom3 > 0.01


def test_the_cell_alone_keeps_the_fractional_coordinates() -> None:
    atoms = bulk("CuAu", "cesiumchloride", 3.2)
    atoms.positions[1] += 0.1
    fractions = atoms.get_scaled_positions()
    atoms.calc = EMT()
    found = relax(atoms, Settings(relax="cell"), progress=silent)
    np.testing.assert_allclose(found.atoms.get_scaled_positions(), fractions, atol=1e-9)
    assert found.residual.max_stress_ev_per_angstrom3 <= 0.0005
    assert found.residual.max_force_ev_per_angstrom > 0.02


def test_too_few_steps_say_what_to_change() -> None:
    atoms = bulk("Cu", "fcc", 3.9, cubic=True)
    atoms.rattle(0.1, seed=1)
    atoms.calc = EMT()
    with pytest.raises(NotConvergedError, match="raise maxSteps") as caught:
        relax(atoms, Settings(max_steps=2), progress=silent)
    assert caught.value.failure.retry == "otherSettings"


class Shrinking(Calculator):
    """Pulls every crystal together without end."""

    implemented_properties = ["energy", "forces", "stress"]

    def calculate(self, atoms: Atoms, properties: object, changes: object) -> None:
        super().calculate(atoms, properties, changes)
        stress = np.array([1.0, 1, 1, 0, 0, 0])
        self.results = {"energy": 0.0, "forces": np.zeros((len(atoms), 3)), "stress": stress}


class Nonsense(Calculator):
    implemented_properties = ["energy", "forces"]

    def calculate(self, atoms: Atoms, properties: object, changes: object) -> None:
        super().calculate(atoms, properties, changes)
        self.results = {"energy": np.nan, "forces": np.zeros((len(atoms), 3))}


def test_a_crystal_that_collapses_is_unsafe() -> None:
    atoms = bulk("Cu", "fcc", 3.6)
    atoms.calc = Shrinking()
    with pytest.raises(UnsafeError, match="volume has changed|Å apart"):
        relax(atoms, Settings(), progress=silent)


def test_energies_that_are_not_numbers_are_unsafe() -> None:
    atoms = bulk("Cu", "fcc", 3.6)
    atoms.calc = Nonsense()
    with pytest.raises(UnsafeError, match="not numbers"):
        relax(atoms, Settings(relax="none"), progress=silent)


def test_a_cell_without_stress_cannot_be_relaxed() -> None:
    atoms = bulk("Cu", "fcc", 3.6)
    atoms.calc = Nonsense()
    atoms.calc.calculate = lambda *_: atoms.calc.results.update(energy=0.0, forces=np.zeros((1, 3)))
    with pytest.raises(BadInputError, match="no stress"):
        relax(atoms, Settings(), progress=silent)


def test_an_interrupted_relaxation_goes_on(workplace: Workplace, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relaxation, "SECONDS_BETWEEN_CHECKPOINTS", 0)
    path = workplace.folder / "relaxation.json"
    settings = Settings(max_force_ev_per_angstrom=0.001)

    def start() -> Atoms:
        atoms = bulk("Cu", "fcc", 3.8, cubic=True)
        atoms.rattle(0.1, seed=1)
        atoms.calc = EMT()
        return atoms

    with pytest.raises(NotConvergedError):
        relax(start(), Settings(max_steps=6), progress=silent, checkpoint=Checkpoint(path, watch))
    assert watch.resumable
    resumed = relax(start(), settings, progress=silent, checkpoint=Checkpoint(path, watch))
    afresh = relax(start(), settings, progress=silent)
    assert resumed.steps > 6
    assert resumed.residual.energy_ev_per_atom == pytest.approx(afresh.residual.energy_ev_per_atom, abs=1e-4)
