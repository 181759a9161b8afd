"""The deadline and cancellation of one evaluation."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from assayer_executor.failures import Interruption

SECONDS_BETWEEN_NEWS = 1.0


class Watch:
    """Ends an evaluation at its deadline or when it is cancelled, and tells on standard error how it goes."""

    def __init__(self, key: str, deadline_seconds: float, *, started: float | None = None) -> None:
        """`started` is when the deadline began to run, by time.monotonic(); now where it is left out."""
        self._key = key
        self._deadline_seconds = deadline_seconds
        self._started = time.monotonic() if started is None else started
        self._told = 0.0
        self.resumable = False
        """Whether what is done so far is kept, so that asking again goes on from there."""

    def progress(self, detail: str) -> None:
        """Say how far it is, at most once a second; raise an Interruption after the deadline."""
        now = time.monotonic()
        if self._seconds_left() <= 0:
            raise self.out_of_time()
        if now - self._told >= SECONDS_BETWEEN_NEWS:
            self._told = now
            sys.stderr.write(f"{self._key[:12]}: {detail}\n")
            sys.stderr.flush()

    def out_of_time(self) -> Interruption:
        """The interruption at the deadline, with what to do."""
        passed = f"not done within the deadline of {self._deadline_seconds:g} s"
        if self.resumable:
            return Interruption("outOfTime", f"{passed}; asked again, it goes on from where it was", "same")
        return Interruption("outOfTime", f"{passed}; give more time or cheaper settings", "otherSettings")

    @contextmanager
    def enforced(self) -> Iterator[None]:
        """Interrupt whatever runs inside at the deadline, and at SIGTERM or SIGINT; for the main thread."""

        def at_deadline(_signal: int, _frame: FrameType | None) -> None:
            raise self.out_of_time()

        def at_cancel(_signal: int, _frame: FrameType | None) -> None:
            # A caller ends what is late as well.
            late = self._seconds_left() <= 0
            raise self.out_of_time() if late else Interruption("cancelled", "cancelled by the caller", "same")

        handlers = {signal.SIGALRM: at_deadline, signal.SIGTERM: at_cancel, signal.SIGINT: at_cancel}
        earlier = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        # A timer of 0 would never ring.
        signal.setitimer(signal.ITIMER_REAL, max(self._seconds_left(), 0.001))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in earlier.items():
                signal.signal(number, handler)

    def _seconds_left(self) -> float:
        return self._started + self._deadline_seconds - time.monotonic()
