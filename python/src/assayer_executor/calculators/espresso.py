"""Quantum ESPRESSO's pw.x, where it is installed."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from ase import Atoms
from ase.calculators.calculator import BaseCalculator, all_changes
from ase.calculators.espresso import Espresso, EspressoProfile
from ase.units import Ry

from assayer_executor.calculators.electrons import ElectronicSettings, k_point_grid, starting_moments
from assayer_executor.calculators.ladder import LadderCalculator, Rung
from assayer_executor.calculators.preset import Preset, Traits, Workplace, ase_software
from assayer_executor.contract import Software
from assayer_executor.failures import BadInputError, MissingPackageError
from assayer_executor.settings import Positive

PROGRAM_VARIABLE = "ASSAYER_PW"
"""How pw.x is run on this machine, such as 'mpirun -n 16 pw.x'."""
PSEUDO_VARIABLE = "ESPRESSO_PSEUDO"
DEFAULT_PSEUDO_FOLDER = "/usr/share/espresso/pseudo"

NOT_CONVERGED = "convergence NOT achieved"

RUNGS: tuple[tuple[str, dict[str, Any], int], ...] = (
    ("mixing 0.4", {"mixing_beta": 0.4}, 1),
    ("local Thomas-Fermi mixing 0.2", {"mixing_beta": 0.2, "mixing_mode": "local-TF"}, 2),
    ("mixing 0.1 and conjugate gradients", {"mixing_beta": 0.1, "diagonalization": "cg"}, 2),
)
"""What is tried, its parameters, and how many times the iterations it may take."""


class EspressoSettings(ElectronicSettings):
    """Plane waves and the pseudopotentials of this machine."""

    cutoff_ev: Positive = 680.0
    density_cutoff_ratio: Positive = 8.0
    """Cutoff of the density over that of the wave functions; 4 suffices for norm-conserving pseudopotentials."""
    functional: str = "pbe"
    """As the files of the pseudopotentials say it."""
    pseudopotentials: dict[str, str] = {}
    """Symbol to file, where the folder holds several of an element."""


class EspressoPreset(Preset[EspressoSettings]):
    """pw.x, with restart from the density of an interrupted run."""

    name = "espresso"
    settings_model = EspressoSettings

    def traits(self, settings: EspressoSettings) -> Traits:
        """Any element that the folder has a pseudopotential of."""
        return Traits(
            fidelity=settings.functional.lower(),
            software=(Software(name="pw.x", version=_program_version(_program())), ase_software()),
            gives=frozenset({"energy", "forces", "stress", "magmom", "magmoms", "eigenvalues"}),
            max_atoms=100,
            core_seconds_of_10_atoms=3600.0,
        )

    def calculator(self, settings: EspressoSettings, atoms: Atoms, workplace: Workplace) -> BaseCalculator:
        """A calculator that climbs the ladder when it does not converge."""
        grid = k_point_grid(settings, atoms)
        folder = workplace.folder / f"espresso-{len(atoms)}-{'x'.join(map(str, grid))}"
        pseudo_folder = Path(os.environ.get(PSEUDO_VARIABLE, DEFAULT_PSEUDO_FOLDER))
        profile = EspressoProfile(command=_program(), pseudo_dir=pseudo_folder)
        pseudopotentials = {
            symbol: choose_pseudopotential(symbol, settings, pseudo_folder) for symbol in set(atoms.symbols)
        }
        moments = starting_moments(settings, atoms)
        if moments is not None:
            atoms.set_initial_magnetic_moments(moments)

        def rung(number: int) -> Rung:
            description, own, patience = RUNGS[number]
            iterations = patience * settings.max_scf_iterations
            electrons = {**own, "electron_maxstep": iterations, "conv_thr": 1e-8 * len(atoms)}
            system = {
                "ecutwfc": settings.cutoff_ev / Ry,
                "ecutrho": settings.density_cutoff_ratio * settings.cutoff_ev / Ry,
                "occupations": "smearing",
                "smearing": "fermi-dirac",
                "degauss": settings.smearing_ev / Ry,
                **({} if moments is None else {"nspin": 2}),
            }
            control = {"tprnfor": True, "tstress": True, "verbosity": "high", "disk_io": "medium"}
            return Rung(
                f"{description} in {iterations} iterations",
                lambda: PwCalculator(
                    profile=profile,
                    directory=folder,
                    pseudopotentials=pseudopotentials,
                    kpts=grid,
                    input_data={"control": control, "system": system, "electrons": electrons},
                ),
            )

        return LadderCalculator(
            [rung(number) for number in range(len(RUNGS))],
            lambda error: isinstance(error, PwError) and error.is_not_converged,
            "raise smearingEv or maxScfIterations, or start from other magnetic moments",
        )

    def eigenvalues(self, calculator: BaseCalculator) -> tuple[Any, float]:
        """Of the last self-consistent field, shape (spins, k-points, bands)."""
        inner: Any = calculator.inner if isinstance(calculator, LadderCalculator) else calculator
        return inner.results["eigenvalues"], inner.results["fermi_level"]


class PwCalculator(Espresso):
    """ASE's calculator, started from a density that it finds, with energies at zero smearing and pw.x's own words."""

    implemented_properties = ["energy", "forces", "stress", "magmom", "magmoms"]

    def calculate(
        self,
        atoms: Atoms | None = None,
        properties: Sequence[str] = ("energy",),
        system_changes: Sequence[str] = tuple(all_changes),
    ) -> None:
        """Run pw.x; raises PwError with what it said."""
        electrons = self.parameters["input_data"]["electrons"]
        density_is_there = any(self.directory.glob("pwscf.save/charge-density.*"))
        if density_is_there:
            electrons["startingpot"] = "file"
        try:
            self._run(atoms, properties, system_changes)
        except PwError as error:
            # The density may be of another grid of a strained cell, or half written by a run that was killed.
            if not density_is_there or error.is_not_converged:
                raise
            shutil.rmtree(self.directory / "pwscf.save")
            electrons.pop("startingpot")
            self._run(atoms, properties, system_changes)

    def _run(self, atoms: Atoms | None, properties: Sequence[str], system_changes: Sequence[str]) -> None:
        output = self.directory / self.template.outputname
        output.unlink(missing_ok=True)
        try:
            super().calculate(atoms, properties, system_changes)
        except Exception as error:
            said = output.read_text(errors="replace") if output.exists() else ""
            raise PwError(said, error) from error
        said = output.read_text(errors="replace")
        if NOT_CONVERGED in said:
            raise PwError(said, None)
        self._complete(said)

    def _complete(self, said: str) -> None:
        # pw.x tells the free energy E - TS; E - TS/2 is the estimate at zero smearing (Gillan, J. Phys.: Condens.
        # Matter 1, 689, 1989).
        self.results["free_energy"] = self.results["energy"]
        entropy = _last_number(r"smearing contrib\. \(-TS\)\s*=\s*(\S+)", said)
        self.results["energy"] -= (entropy or 0.0) * Ry / 2
        self.results["magmom"] = _last_number(r"total magnetization\s*=\s*(\S+)", said) or 0.0


class PwError(Exception):
    """What pw.x said when it ended without an answer."""

    def __init__(self, said: str, error: Exception | None) -> None:
        self.is_not_converged = NOT_CONVERGED in said
        routine = re.search(r"Error in routine\s+(.+?)\s*%%%", said, re.DOTALL)
        if self.is_not_converged:
            super().__init__(f"pw.x: {NOT_CONVERGED}")
        elif routine:
            super().__init__(f"pw.x: error in routine {' '.join(routine[1].split())}")
        else:
            super().__init__(f"pw.x ended early: {error}; the end of its output is: {said[-300:].strip()}")


def choose_pseudopotential(symbol: str, settings: EspressoSettings, folder: Path) -> str:
    """File of an element's pseudopotential: the one that is named, or the only one of the functional.

    Raises BadInputError with the choice when there is none, or more than one.
    """
    named = settings.pseudopotentials.get(symbol)
    if named is not None:
        if not (folder / named).is_file():
            raise BadInputError(f"there is no {named} in {folder} ({PSEUDO_VARIABLE})")
        return named
    pattern = re.compile(rf"{symbol}[._-](?:.*[._-])?{settings.functional}(?![a-z]).*\.upf", re.IGNORECASE)
    found = sorted(file.name for file in folder.glob("*") if pattern.fullmatch(file.name))
    if len(found) == 1:
        return found[0]
    choice = f"choose one of {', '.join(found)}" if found else "put one there, or name it"
    raise BadInputError(
        f"{len(found)} pseudopotentials of {symbol} for {settings.functional} in {folder} ({PSEUDO_VARIABLE}): {choice}"
        " in settings.calculator.pseudopotentials"
    )


def _program() -> str:
    return os.environ.get(PROGRAM_VARIABLE, "pw.x")


@lru_cache(maxsize=1)
def _program_version(program: str) -> str:
    """Version that pw.x says of itself; raises MissingPackageError when it cannot be run."""
    if shutil.which(shlex.split(program)[0]) is None:
        raise MissingPackageError(
            f"there is no {program}: install Quantum ESPRESSO (apt-get install quantum-espresso), or set"
            f" {PROGRAM_VARIABLE} to how it is run"
        )
    with tempfile.TemporaryDirectory() as folder:
        ran = subprocess.run(  # noqa: S603 - the program that whoever runs the executor names
            shlex.split(program),
            input="",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=folder,
        )
    found = re.search(r"Program PWSCF\s+v\.(\S+)", ran.stdout)
    if found is None:
        raise MissingPackageError(f"{program} did not say that it is pw.x: {(ran.stderr or ran.stdout)[:200]}")
    return found[1]


def _last_number(pattern: str, text: str) -> float | None:
    found = re.findall(pattern, text)
    return float(found[-1]) if found else None
