"""Fixtures, and the counts that the clone's `npm test` adds to its own."""

import json
import os
from pathlib import Path

import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT

from assayer_executor.calculators.preset import Workplace
from assayer_executor.limits import Watch

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def repository() -> Path:
    return REPOSITORY


@pytest.fixture
def watch() -> Watch:
    return Watch("test", 600)


@pytest.fixture
def workplace(tmp_path: Path, watch: Watch) -> Workplace:
    return Workplace(tmp_path, watch)


@pytest.fixture
def copper() -> Atoms:
    """Copper at the lattice constant where EMT has no pressure to speak of."""
    atoms = bulk("Cu", "fcc", 3.59)
    atoms.calc = EMT()
    return atoms


class Counts:
    """What `npm test` wants to know of a run."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        self.counts: dict[str, object] = {"passed": 0, "failed": 0, "errors": 0}
        self.skipped: list[dict[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped:
            why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.skipped.append({"name": report.nodeid, "why": why.removeprefix("Skipped: ")})
        elif report.failed:
            self.counts["failed"] += 1
        elif report.when == "call":
            self.counts["passed"] += 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.counts["failed"] += 1
        elif report.skipped:
            why = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            self.skipped.append({"name": report.nodeid, "why": why.removeprefix("Skipped: ")})

    def pytest_sessionfinish(self) -> None:
        self.path.write_text(json.dumps({**self.counts, "skipped": self.skipped}))


def pytest_configure(config: pytest.Config) -> None:
    path = os.environ.get("ASSAYER_TEST_COUNTS")
    if path:
        config.pluginmanager.register(Counts(path), "assayer-counts")
