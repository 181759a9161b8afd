"""Evaluates requests of the contract with one calculator preset."""

import os
from pathlib import Path
from typing import Any

from ase.data import chemical_symbols
from pydantic import ValidationError

from assayer_executor import __version__
from assayer_executor.calculators.preset import Preset, Traits, Workplace
from assayer_executor.contract import (
    Convergence,
    Cost,
    EvaluationRequest,
    ExecutorDescription,
    FailedAnswer,
    Software,
    SucceededAnswer,
    explain,
)
from assayer_executor.crystals import to_atoms, to_crystal
from assayer_executor.failures import BadInputError, Interruption, failure_of
from assayer_executor.limits import Watch
from assayer_executor.measurement import Measurement
from assayer_executor.properties import offered, why_not
from assayer_executor.settings import Settings

PHYSICS_VERSION = "1"
"""Part of every key: a new one whenever the same request may get another answer from this package."""


class Evaluator:
    """One calculator preset, whose models stay loaded from one request to the next."""

    def __init__(self, preset: Preset[Any]) -> None:
        self._preset = preset

    def describe(self, given: dict[str, Any]) -> ExecutorDescription:
        """What this executor is with a campaign's settings.

        Raises BadInputError for settings that are wrong, MissingPackageError when the calculator is not installed.
        """
        settings, _, traits = self._read(given)
        versions = (f"{part.name}-{part.version}" for part in traits.software)
        seconds = traits.core_seconds_of_10_atoms
        return ExecutorDescription(
            name=f"ase-{self._preset.name}",
            version="+".join([PHYSICS_VERSION, *versions]),
            fidelity=traits.fidelity,
            properties=offered(traits.gives, settings),
            elements=traits.elements,
            max_atoms=traits.max_atoms,
            batch_size=traits.batch_size,
            cost_estimate=None if seconds is None else Cost(core_seconds=seconds),
        )

    def evaluate(self, request: EvaluationRequest, folder: Path, watch: Watch) -> SucceededAnswer | FailedAnswer:
        """Evaluate in a folder, where an earlier attempt may have left something. A failure is an answer as well."""
        started = _core_seconds()
        software: tuple[Software, ...] = (Software(name="assayer-executor", version=__version__),)
        try:
            settings, own, traits = self._read(request.settings)
            software = (*software, *traits.software)
            _check(request, settings, traits)
            atoms = to_atoms(request.crystal)
            self._preset.load(own)
            measurement = Measurement(self._preset, settings, own, Workplace(folder, watch))
            with watch.enforced():
                relaxation = measurement.take(atoms, frozenset(request.properties), request.seed)
        except (Exception, Interruption) as error:
            return FailedAnswer(
                key=request.key,
                failure=failure_of(error),
                cost=Cost(core_seconds=_core_seconds() - started),
                software=software,
            )
        residual = relaxation.residual
        return SucceededAnswer(
            key=request.key,
            values={name: measurement.values[name] for name in request.properties},
            relaxed_crystal=None if settings.relax == "none" else to_crystal(relaxation.atoms),
            convergence=Convergence(
                converged=True,
                steps=relaxation.steps,
                max_force_ev_per_angstrom=residual.max_force_ev_per_angstrom,
                max_stress_ev_per_angstrom3=residual.max_stress_ev_per_angstrom3,
            ),
            artefacts=tuple(measurement.artefacts),
            cost=Cost(core_seconds=_core_seconds() - started),
            software=software,
        )

    def _read(self, given: dict[str, Any]) -> tuple[Settings, Any, Traits]:
        try:
            settings = Settings.model_validate(given)
        except ValidationError as error:
            raise BadInputError(f"settings.{explain(error)}") from error
        try:
            own = self._preset.parse(settings.calculator)
        except ValidationError as error:
            raise BadInputError(f"settings.calculator.{explain(error)}") from error
        return settings, own, self._preset.traits(own)


def _check(request: EvaluationRequest, settings: Settings, traits: Traits) -> None:
    """Raise BadInputError for what this calculator cannot give, before anything is computed."""
    if request.fidelity != traits.fidelity:
        raise BadInputError(
            f"'{request.fidelity}' is asked for, with these settings it is '{traits.fidelity}': change one of them"
        )
    given = offered(traits.gives, settings)
    for name, unit in request.properties.items():
        if name not in given:
            raise BadInputError(why_not(name, traits.gives, settings))
        if given[name] != unit:
            raise BadInputError(f"{name} is asked in {unit}; ask for it in {given[name]}")
    atoms = len(request.crystal.atomic_numbers)
    if atoms > traits.max_atoms:
        raise BadInputError(f"{atoms} atoms are more than the {traits.max_atoms} that it takes")
    if traits.elements is not None:
        symbols = {chemical_symbols[number] for number in request.crystal.atomic_numbers}
        unknown = sorted(symbols - set(traits.elements))
        if unknown:
            raise BadInputError(f"it cannot evaluate {', '.join(unknown)}; it knows {', '.join(traits.elements)}")


def _core_seconds() -> float:
    """Processor time of this process and its ended children so far."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
