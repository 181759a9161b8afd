"""`assayer-executor CALCULATOR describe|evaluate|serve`: the executor contract on standard input and output."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from assayer_executor.contract import FailedAnswer, SucceededAnswer
    from assayer_executor.evaluation import Evaluator

BAD_USE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit code."""
    parser = argparse.ArgumentParser(
        prog="assayer-executor",
        description="Evaluates crystals for Assayer with an ASE calculator; see docs/python.md.",
    )
    parser.add_argument(
        "calculator",
        help="emt, chgnet, gpaw, espresso, mace, mattersim, orb, sevennet, or any ASE calculator",
    )
    parser.add_argument("word", choices=("describe", "evaluate", "serve"))
    given = parser.parse_args(arguments)
    # Evaluations run side by side: one core each, unless the environment says otherwise. Read when numpy loads.
    for library in ("OMP", "OPENBLAS", "MKL"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")

    from assayer_executor.calculators import find_preset
    from assayer_executor.evaluation import Evaluator

    try:
        evaluator = Evaluator(find_preset(given.calculator))
    except ValueError as error:
        return _refuse(str(error))
    with _only_answers_on_stdout() as answers:
        if given.word == "describe":
            return _describe(evaluator, answers)
        return _serve(evaluator, answers) if given.word == "serve" else _evaluate(evaluator, answers)


def _describe(evaluator: "Evaluator", answers: TextIO) -> int:
    from assayer_executor.failures import EvaluationError

    try:
        settings = json.loads(sys.stdin.read() or "{}")
        if not isinstance(settings, dict):
            return _refuse("give the campaign's settings as one JSON object on standard input")
        answers.write(f"{evaluator.describe(settings).to_json()}\n")
    except ValueError as error:
        return _refuse(f"the settings on standard input are no JSON: {error}")
    except EvaluationError as error:
        return _refuse(str(error))
    return 0


def _evaluate(evaluator: "Evaluator", answers: TextIO) -> int:
    answer = _answer(evaluator, sys.stdin.read(), own_folder=True)
    if isinstance(answer, str):
        return _refuse(answer)
    answers.write(f"{answer.to_json()}\n")
    return 0


def _serve(evaluator: "Evaluator", answers: TextIO) -> int:
    for line in sys.stdin:
        if not line.strip():
            continue
        answer = _answer(evaluator, line, own_folder=False)
        if isinstance(answer, str):
            _refuse(answer)
            continue
        answers.write(f"{answer.to_json()}\n")
        answers.flush()
        if answer.status == "failed" and answer.failure.kind == "cancelled":
            return 0
    return 0


def _answer(evaluator: "Evaluator", text: str, *, own_folder: bool) -> "SucceededAnswer | FailedAnswer | str":
    """The answer to one request; a sentence when the request does not even tell whom to answer."""
    from pydantic import ValidationError

    from assayer_executor.contract import EvaluationRequest, FailedAnswer, Failure, explain
    from assayer_executor.limits import Watch

    try:
        request = EvaluationRequest.model_validate_json(text)
    except ValidationError as error:
        said = f"the request breaks the contract: {explain(error)}"
        key = _key_of(text)
        if key is None:
            return said
        return FailedAnswer(key=key, failure=Failure(kind="badInput", message=said, retry="never"))
    folder = Path() if own_folder else Path(request.key)
    folder.mkdir(exist_ok=True)
    watch = Watch(request.key, request.deadline_seconds)
    with watch.enforced():
        return evaluator.evaluate(request, folder, watch)


def _key_of(text: str) -> str | None:
    """The key of a request that breaks the contract elsewhere."""
    from pydantic import TypeAdapter, ValidationError

    from assayer_executor.contract import Key

    try:
        return TypeAdapter(Key).validate_python(json.loads(text)["key"], strict=True)
    except (ValueError, TypeError, KeyError, ValidationError):
        return None


def _refuse(message: str) -> int:
    sys.stderr.write(f"assayer-executor: {message}\n")
    return BAD_USE


@contextmanager
def _only_answers_on_stdout() -> Iterator[TextIO]:
    """A stream to standard output; whatever else prints there, compiled code as well, goes to standard error."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with os.fdopen(os.dup(kept), "w", encoding="utf-8") as answers:
            yield answers
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
