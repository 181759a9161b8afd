"""The Temporal worker: its activity by itself, and on a real server."""

import asyncio
import json
import os
import shutil
import signal
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from asking import make_request
from conftest import REPOSITORY

pytest.importorskip("temporalio", reason="temporalio is not installed")

from temporalio import workflow
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from assayer_executor.worker import ACTIVITY, Slots

LONG = {"properties": {"dynamicsTemperatureKelvin": "K"}, "settings": {"dynamics": {"productionFemtoseconds": 1e6}}}


@pytest.fixture(autouse=True)
def _package_for_children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "python/src"))


def children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in listed.split()]


async def heartbeat_of(environment: ActivityEnvironment, text: str) -> None:
    seen = asyncio.Event()
    environment.on_heartbeat = lambda detail: seen.set() if text in detail else None
    await asyncio.wait_for(seen.wait(), 60)


def test_one_process_serves_many_and_a_key_is_answered_once(tmp_path: Path) -> None:
    async def check() -> None:
        slots = Slots("emt", tmp_path)
        environment = ActivityEnvironment()
        first = await environment.run(slots.evaluate, make_request(key="a"))
        (process,) = children_of(os.getpid())
        again = await environment.run(slots.evaluate, make_request(key="a"))
        other = await environment.run(slots.evaluate, make_request(key="b", settings={"relax": "none"}))
        assert children_of(os.getpid()) == [process]
        assert first["status"] == other["status"] == "succeeded"
        # The cost is measured anew in every run: the same cost is the same run.
        assert again == first == json.loads((tmp_path / "a/answer.json").read_text())
        await slots.close()

    asyncio.run(check())


def test_a_killed_process_is_a_failure_to_try_again(tmp_path: Path) -> None:
    async def check() -> None:
        slots = Slots("emt", tmp_path)
        environment = ActivityEnvironment()
        running = asyncio.create_task(environment.run(slots.evaluate, make_request(**LONG)))
        await heartbeat_of(environment, "equilibration")
        (process,) = children_of(os.getpid())
        os.kill(process, signal.SIGKILL)
        failed = await running
        assert failed["failure"]["kind"] == "infrastructure"
        assert failed["failure"]["retry"] == "same"
        assert "equilibration" in failed["failure"]["message"]
        # The next evaluation has a new process, and nothing was kept of the failure.
        answer = await environment.run(slots.evaluate, make_request())
        assert answer["status"] == "succeeded"
        await slots.close()

    asyncio.run(check())


def test_cancelling_ends_the_process(tmp_path: Path) -> None:
    async def check() -> None:
        slots = Slots("emt", tmp_path)
        environment = ActivityEnvironment()
        running = asyncio.create_task(environment.run(slots.evaluate, make_request(**LONG)))
        await heartbeat_of(environment, "equilibration")
        environment.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert children_of(os.getpid()) == []

    asyncio.run(check())


@workflow.defn
class EvaluateOnce:
    @workflow.run
    async def run(self, request: dict[str, Any]) -> dict[str, Any]:
        return await workflow.execute_activity(
            ACTIVITY,
            request,
            task_queue="executor-ase-emt",
            start_to_close_timeout=timedelta(minutes=2),
            heartbeat_timeout=timedelta(seconds=30),
        )


def temporal_program() -> str | None:
    cache = Path(os.environ.get("ASSAYER_CACHE", Path.home() / ".cache/assayer"))
    return shutil.which("temporal") or next(map(str, sorted(cache.glob("temporal-*/temporal"))), None)


@pytest.mark.skipif(temporal_program() is None, reason="there is no Temporal server: npm run setup gets it")
def test_a_workflow_is_answered_on_a_real_server(tmp_path: Path) -> None:
    async def check() -> None:
        slots = Slots("emt", tmp_path)
        async with (
            await WorkflowEnvironment.start_local(dev_server_existing_path=temporal_program()) as environment,
            Worker(environment.client, task_queue="executor-ase-emt", activities=[slots.evaluate]),
            Worker(
                environment.client,
                task_queue="test",
                workflows=[EvaluateOnce],
                workflow_runner=UnsandboxedWorkflowRunner(),
            ),
        ):
            answer = await environment.client.execute_workflow(
                EvaluateOnce.run, make_request(), id="copper", task_queue="test"
            )
        assert answer["values"]["energyEvPerAtom"]["value"] == pytest.approx(-0.0070, abs=2e-4)
        await slots.close()

    asyncio.run(check())
