"""The properties that can be asked for, their units, and what a calculator must give for them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Property:
    """A property by its contract name."""

    name: str
    unit: str
    needs: frozenset[str]
    """Of the calculator, as in its traits."""


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
        Property("bulkModulusGpa", "GPa", _STRESS),
        Property("shearModulusGpa", "GPa", _STRESS),
        Property("lowestPhononFrequencyThz", "THz", _FORCES),
        Property("dynamicsEnergyEvPerAtom", "eV/atom", _FORCES),
        Property("dynamicsTemperatureKelvin", "K", _FORCES),
        Property("meanSquareDisplacementAngstrom2", "Å²", _FORCES),
    )
}

ELASTIC = frozenset({"bulkModulusGpa", "shearModulusGpa"})
DYNAMIC = frozenset({"dynamicsEnergyEvPerAtom", "dynamicsTemperatureKelvin", "meanSquareDisplacementAngstrom2"})


def offered(gives: frozenset[str]) -> dict[str, str]:
    """Name and unit of every property that a calculator with these abilities can be asked for."""
    return {known.name: known.unit for known in PROPERTIES.values() if known.needs <= gives}
