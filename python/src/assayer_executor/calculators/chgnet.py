"""CHGNet: a universal potential whose weights come in its package."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from ase import Atoms
from ase.calculators.calculator import BaseCalculator
from ase.data import chemical_symbols
from pydantic import Field

from assayer_executor.calculators.preset import Preset, Traits, Workplace, ase_software, package_version
from assayer_executor.contract import Software
from assayer_executor.settings import SettingsModel

HEAVIEST_ATOMIC_NUMBER = 94


class ChgnetSettings(SettingsModel):
    """Which of the package's models, and where it runs."""

    model: Literal["0.3.0", "0.2.0", "r2scan"] = "0.3.0"
    device: Annotated[str, Field(pattern=r"^(cpu|cuda|mps)$")] = "cpu"


class ChgnetPreset(Preset[ChgnetSettings]):
    """CHGNet (Deng et al. 2023): energies, forces, stresses and site moments."""

    name = "chgnet"
    settings_model = ChgnetSettings

    def traits(self, settings: ChgnetSettings) -> Traits:
        """The elements up to plutonium."""
        return Traits(
            fidelity=f"chgnet-{settings.model}",
            software=(
                Software(name="chgnet", version=package_version("chgnet", "chgnet", self.name)),
                Software(name="torch", version=package_version("torch", "chgnet", self.name)),
                ase_software(),
            ),
            gives=frozenset({"energy", "forces", "stress", "magmoms"}),
            elements=tuple(chemical_symbols[1 : HEAVIEST_ATOMIC_NUMBER + 1]),
            batch_size=4,
            core_seconds_of_10_atoms=2.0,
        )

    def load(self, settings: ChgnetSettings) -> None:
        """PyTorch and the model."""
        _load(settings.model, settings.device)

    def calculator(self, settings: ChgnetSettings, atoms: Atoms, workplace: Workplace) -> BaseCalculator:  # noqa: ARG002
        """A calculator on the model that is loaded once."""
        from chgnet.model.dynamics import CHGNetCalculator

        model = _load(settings.model, settings.device)
        return CHGNetCalculator(model, use_device=settings.device, on_isolated_atoms="ignore")


@lru_cache(maxsize=2)
def _load(model: str, device: str) -> Any:  # noqa: ANN401 - chgnet is loaded where it is used
    from chgnet.model.model import CHGNet

    return CHGNet.load(model_name=model, use_device=device, verbose=False)
