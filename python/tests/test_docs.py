"""Every block of docs/python.md runs, or is checked."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from conftest import REPOSITORY

GUIDE = (REPOSITORY / "docs/python.md").read_text()
BLOCKS = re.findall(r"```([^\n]*)\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """One where assayer-executor is on the PATH."""
    program = tmp_path / "bin/assayer-executor"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m assayer_executor "$@"\n')
    program.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(REPOSITORY / "python/src"),
    }


def blocks(kind: str) -> list[str]:
    return [text for info, text in BLOCKS if info == kind]


def test_every_block_is_of_a_kind_that_is_checked() -> None:
    checked = {"sh", "sh assayer", "sh help", "sh install", "json chgnet", "json gpaw", "json lj"}
    assert {info for info, _ in BLOCKS} == checked


@pytest.mark.parametrize("script", blocks("sh"))
def test_commands_run(script: str, tmp_path: Path, environment: dict[str, str]) -> None:
    ran = subprocess.run(
        ["sh", "-euc", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    described, answered = (json.loads(line) for line in ran.stdout.splitlines())
    assert described["name"] == "ase-emt"
    assert answered["status"] == "succeeded"
    assert answered["values"]["bulkModulusGpa"]["value"] == pytest.approx(134, abs=2)


@pytest.mark.parametrize(("calculator", "package"), [("chgnet", "chgnet"), ("gpaw", "_gpaw"), ("lj", "ase")])
def test_settings_are_taken(calculator: str, package: str, tmp_path: Path, environment: dict[str, str]) -> None:
    if find_spec(package) is None:
        pytest.skip(f"{calculator} is not installed")
    (settings,) = blocks(f"json {calculator}")
    ran = subprocess.run(
        ["assayer-executor", calculator, "describe"],
        input=settings,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ran.stdout)["contractVersion"] == 1


def test_the_defaults_are_those_of_the_guide() -> None:
    from assayer_executor.calculators.chgnet import ChgnetSettings
    from assayer_executor.calculators.gpaw import GpawSettings
    from assayer_executor.settings import DynamicsSettings, ElasticitySettings, PhononSettings, Settings

    (told,) = map(json.loads, blocks("json chgnet"))
    assert ChgnetSettings.model_validate(told.pop("calculator")) == ChgnetSettings()
    assert ElasticitySettings.model_validate(told.pop("elasticity")) == ElasticitySettings()
    assert PhononSettings.model_validate(told.pop("phonons")) == PhononSettings()
    assert DynamicsSettings.model_validate(told.pop("dynamics")) == DynamicsSettings()
    assert Settings.model_validate(told) == Settings()
    (gpaw,) = map(json.loads, blocks("json gpaw"))
    assert GpawSettings.model_validate(gpaw["calculator"]) == GpawSettings()


@pytest.mark.parametrize("script", blocks("sh help"))
def test_words_and_options_exist(script: str, environment: dict[str, str]) -> None:
    words = script.split()
    told = subprocess.run([words[0], "--help"], env=environment, capture_output=True, text=True, check=True).stdout
    for word in words[2:]:
        if word.startswith("--") or word == "worker":
            assert word in told


def test_extras_exist() -> None:
    project = (REPOSITORY / "python/pyproject.toml").read_text()
    for extra in re.findall(r"\[([a-z,]+)\]'", "\n".join(blocks("sh install"))):
        for name in extra.split(","):
            assert re.search(rf"^{name} = \[", project, re.MULTILINE)
