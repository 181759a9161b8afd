"""The properties that can be asked for, their units, and what a calculator must give for them."""

from dataclasses import dataclass
from typing import Literal

from assayer_executor.settings import Settings


@dataclass(frozen=True)
class Property:
    """A property by its contract name."""

    name: str
    unit: str
    needs: frozenset[str]
    """Of the calculator, as in its traits."""
    setting: Literal["elasticity", "phonons", "dynamics"] | None = None
    """What the settings must hold, since it costs much more than an energy."""


_ENERGY = frozenset({"energy"})
_FORCES = frozenset({"energy", "forces"})
_STRESS = frozenset({"energy", "forces", "stress"})

PROPERTIES = {
    known.name: known
    for known in (
        Property("energyEvPerAtom", "eV/atom", _ENERGY),
        Property("volumeAngstrom3PerAtom", "Å³/atom", _ENERGY),
        Property("densityGramPerCm3", "g/cm³", _ENERGY),
        Property("maxForceEvPerAngstrom", "eV/Å", _FORCES),
        Property("pressureGpa", "GPa", _STRESS),
        Property("bandGapEv", "eV", frozenset({"eigenvalues"})),
        Property("magneticMomentMuBPerAtom", "µB/atom", frozenset({"magmom"})),
        Property("siteMagneticMomentMuB", "µB", frozenset({"magmoms"})),
        Property("bulkModulusGpa", "GPa", _STRESS, "elasticity"),
        Property("shearModulusGpa", "GPa", _STRESS, "elasticity"),
        Property("lowestPhononFrequencyThz", "THz", _FORCES, "phonons"),
        Property("dynamicsEnergyEvPerAtom", "eV/atom", _FORCES, "dynamics"),
        Property("dynamicsTemperatureKelvin", "K", _FORCES, "dynamics"),
        Property("meanSquareDisplacementAngstrom2", "Å²", _FORCES, "dynamics"),
    )
}


def offered(gives: frozenset[str], settings: Settings) -> dict[str, str]:
    """Name and unit of all that a calculator with these abilities can be asked for with these settings."""
    return {
        known.name: known.unit
        for known in PROPERTIES.values()
        if known.needs <= gives and (known.setting is None or getattr(settings, known.setting) is not None)
    }


def why_not(name: str, gives: frozenset[str], settings: Settings) -> str:
    """Say why a property is not offered, and what to do."""
    known = PROPERTIES.get(name)
    if known is not None and known.needs <= gives:
        return f"{name} is given where the settings hold {known.setting}: {{}}"
    return f"this calculator gives no {name}; it gives {', '.join(offered(gives, settings))}"
