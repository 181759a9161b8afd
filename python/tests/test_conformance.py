"""The conformance suite of the clone, on this executor."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import REPOSITORY

PROGRAM = REPOSITORY / "dist/src/cli/main.js"


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node on PATH")
@pytest.mark.skipif(not PROGRAM.exists(), reason="the clone is not built: npm run setup builds it")
def test_emt_conforms(tmp_path: Path) -> None:
    ran = subprocess.run(
        ["node", str(PROGRAM), "executor", "test", "--", sys.executable, "-P", "-m", "assayer_executor", "emt"],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "python/src"), "ASSAYER_HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
