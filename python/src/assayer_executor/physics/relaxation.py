"""Relaxation of positions, cell or both, to limits on forces and stress that mean what they say."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.calculators.calculator import PropertyNotImplementedError
from ase.constraints import FixAtoms
from ase.filters import FrechetCellFilter
from ase.optimize import BFGS, FIRE

from assayer_executor.crystals import check_physical
from assayer_executor.failures import BadInputError, NotConvergedError, UnsafeError
from assayer_executor.limits import Watch
from assayer_executor.settings import Settings

SECONDS_BETWEEN_CHECKPOINTS = 10.0


@dataclass(frozen=True)
class Residual:
    """What is left to relax."""

    energy_ev_per_atom: float
    max_force_ev_per_angstrom: float
    max_stress_ev_per_angstrom3: float | None
    """None when the calculator has no stress."""


@dataclass(frozen=True)
class Relaxation:
    """A relaxed crystal (its calculator attached), and how it got there."""

    atoms: Atoms
    steps: int
    residual: Residual


class Checkpoint:
    """Where a relaxation was, in a file that the next attempt starts from."""

    def __init__(self, path: Path, watch: Watch) -> None:
        self._path = path
        self._watch = watch
        self._written = time.monotonic()

    def restore(self, atoms: Atoms) -> int:
        """Put the atoms where an earlier attempt left them; the steps that it took, 0 without one."""
        try:
            kept = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return 0
        atoms.set_cell(kept["cell"])
        atoms.set_positions(kept["positions"])
        return int(kept["steps"])

    def keep(self, atoms: Atoms, steps: int) -> None:
        """Write where the atoms are, now and then."""
        if time.monotonic() - self._written < SECONDS_BETWEEN_CHECKPOINTS:
            return
        partial = self._path.with_suffix(".partial")
        cell, positions = atoms.cell.array.tolist(), atoms.positions.tolist()
        partial.write_text(json.dumps({"cell": cell, "positions": positions, "steps": steps}))
        partial.replace(self._path)
        self._written = time.monotonic()
        self._watch.resumable = True


def relax(
    atoms: Atoms,
    settings: Settings,
    *,
    progress: Callable[[str], None],
    checkpoint: Checkpoint | None = None,
) -> Relaxation:
    """Relax the atoms in place, with the calculator they have.

    Done when no force and no component of the stress (as far as they are relaxed) is above its limit. Raises
    NotConvergedError after maxSteps, UnsafeError when the crystal falls apart, BadInputError when a cell is to be
    relaxed without stress.
    """
    start_volume = atoms.get_volume()
    taken = checkpoint.restore(atoms) if checkpoint else 0
    residual = measure_residual(atoms)
    moves_cell = settings.relax in ("cell", "all")
    if moves_cell and residual.max_stress_ev_per_angstrom3 is None:
        raise BadInputError("this calculator has no stress: set relax to positions or none")
    if settings.relax == "none" or _is_relaxed(residual, settings):
        return Relaxation(atoms, taken, residual)

    if settings.relax == "cell":
        atoms.set_constraint(FixAtoms(indices=range(len(atoms))))
    target = FrechetCellFilter(atoms) if moves_cell else atoms
    optimizer = {"bfgs": BFGS, "fire": FIRE}[settings.optimizer](target, logfile=None)
    # ASE's own criterion mixes forces with stress times volume; ours is told in the settings' units.
    for _ in optimizer.irun(fmax=0, steps=settings.max_steps - taken):
        check_physical(atoms, start_volume)
        residual = measure_residual(atoms)
        steps = taken + optimizer.nsteps
        if _is_relaxed(residual, settings):
            atoms.set_constraint()
            if checkpoint:
                checkpoint.keep(atoms, steps)
            return Relaxation(atoms, steps, residual)
        if checkpoint:
            checkpoint.keep(atoms, steps)
        progress(f"step {steps}: {_describe(residual)}")
    raise NotConvergedError(
        f"not relaxed in {settings.max_steps} steps: {_describe(residual)}; raise maxSteps, set optimizer to fire, or"
        " loosen maxForceEvPerAngstrom and maxStressEvPerAngstrom3"
    )


def measure_residual(atoms: Atoms) -> Residual:
    """Energy, largest norm of a force and largest component of the stress; raises UnsafeError when not numbers."""
    energy = atoms.get_potential_energy() / len(atoms)
    force = float(np.linalg.norm(atoms.get_forces(apply_constraint=False), axis=1).max())
    try:
        stress = float(np.abs(atoms.get_stress(apply_constraint=False)).max())
    except (PropertyNotImplementedError, NotImplementedError):
        stress = None
    if not np.isfinite([energy, force, stress or 0.0]).all():
        raise UnsafeError("the calculator's energy, forces or stress are not numbers for this crystal")
    return Residual(float(energy), force, stress)


def _is_relaxed(residual: Residual, settings: Settings) -> bool:
    stress = residual.max_stress_ev_per_angstrom3
    forces_are = settings.relax == "cell" or residual.max_force_ev_per_angstrom <= settings.max_force_ev_per_angstrom
    stress_is = settings.relax == "positions" or (stress is not None and stress <= settings.max_stress_ev_per_angstrom3)
    return forces_are and stress_is


def _describe(residual: Residual) -> str:
    stress = residual.max_stress_ev_per_angstrom3
    shown = "" if stress is None else f", stress {stress:.5f} eV/Å³"
    return f"{residual.energy_ev_per_atom:.4f} eV/atom, force {residual.max_force_ev_per_angstrom:.3f} eV/Å{shown}"
