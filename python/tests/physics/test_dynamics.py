"""Against equipartition, which holds at low temperature."""

import pytest
from ase import Atoms
from ase.calculators.emt import EMT
from ase.io import read
from ase.units import kB

from assayer_executor.calculators.preset import Workplace
from assayer_executor.physics.dynamics import Dynamics, run_dynamics
from assayer_executor.settings import DynamicsSettings

SETTINGS = DynamicsSettings(
    temperature_kelvin=100,
    timestep_femtoseconds=5,
    equilibration_femtoseconds=500,
    production_femtoseconds=1500,
    supercell_length_angstrom=5,
    friction_per_femtosecond=0.02,
)


def run(atoms: Atoms, workplace: Workplace, seed: int, settings: DynamicsSettings = SETTINGS) -> Dynamics:
    return run_dynamics(atoms, settings, lambda _: EMT(), seed=seed, workplace=workplace)


def test_energy_is_shared_equally(copper: Atoms, workplace: Workplace) -> None:
    found = run(copper, workplace, 1)
    atoms = len(read(workplace.folder / "dynamics.traj"))
    assert atoms == 27
    assert found.temperature_kelvin.value == pytest.approx(100, rel=0.2)
    # Half kT for each direction in which an atom can move; the crystal as a whole rests.
    static = copper.get_potential_energy()
    vibration = found.potential_energy_ev_per_atom.value - static
    assert vibration == pytest.approx(1.5 * kB * 100 * (atoms - 1) / atoms, rel=0.3)
    assert 0 < found.potential_energy_ev_per_atom.standard_error < 0.2 * vibration
    assert 0.001 < found.mean_square_displacement_angstrom2.value < 0.02


def test_the_same_seed_is_the_same_run(copper: Atoms, workplace: Workplace) -> None:
    short = replace_times(SETTINGS)
    first, again, other = (run(copper, workplace, seed, short) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def replace_times(settings: DynamicsSettings) -> DynamicsSettings:
    return settings.model_copy(update={"equilibration_femtoseconds": 0, "production_femtoseconds": 50})
