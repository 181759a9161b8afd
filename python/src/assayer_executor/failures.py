"""Every way to fail is one of the contract's kinds, with what to do and whether asking again makes sense."""

import errno
import re
import subprocess

from assayer_executor.contract import Failure, FailureKind, Retry


class EvaluationError(Exception):
    """An evaluation that cannot succeed as it was asked."""

    def __init__(self, kind: FailureKind, message: str, retry: Retry) -> None:
        super().__init__(message)
        self.failure = Failure(kind=kind, message=message, retry=retry)


class NotConvergedError(EvaluationError):
    """A relaxation or a self-consistent field that did not converge; other settings may help."""

    def __init__(self, message: str) -> None:
        super().__init__("notConverged", message, "otherSettings")


class BadInputError(EvaluationError):
    """A request that can never be evaluated here."""

    def __init__(self, message: str) -> None:
        super().__init__("badInput", message, "never")


class UnsafeError(EvaluationError):
    """The crystal has left what is physical."""

    def __init__(self, message: str) -> None:
        super().__init__("unsafe", message, "never")


class MissingPackageError(EvaluationError):
    """A calculator whose package or program is not on this machine."""

    def __init__(self, message: str) -> None:
        super().__init__("infrastructure", message, "same")


class Interruption(BaseException):
    """The deadline has passed or the caller cancels.

    Not an Exception: calculators catch those, and would turn the end of the time into a failure of their own.
    """

    def __init__(self, kind: FailureKind, message: str, retry: Retry) -> None:
        super().__init__(message)
        self.failure = Failure(kind=kind, message=message, retry=retry)


_LICENCE = re.compile(r"\blicen[cs]e", re.IGNORECASE)
_OUT_OF_MEMORY = re.compile(r"out of memory|cannot allocate memory|bad_alloc|can't allocate memory", re.IGNORECASE)
_NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})


def failure_of(error: BaseException) -> Failure:  # noqa: PLR0911 - one return for each cause
    """The contract's failure for whatever a calculator raised."""
    if isinstance(error, EvaluationError | Interruption):
        return error.failure
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, MemoryError) or _OUT_OF_MEMORY.search(said):
        message = f"the memory did not suffice ({said}); take a machine with more, or coarser settings"
        return Failure(kind="infrastructure", message=message, retry="otherSettings")
    if isinstance(error, OSError) and error.errno in _NO_SPACE:
        message = f"no space is left on the disk of the evaluation's folder ({said}); free some"
        return Failure(kind="infrastructure", message=message, retry="same")
    if _LICENCE.search(said):
        message = f"the calculator wants a licence: {said}; set it up, or wait until one is free"
        return Failure(kind="licence", message=message, retry="same")
    if isinstance(error, ImportError):
        message = f"a package is missing or broken: {said}; install it in the executor's environment"
        return Failure(kind="infrastructure", message=message, retry="same")
    if isinstance(error, subprocess.CalledProcessError) and error.returncode < 0:
        message = f"the program was killed by signal {-error.returncode}; look for its memory limit"
        return Failure(kind="infrastructure", message=message, retry="same")
    if isinstance(error, NotImplementedError):
        message = f"the calculator cannot do this: {said}; choose another calculator or other elements"
        return Failure(kind="badInput", message=message, retry="never")
    message = f"the calculator failed: {said}; its output is in the evaluation's folder or on standard error"
    return Failure(kind="infrastructure", message=message, retry="same")
