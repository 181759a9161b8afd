"""A Temporal worker: the activity `evaluate` on a task queue of its own, request in, answer out.

Every slot is a `serve` process, so that a model is loaded once, and a calculator that hangs or crashes takes nothing
else along.
"""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from assayer_executor.contract import EvaluationRequest, FailedAnswer, Failure

ACTIVITY = "evaluate"
GRACE_SECONDS = 30.0
"""What a process may take beyond the deadline, which it keeps itself, before it is ended."""
HEARTBEAT_SECONDS = 2.0
LONGEST_LINE_BYTES = 1 << 26
ANSWER_FILE = "answer.json"


@dataclass
class Server:
    """One `serve` process."""

    process: asyncio.subprocess.Process
    last_words: str = ""
    listening: asyncio.Task[None] | None = field(default=None, repr=False)

    async def ask(self, request: str) -> str | None:
        """The answer to one line; None when the process ends without one."""
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise RuntimeError("the process was started without pipes")
        try:
            stdin.write(f"{request}\n".encode())
            await stdin.drain()
        except ConnectionError:
            return None
        line = await stdout.readline()
        return line.decode() or None

    async def listen(self) -> None:
        """Keep the last line of its standard error, which tells how far it is."""
        if self.process.stderr is None:
            return
        async for line in self.process.stderr:
            self.last_words = line.decode(errors="replace").strip() or self.last_words

    async def end(self) -> None:
        """End it at once, with the programs that it runs."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()


class Slots:
    """The processes of a worker; those that are idle wait for the next request."""

    def __init__(self, calculator: str, folder: Path) -> None:
        self._calculator = calculator
        self._folder = folder
        self._idle: list[Server] = []
        self._keys: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @activity.defn(name=ACTIVITY)
    async def evaluate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Evaluate a request of the contract; a key that was answered before gets the same answer."""
        request = EvaluationRequest.model_validate_json(json.dumps(given))
        async with self._keys[request.key]:
            kept = self._folder / request.key / ANSWER_FILE
            if kept.exists():
                return json.loads(kept.read_text())
            answer = await self._run(request)
            if answer["status"] == "succeeded" or answer["failure"]["retry"] != "same":
                partial = kept.with_suffix(".partial")
                partial.parent.mkdir(exist_ok=True)
                partial.write_text(json.dumps(answer))
                partial.replace(kept)
            return answer

    async def close(self) -> None:
        """End all processes."""
        await asyncio.gather(*(server.end() for server in self._idle))

    async def _run(self, request: EvaluationRequest) -> dict[str, Any]:
        server = self._idle.pop() if self._idle else await self._start()
        asking = asyncio.create_task(server.ask(request.to_json()))
        beating = asyncio.create_task(_beat(server))
        line: str | None = None
        try:
            line = await asyncio.wait_for(asking, request.deadline_seconds + GRACE_SECONDS)
        except TimeoutError:
            message = f"no answer within the deadline of {request.deadline_seconds:g} s; its process was ended"
            return _failed(request, Failure(kind="outOfTime", message=message, retry="otherSettings"))
        finally:
            beating.cancel()
            # A process that was cancelled in the middle, or is gone, serves nobody else.
            if line is None:
                await server.end()
            else:
                self._idle.append(server)
        if line is None:
            message = f"the calculator's process ended without an answer; its last words: {server.last_words or 'none'}"
            return _failed(request, Failure(kind="infrastructure", message=message, retry="same"))
        return json.loads(line)

    async def _start(self) -> Server:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "assayer_executor", self._calculator, "serve"),
            cwd=self._folder,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE_BYTES,
            start_new_session=True,
        )
        server = Server(process)
        server.listening = asyncio.create_task(server.listen())
        return server


async def run_worker(client: Client, *, calculator: str, task_queue: str, folder: Path, slots: int) -> None:
    """Serve a task queue until cancelled. Evaluations have their folders, named by their keys, in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pool = Slots(calculator, folder.resolve())
    try:
        async with Worker(client, task_queue=task_queue, activities=[pool.evaluate], max_concurrent_activities=slots):
            await asyncio.Event().wait()
    finally:
        await pool.close()


async def _beat(server: Server) -> None:
    while True:
        activity.heartbeat(server.last_words)
        await asyncio.sleep(HEARTBEAT_SECONDS)


def _failed(request: EvaluationRequest, failure: Failure) -> dict[str, Any]:
    return json.loads(FailedAnswer(key=request.key, failure=failure).to_json())
