"""What every calculator preset gives."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Generic, TypeVar

from ase import Atoms
from ase.calculators.calculator import BaseCalculator

from assayer_executor.contract import Software
from assayer_executor.failures import MissingPackageError
from assayer_executor.limits import Watch
from assayer_executor.settings import SettingsModel

S = TypeVar("S", bound=SettingsModel)


@dataclass(frozen=True)
class Traits:
    """What a calculator with given settings can do, known without loading it."""

    fidelity: str
    software: tuple[Software, ...]
    """The first is the one that computes."""
    gives: frozenset[str] = frozenset({"energy", "forces", "stress"})
    """Of energy, forces, stress, magmom (of the cell), magmoms (of the sites), eigenvalues."""
    elements: tuple[str, ...] | None = None
    max_atoms: int = 500
    batch_size: int = 1
    core_seconds_of_10_atoms: float | None = None


@dataclass(frozen=True)
class Workplace:
    """Where a calculator may leave files, and whom it tells how far it is."""

    folder: Path
    watch: Watch
    seconds_between_checkpoints: float = field(default=30.0)


class Preset(ABC, Generic[S]):
    """A calculator with its settings."""

    name: str
    settings_model: type[S]

    def parse(self, given: dict[str, Any]) -> S:
        """Check a campaign's settings of the calculator; raises pydantic's ValidationError."""
        return self.settings_model.model_validate(given)

    @abstractmethod
    def traits(self, settings: S) -> Traits:
        """What it can do; raises MissingPackageError with the remedy when it is not installed."""

    def load(self, settings: S) -> None:
        """Load what takes long, once: while it does, a signal ends the process at once."""

    @abstractmethod
    def calculator(self, settings: S, atoms: Atoms, workplace: Workplace) -> BaseCalculator:
        """Give a calculator for these atoms and others of the same cell, strained or relaxed."""

    def eigenvalues(self, calculator: BaseCalculator) -> tuple[Any, float]:
        """Eigenvalues in eV, shape (spins, k-points, bands), and the Fermi level in eV; where traits say so."""
        raise NotImplementedError(f"{self.name} has no eigenvalues ({type(calculator).__name__})")


def package_version(package: str, extra: str, preset: str) -> str:
    """Version of an installed package; raises MissingPackageError that names the extra to install."""
    try:
        return version(package)
    except PackageNotFoundError:
        raise MissingPackageError(
            f"{preset} needs the package {package}: pip install 'assayer-executor[{extra}]'"
        ) from None


def ase_software() -> Software:
    """ASE with its version."""
    return Software(name="ase", version=version("ase"))
