"""Calculators by name: presets with sane defaults, and everything else that ASE knows."""

from typing import Any

from assayer_executor.calculators.chgnet import ChgnetPreset
from assayer_executor.calculators.emt import EmtPreset
from assayer_executor.calculators.espresso import EspressoPreset
from assayer_executor.calculators.gpaw import GpawPreset
from assayer_executor.calculators.named import NamedPreset
from assayer_executor.calculators.preset import Preset
from assayer_executor.calculators.universal import UNIVERSAL_PRESETS

PRESETS: dict[str, Preset[Any]] = {
    preset.name: preset for preset in (EmtPreset(), ChgnetPreset(), GpawPreset(), EspressoPreset(), *UNIVERSAL_PRESETS)
}


def find_preset(name: str) -> Preset[Any]:
    """The preset, or ASE's calculator, of that name; raises ValueError that lists what there is."""
    if name in PRESETS:
        return PRESETS[name]
    try:
        return NamedPreset(name)
    except ValueError as error:
        raise ValueError(f"{error}. The presets are {', '.join(PRESETS)}") from None
