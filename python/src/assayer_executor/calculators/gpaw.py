"""GPAW: density functional theory with plane waves and the projector-augmented wave method."""

import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from ase import Atoms
from ase.calculators.calculator import BaseCalculator

from assayer_executor.calculators.electrons import ElectronicSettings, k_point_grid, starting_moments
from assayer_executor.calculators.ladder import LadderCalculator, Rung
from assayer_executor.calculators.preset import Preset, Traits, Workplace, ase_software, package_version
from assayer_executor.contract import Software
from assayer_executor.failures import MissingPackageError

RUNGS: tuple[tuple[str, dict[str, Any], int], ...] = (
    ("GPAW's own mixing", {}, 1),
    ("density mixing 0.05", {"mixer": {"backend": "pulay", "beta": 0.05, "nmaxold": 5, "weight": 50}}, 2),
    (
        "density mixing 0.02 and four Davidson iterations a step",
        {
            "mixer": {"backend": "pulay", "beta": 0.02, "nmaxold": 8, "weight": 100},
            "eigensolver": {"name": "davidson", "niter": 4},
        },
        2,
    ),
)
"""What is tried, its parameters, and how many times the iterations it may take."""


class GpawSettings(ElectronicSettings):
    """GPAW in plane waves."""

    functional: Literal["PBE", "LDA", "RPBE"] = "PBE"
    """Those that GPAW computes itself and has setups for, with or without libxc."""


class GpawPreset(Preset[GpawSettings]):
    """GPAW (Mortensen et al. 2024), with restart from the density of an interrupted run."""

    name = "gpaw"
    settings_model = GpawSettings

    def traits(self, settings: GpawSettings) -> Traits:
        """Every element that GPAW has a setup for."""
        found = package_version("gpaw", "gpaw", self.name)
        if find_spec("_gpaw") is None:
            raise MissingPackageError("GPAW is installed without its compiled part: install it with a C++ compiler")
        return Traits(
            fidelity=settings.functional.lower(),
            software=(
                Software(name="gpaw", version=found),
                Software(name="gpaw-data", version=package_version("gpaw-data", "gpaw", self.name)),
                ase_software(),
            ),
            gives=frozenset({"energy", "forces", "stress", "magmom", "magmoms", "eigenvalues"}),
            max_atoms=100,
            core_seconds_of_10_atoms=3600.0,
        )

    def load(self, settings: GpawSettings) -> None:  # noqa: ARG002
        """GPAW itself."""
        import gpaw  # noqa: F401

    def calculator(self, settings: GpawSettings, atoms: Atoms, workplace: Workplace) -> BaseCalculator:
        """A calculator that climbs the ladder when it does not converge."""
        from gpaw import GPAW, KohnShamConvergenceError

        moments = starting_moments(settings, atoms)
        grid = k_point_grid(settings, atoms)
        # Relaxation, strained cells and supercells follow one another in one folder: a checkpoint says what it is of.
        checkpoint = workplace.folder / f"density-{len(atoms)}-{'x'.join(map(str, grid))}.gpw"
        parameters: dict[str, Any] = {
            "mode": {"name": "pw", "ecut": settings.cutoff_ev},
            "xc": settings.functional,
            "kpts": {"size": grid, "gamma": True},
            "occupations": {"name": "fermi-dirac", "width": settings.smearing_ev},
            "spinpol": moments is not None,
        }
        if moments is not None:
            parameters["magmoms"] = moments

        def rung(number: int) -> Rung:
            description, own, patience = RUNGS[number]
            maxiter = patience * settings.max_scf_iterations
            log = workplace.folder / f"gpaw-{number + 1}.txt"

            def start() -> BaseCalculator:
                # A later rung starts anew: the density that the first left did not converge.
                calculator = _restarted(checkpoint, log) if number == 0 else None
                if calculator is None:
                    calculator = GPAW(**parameters, **own, maxiter=maxiter, txt=str(log))
                _keep_checkpoints(calculator, checkpoint, workplace)
                return calculator

            return Rung(f"{description} in {maxiter} iterations", start)

        return LadderCalculator(
            [rung(number) for number in range(len(RUNGS))],
            lambda error: isinstance(error, KohnShamConvergenceError),
            "raise smearingEv or maxScfIterations, or start from other magnetic moments",
        )

    def eigenvalues(self, calculator: BaseCalculator) -> tuple[Any, float]:
        """Of the last self-consistent field, shape (spins, k-points, bands)."""
        assert isinstance(calculator, LadderCalculator)  # noqa: S101 - this preset's calculator is one
        inner: Any = calculator.inner
        return inner.eigenvalues(), inner.get_fermi_level()


def _keep_checkpoints(calculator: Any, checkpoint: Path, workplace: Workplace) -> None:  # noqa: ANN401 - no types
    """Write density and wave functions now and then while it iterates, for the next attempt to start from."""
    written = time.monotonic()

    def after_step(context: Any) -> None:  # noqa: ANN401
        nonlocal written
        workplace.watch.progress(f"iteration {context.niter} of the self-consistent field")
        if time.monotonic() - written < workplace.seconds_between_checkpoints:
            return
        partial = checkpoint.with_suffix(".partial")
        calculator.write(partial, mode="all")
        partial.replace(checkpoint)
        written = time.monotonic()
        workplace.watch.resumable = True

    calculator.hooks["scf_step"] = after_step


def _restarted(checkpoint: Path, log: Path) -> Any:  # noqa: ANN401 - gpaw has no types
    if not checkpoint.exists():
        return None
    from gpaw import GPAW

    try:
        return GPAW(str(checkpoint), txt=str(log))
    except Exception:
        checkpoint.unlink()
        return None
