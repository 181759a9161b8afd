"""`assayer-executor CALCULATOR describe|evaluate|serve`: the executor contract on standard input and output.

`assayer-executor CALCULATOR worker` serves a Temporal task queue instead.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from assayer_executor.contract import FailedAnswer, SucceededAnswer
    from assayer_executor.evaluation import Evaluator

BAD_USE = 2
STARTED = time.monotonic()
"""Before the packages that take seconds to load: the deadline of `evaluate` runs from here."""


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
    parser.add_argument("word", choices=("describe", "evaluate", "serve", "worker"))
    of_worker = parser.add_argument_group("of worker", "the server is that of TEMPORAL_ADDRESS and its kin")
    of_worker.add_argument("--task-queue", help="default: executor-ase-CALCULATOR")
    of_worker.add_argument("--slots", type=int, default=1, help="evaluations that run at once (1)")
    of_worker.add_argument("--folder", type=Path, default=Path("evaluations"), help="holds one folder for each key")
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
    if given.word == "worker":
        return _work(given)
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


def _work(given: argparse.Namespace) -> int:
    try:
        from temporalio.client import Client
        from temporalio.envconfig import ClientConfigProfile

        from assayer_executor.worker import run_worker
    except ImportError:
        return _refuse("the worker needs the package temporalio: pip install 'assayer-executor[temporal]'")

    async def work() -> None:
        config = ClientConfigProfile.load().to_client_connect_config()
        config.setdefault("target_host", "localhost:7233")
        task_queue = given.task_queue or f"executor-ase-{given.calculator}"
        client = await Client.connect(**config)
        sys.stderr.write(f"serving {task_queue} at {config['target_host']} with {given.slots} slots\n")
        await run_worker(
            client, calculator=given.calculator, task_queue=task_queue, folder=given.folder, slots=given.slots
        )

    try:
        asyncio.run(work())
    except KeyboardInterrupt:
        return 0
    except RuntimeError as error:
        return _refuse(f"the Temporal server cannot be reached: {error}; set TEMPORAL_ADDRESS")
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
    watch = Watch(request.key, request.deadline_seconds, started=STARTED if own_folder else None)
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
