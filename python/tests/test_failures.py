import errno
import subprocess

import pytest

from assayer_executor.failures import Interruption, NotConvergedError, UnsafeError, failure_of


@pytest.mark.parametrize(
    ("error", "kind", "retry"),
    [
        (NotConvergedError("no"), "notConverged", "otherSettings"),
        (UnsafeError("no"), "unsafe", "never"),
        (Interruption("cancelled", "stop", "same"), "cancelled", "same"),
        (MemoryError(), "infrastructure", "otherSettings"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), "infrastructure", "otherSettings"),
        (OSError(errno.ENOSPC, "No space left on device"), "infrastructure", "same"),
        (RuntimeError("No valid license was found for VASP"), "licence", "same"),
        (ModuleNotFoundError("No module named 'mace'"), "infrastructure", "same"),
        (subprocess.CalledProcessError(-9, "pw.x"), "infrastructure", "same"),
        (NotImplementedError("No EMT-potential for Fe"), "badInput", "never"),
        (ZeroDivisionError("division by zero"), "infrastructure", "same"),
    ],
)
def test_every_error_is_a_failure_of_the_contract(error: BaseException, kind: str, retry: str) -> None:
    failure = failure_of(error)
    assert (failure.kind, failure.retry) == (kind, retry)
    assert len(failure.message) > 1
