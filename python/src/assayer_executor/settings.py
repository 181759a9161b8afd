"""What a campaign may set for this executor, whatever the calculator."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class SettingsModel(BaseModel):
    """Settings: camel case in JSON, without unknown fields, immutable."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class ElasticitySettings(SettingsModel):
    """Elastic constants by strain."""

    strain: Annotated[float, Field(gt=0, le=0.05)] = 0.005
    """Of each of the six components, up and down."""
    max_force_ev_per_angstrom: Positive = 0.005
    """Largest force when the atoms of a strained cell are relaxed."""


class PhononSettings(SettingsModel):
    """Phonons by finite displacements."""

    supercell_length_angstrom: Positive = 9.0
    """Least distance between the planes of the supercell."""
    displacement_angstrom: Annotated[float, Field(gt=0, le=0.2)] = 0.01


class DynamicsSettings(SettingsModel):
    """Molecular dynamics at a constant temperature and volume."""

    temperature_kelvin: Positive = 300.0
    timestep_femtoseconds: Annotated[float, Field(gt=0, le=10)] = 2.0
    equilibration_femtoseconds: Annotated[float, Field(ge=0)] = 1000.0
    production_femtoseconds: Positive = 2000.0
    supercell_length_angstrom: Positive = 8.0
    """Least distance between the planes of the supercell."""
    friction_per_femtosecond: Positive = 0.01


class Settings(SettingsModel):
    """All settings of one evaluation."""

    relax: Literal["none", "positions", "cell", "all"] = "all"
    """What is relaxed: nothing, the positions, the cell with the fractional coordinates kept, or both."""
    max_force_ev_per_angstrom: Positive = 0.02
    """Largest norm of a force when relaxed."""
    max_stress_ev_per_angstrom3: Positive = 0.0005
    """Largest component of the stress when relaxed."""
    max_steps: Annotated[int, Field(gt=0)] = 500
    optimizer: Literal["bfgs", "fire"] = "bfgs"
    """BFGS takes fewer steps; FIRE is steadier far from the minimum."""
    elasticity: ElasticitySettings | None = None
    """Given, also as {}, the moduli can be asked for; so with phonons and dynamics. They cost many evaluations each."""
    phonons: PhononSettings | None = None
    dynamics: DynamicsSettings | None = None
    calculator: dict[str, Any] = {}
    """What the calculator's own settings model checks."""
