"""Universal potentials that are used where their packages and weights are installed.

Their packages fetch weights at the first use and keep them; on a machine without network, put the file there and name
it in the settings.
"""

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any

from ase import Atoms
from ase.calculators.calculator import BaseCalculator

from assayer_executor.calculators.preset import Preset, Traits, Workplace, ase_software, package_version
from assayer_executor.contract import Software
from assayer_executor.settings import SettingsModel


class UniversalSettings(SettingsModel):
    """Which model (a name that the package knows, or a file), and where it runs."""

    model: str
    device: str = "cpu"


def _mace(settings: UniversalSettings) -> BaseCalculator:
    from mace.calculators import mace_mp

    return mace_mp(model=settings.model, device=settings.device, default_dtype="float64")


def _mattersim(settings: UniversalSettings) -> BaseCalculator:
    from mattersim.forcefield import MatterSimCalculator

    return MatterSimCalculator(load_path=settings.model, device=settings.device)


def _orb(settings: UniversalSettings) -> BaseCalculator:
    from orb_models.forcefield import pretrained
    from orb_models.forcefield.calculator import ORBCalculator

    known = pretrained.ORB_PRETRAINED_MODELS
    if settings.model not in known:
        raise ValueError(f"orb-models has no model '{settings.model}'; it has {', '.join(known)}")
    return ORBCalculator(known[settings.model](device=settings.device), device=settings.device)


def _sevennet(settings: UniversalSettings) -> BaseCalculator:
    return import_module("sevenn.calculator").SevenNetCalculator(settings.model, device=settings.device)


class UniversalPreset(Preset[UniversalSettings]):
    """A universal potential of a package that may be there."""

    def __init__(
        self, name: str, package: str, default_model: str, load: Callable[[UniversalSettings], BaseCalculator]
    ) -> None:
        self.name = name
        self._package = package
        self._default_model = default_model
        self._load = lru_cache(maxsize=2)(load)
        self.settings_model = UniversalSettings

    def parse(self, given: dict[str, Any]) -> UniversalSettings:
        """The settings, with the preset's own model unless another is named."""
        return super().parse({"model": self._default_model, **given})

    def traits(self, settings: UniversalSettings) -> Traits:
        """All elements, as far as anybody says beforehand."""
        package = Software(
            name=self._package, version=package_version(self._package, self.name, f"the {self.name} preset")
        )
        return Traits(
            fidelity=f"{self.name}-{settings.model}",
            software=(package, ase_software()),
            batch_size=4,
            core_seconds_of_10_atoms=10.0,
        )

    def load(self, settings: UniversalSettings) -> None:
        """The package and its model."""
        self._load(settings)

    def calculator(self, settings: UniversalSettings, atoms: Atoms, workplace: Workplace) -> BaseCalculator:  # noqa: ARG002
        """The calculator, loaded once for each model."""
        return self._load(settings)


UNIVERSAL_PRESETS = (
    UniversalPreset("mace", "mace-torch", "medium-mpa-0", _mace),
    UniversalPreset("mattersim", "mattersim", "MatterSim-v1.0.0-1M.pth", _mattersim),
    UniversalPreset("orb", "orb-models", "orb-v3-conservative-inf-omat", _orb),
    UniversalPreset("sevennet", "sevenn", "7net-0", _sevennet),
)
