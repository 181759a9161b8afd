"""A short molecular-dynamics run at a constant temperature and volume."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.calculators.calculator import BaseCalculator
from ase.constraints import FixCom
from ase.io.trajectory import Trajectory
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import MaxwellBoltzmannDistribution, Stationary
from ase.units import fs

from assayer_executor.calculators.preset import Workplace
from assayer_executor.crystals import check_physical, supercell_repeats
from assayer_executor.settings import DynamicsSettings

BLOCKS = 8
FRAMES = 100
STEPS_BETWEEN_CHECKS = 20
TRAJECTORY = "dynamics.traj"


@dataclass(frozen=True)
class Mean:
    """A mean over the run, with the standard error of its blocks."""

    value: float
    standard_error: float


@dataclass(frozen=True)
class Dynamics:
    """What a run told."""

    potential_energy_ev_per_atom: Mean
    temperature_kelvin: Mean
    mean_square_displacement_angstrom2: Mean
    """From the mean position of each atom: finite in a solid, large where it melts."""


def run_dynamics(
    atoms: Atoms,
    settings: DynamicsSettings,
    open_calculator: Callable[[Atoms], BaseCalculator],
    *,
    seed: int,
    workplace: Workplace,
) -> Dynamics:
    """Langevin dynamics of a supercell: equilibration, then production, from which the means are.

    Same seed, same run. Raises UnsafeError when atoms collide.
    """
    supercell = atoms.repeat(supercell_repeats(atoms, settings.supercell_length_angstrom))
    supercell.calc = open_calculator(supercell)
    volume = supercell.get_volume()
    rng = np.random.default_rng(seed)
    # Half of it becomes potential energy: a harmonic crystal starts near its temperature with twice of it.
    MaxwellBoltzmannDistribution(supercell, temperature_K=2 * settings.temperature_kelvin, rng=rng)
    Stationary(supercell)
    supercell.set_constraint(FixCom())
    langevin = Langevin(
        supercell,
        settings.timestep_femtoseconds * fs,
        temperature_K=settings.temperature_kelvin,
        friction=settings.friction_per_femtosecond / fs,
        rng=rng,
        fixcm=False,
    )
    equilibration = round(settings.equilibration_femtoseconds / settings.timestep_femtoseconds)
    production = max(BLOCKS, round(settings.production_femtoseconds / settings.timestep_femtoseconds))

    def advance(step: int, of: int, phase: str) -> None:
        langevin.run(1)
        if step % STEPS_BETWEEN_CHECKS == 0:
            check_physical(supercell, volume)
        workplace.watch.progress(f"{phase}, step {step + 1} of {of}: {supercell.get_temperature():.0f} K")

    for step in range(equilibration):
        advance(step, equilibration, "equilibration")
    energies = np.empty(production)
    temperatures = np.empty(production)
    positions = np.empty((production, len(supercell), 3))
    with Trajectory(str(workplace.folder / TRAJECTORY), "w", supercell) as frames:
        for step in range(production):
            advance(step, production, "production")
            energies[step] = supercell.get_potential_energy() / len(supercell)
            temperatures[step] = supercell.get_temperature()
            positions[step] = supercell.positions - supercell.get_center_of_mass()
            if step % max(1, production // FRAMES) == 0:
                frames.write()
    squares = ((positions - positions.mean(axis=0)) ** 2).sum(axis=2).mean(axis=1)
    return Dynamics(_mean(energies), _mean(temperatures), _mean(squares))


def _mean(samples: np.ndarray) -> Mean:
    """Mean and the standard error of it from a few blocks, long enough to be nearly independent."""
    blocks = np.array([block.mean() for block in np.array_split(samples, BLOCKS)])
    return Mean(float(samples.mean()), float(blocks.std(ddof=1) / np.sqrt(BLOCKS)))
