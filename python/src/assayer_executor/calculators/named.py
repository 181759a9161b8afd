"""Any calculator that ASE knows by name, with the settings that its own documentation lists."""

from typing import Annotated, Any

from ase import Atoms
from ase.calculators.calculator import BaseCalculator, get_calculator_class
from ase.calculators.names import names
from pydantic import Field

from assayer_executor.calculators.preset import Preset, Traits, Workplace, ase_software
from assayer_executor.failures import MissingPackageError
from assayer_executor.settings import SettingsModel

KNOWN_PROPERTIES = frozenset({"energy", "forces", "stress", "magmom", "magmoms"})


class NamedSettings(SettingsModel):
    """The calculator's own keywords, and what it is to be called."""

    parameters: dict[str, Any] = {}
    fidelity: str | None = None
    """Tells apart levels of theory that one calculator can be set to; its name where it is left out."""
    elements: Annotated[tuple[str, ...], Field(min_length=1)] | None = None


class NamedPreset(Preset[NamedSettings]):
    """A calculator by its ASE name, such as lj, tersoff, lammpslib, vasp or dftb."""

    settings_model = NamedSettings

    def __init__(self, name: str) -> None:
        if name not in names:
            raise ValueError(f"there is no preset and no ASE calculator '{name}'; ASE has {', '.join(names)}")
        self.name = name

    def traits(self, settings: NamedSettings) -> Traits:
        """What its class says that it implements."""
        gives = KNOWN_PROPERTIES.intersection(self._class().implemented_properties)
        return Traits(
            fidelity=settings.fidelity or self.name,
            software=(ase_software(),),
            gives=gives,
            elements=settings.elements,
        )

    def calculator(self, settings: NamedSettings, atoms: Atoms, workplace: Workplace) -> BaseCalculator:  # noqa: ARG002
        """A fresh calculator; what has files keeps them in the evaluation's folder."""
        calculator = self._class()(**settings.parameters)
        if hasattr(calculator, "directory") and "directory" not in settings.parameters:
            calculator.directory = str(workplace.folder)
        return calculator

    def _class(self) -> Any:  # noqa: ANN401 - ASE's calculators share no one type
        try:
            return get_calculator_class(self.name)
        except ImportError as error:
            raise MissingPackageError(
                f"ASE's calculator {self.name} needs a package that is not there: {error}"
            ) from error
