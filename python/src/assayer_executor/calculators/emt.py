"""Effective medium theory: seven metals in milliseconds, for trying things out."""

from ase import Atoms
from ase.calculators.calculator import BaseCalculator
from ase.calculators.emt import EMT

from assayer_executor.calculators.preset import Preset, Traits, Workplace, ase_software
from assayer_executor.settings import SettingsModel

ELEMENTS = ("Al", "Cu", "Ag", "Au", "Ni", "Pd", "Pt")


class EmtSettings(SettingsModel):
    """Nothing to set."""


class EmtPreset(Preset[EmtSettings]):
    """ASE's EMT (Jacobsen, Stoltze, Nørskov 1996)."""

    name = "emt"
    settings_model = EmtSettings

    def traits(self, settings: EmtSettings) -> Traits:  # noqa: ARG002
        """Seven metals."""
        return Traits(
            fidelity="emt",
            software=(ase_software(),),
            elements=ELEMENTS,
            batch_size=8,
            core_seconds_of_10_atoms=0.2,
        )

    def calculator(self, settings: EmtSettings, atoms: Atoms, workplace: Workplace) -> BaseCalculator:  # noqa: ARG002
        """A fresh calculator."""
        return EMT()
