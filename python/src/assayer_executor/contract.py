"""The executor contract, version 1, as Python reads and writes it.

The same documents as src/executors/contract.ts and docs/contract/*.schema.json; field names are the contract's in
camel case. Both sides are tested against the examples in test/fixtures/executors/contract.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

CONTRACT_VERSION: Literal[1] = 1

Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
PropertyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
Unit = Annotated[str, StringConstraints(min_length=1)]
Text = Annotated[str, StringConstraints(min_length=1)]

FailureKind = Literal["badInput", "notConverged", "outOfTime", "infrastructure", "licence", "cancelled", "unsafe"]
Retry = Literal["never", "same", "otherSettings"]


class Document(BaseModel):
    """Part of the contract: strict, without unknown fields, immutable, camel case in JSON."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, strict=True)

    def to_json(self) -> str:
        """One line of JSON; what has a default and is not known is left out."""
        return self.model_dump_json(by_alias=True, exclude_none=True)


class Crystal(Document):
    """A periodic crystal."""

    lattice_angstrom: Annotated[tuple[FiniteFloat, ...], Field(min_length=9, max_length=9)]
    """Rows a, b, c, flat, Å."""
    atomic_numbers: Annotated[tuple[Annotated[int, Field(ge=1, le=118)], ...], Field(min_length=1)]
    fractional_coordinates: Annotated[tuple[FiniteFloat, ...], Field(min_length=3)]
    """Flat, 3 per atom."""
    charge_e: FiniteFloat | None = None
    """Net charge of the cell, elementary charges."""
    oxidation_states: tuple[FiniteFloat, ...] | None = None
    """One per atom, elementary charges."""
    magnetic_moments_mu_b: tuple[FiniteFloat, ...] | None = None
    """Bohr magnetons: one per atom (collinear), or flat 3 per atom (Cartesian)."""

    @field_validator("fractional_coordinates")
    @classmethod
    def _has_three_per_atom(cls, value: tuple[float, ...], info: ValidationInfo) -> tuple[float, ...]:
        atoms = len(info.data.get("atomic_numbers", ()))
        if atoms and len(value) != 3 * atoms:
            raise ValueError(f"{len(value)} numbers for {atoms} atoms: give 3 per atom, flat")
        return value

    @model_validator(mode="after")
    def _leaves_out_rather_than_tells_null(self) -> Self:
        for name in ("charge_e", "oxidation_states", "magnetic_moments_mu_b"):
            if name in self.model_fields_set and getattr(self, name) is None:
                raise ValueError(f"{to_camel(name)} is null: leave it out when it is not known")
        return self


class EvaluationRequest(Document):
    """What is asked of an executor."""

    contract_version: Literal[1]
    key: Key
    crystal: Crystal
    properties: Annotated[dict[PropertyName, Unit], Field(min_length=1)]
    """The properties wanted, each with the unit of the answer."""
    settings: dict[str, Any]
    fidelity: Text
    deadline_seconds: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    """From now; later answers are not waited for."""
    seed: NonNegativeInt


class MeasuredValue(Document):
    """A value with its unit, and its standard deviation where that is known."""

    value: FiniteFloat
    unit: Unit
    uncertainty: NonNegativeFloat | None = None


class Failure(Document):
    """Why an evaluation failed, for a person, and whether asking again makes sense."""

    kind: FailureKind
    message: Text
    retry: Retry


class Money(Document):
    """An amount in a currency of ISO 4217."""

    amount: NonNegativeFloat
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Cost(Document):
    """What an evaluation took."""

    core_seconds: NonNegativeFloat
    money: Money | None = None


class Software(Document):
    """A program or package that the values depend on."""

    name: Text
    version: Text


class Artefact(Document):
    """A file inside the evaluation's own folder, relative to it."""

    name: Text
    path: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][^/]*(/[A-Za-z0-9_][^/]*)*$")]


class Convergence(Document):
    """How far a relaxation came."""

    converged: bool
    steps: NonNegativeInt
    """Of relaxation; 0 for a single point."""
    max_force_ev_per_angstrom: NonNegativeFloat | None = None
    max_stress_ev_per_angstrom3: NonNegativeFloat | None = None


class SucceededAnswer(Document):
    """The values of an evaluation that went well."""

    contract_version: Literal[1] = CONTRACT_VERSION
    key: Key
    status: Literal["succeeded"] = "succeeded"
    values: dict[PropertyName, MeasuredValue]
    relaxed_crystal: Crystal | None = None
    """None when nothing was relaxed."""
    convergence: Convergence | None = None
    artefacts: tuple[Artefact, ...] = ()
    cost: Cost | None = None
    software: Annotated[tuple[Software, ...], Field(min_length=1)]


class FailedAnswer(Document):
    """An evaluation that failed: a fact as well."""

    contract_version: Literal[1] = CONTRACT_VERSION
    key: Key
    status: Literal["failed"] = "failed"
    failure: Failure
    artefacts: tuple[Artefact, ...] = ()
    cost: Cost | None = None
    software: tuple[Software, ...] = ()


EvaluationAnswer = Annotated[SucceededAnswer | FailedAnswer, Field(discriminator="status")]


class ExecutorDescription(Document):
    """What an executor says of itself."""

    contract_version: Literal[1] = CONTRACT_VERSION
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,40}$")]
    version: Text
    """A new one whenever the same request may get another answer."""
    fidelity: Text
    properties: Annotated[dict[PropertyName, Unit], Field(min_length=1)]
    elements: (
        Annotated[tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z][a-z]?$")], ...], Field(min_length=1)] | None
    ) = None
    """Chemical symbols it can evaluate; None for any."""
    max_atoms: PositiveInt = 500
    batch_size: PositiveInt = 1
    concurrency: PositiveInt | None = None
    cost_estimate: Cost | None = None
    """Roughly, of one evaluation of a crystal of 10 atoms."""
    cancel_is_safe: bool = True


def explain(error: ValidationError) -> str:
    """The first thing that is wrong with a document: where, and what."""
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    return f"{path}: {first['msg']}" if path else first["msg"]


__all__ = [
    "CONTRACT_VERSION",
    "Artefact",
    "Convergence",
    "Cost",
    "Crystal",
    "EvaluationAnswer",
    "EvaluationRequest",
    "ExecutorDescription",
    "FailedAnswer",
    "Failure",
    "FailureKind",
    "MeasuredValue",
    "Money",
    "Retry",
    "Software",
    "SucceededAnswer",
    "explain",
]
