"""The package as pip installs it."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from conftest import REPOSITORY

pytestmark = pytest.mark.skipif(find_spec("setuptools") is None, reason="setuptools is not installed")


def test_pip_installs_a_command_that_answers(tmp_path: Path) -> None:
    # From a copy: pip builds a package in its folder.
    source = tmp_path / "source"
    shutil.copytree(REPOSITORY / "python", source, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    installed = tmp_path / "installed"
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *quiet, "--target", str(installed), str(source)], check=True
    )
    assert (installed / "assayer_executor/py.typed").exists()
    ran = subprocess.run(
        [str(installed / "bin/assayer-executor"), "emt", "describe"],
        input="{}",
        env={**os.environ, "PYTHONPATH": str(installed)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"name":"ase-emt"' in ran.stdout
