"""Real self-consistent fields of one or two atoms, seconds each."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from assayer_executor.calculators import find_preset
from assayer_executor.calculators.preset import Workplace
from assayer_executor.failures import Interruption, NotConvergedError
from assayer_executor.limits import Watch
from assayer_executor.measurement import Measurement
from assayer_executor.settings import Settings

pytest.importorskip("gpaw", reason="gpaw is not installed; it needs a C++ compiler and Python's headers")
pytest.importorskip("_gpaw", reason="gpaw is installed without its compiled part")

COARSE = {"cutoffEv": 200, "kPoints": [2, 2, 2]}


def measure(atoms: Atoms, workplace: Workplace, own: dict[str, Any], *wanted: str, **settings: Any) -> Measurement:
    preset = find_preset("gpaw")
    chosen = Settings(**{"relax": "none", **settings})
    measurement = Measurement(preset, chosen, preset.parse(own), workplace)
    measurement.take(atoms, frozenset(wanted), 1)
    return measurement


def iterations(log: Path) -> int:
    return sum(line.startswith("|iter:") for line in log.read_text().splitlines())


def test_the_energy_is_gpaws_own(workplace: Workplace) -> None:
    from gpaw import GPAW

    found = measure(bulk("Al", "fcc", 4.05), workplace, COARSE).values
    atoms = bulk("Al", "fcc", 4.05)
    atoms.calc = GPAW(
        mode={"name": "pw", "ecut": 200},
        xc="PBE",
        kpts={"size": (2, 2, 2), "gamma": True},
        occupations={"name": "fermi-dirac", "width": 0.1},
        txt=None,
    )
    assert found["energyEvPerAtom"].value == pytest.approx(atoms.get_potential_energy(), abs=1e-6)
    pressure = -atoms.get_stress()[:3].mean() * 160.21766208
    assert found["pressureGpa"].value == pytest.approx(pressure, abs=1e-3)


def test_aluminium_has_the_published_volume(workplace: Workplace) -> None:
    # 16.48 Å³ for PBE; Lejaeghere et al., Science 351, aad3000 (2016). Loose, for the coarse settings.
    own = {"cutoffEv": 300, "kPoints": [5, 5, 5]}
    found = measure(bulk("Al", "fcc", 4.1), workplace, own, relax="cell", max_stress_ev_per_angstrom3=0.002)
    assert found.values["volumeAngstrom3PerAtom"].value == pytest.approx(16.48, rel=0.03)


def test_silicon_has_a_gap_and_aluminium_none(workplace: Workplace) -> None:
    silicon = measure(bulk("Si", "diamond", 5.43), workplace, COARSE, "bandGapEv").values["bandGapEv"].value
    # PBE gives 0.6 eV; the coarse grid has X, near the minimum of the conduction band.
    assert 0.4 < silicon < 1.0
    aluminium = measure(bulk("Al", "fcc", 4.05), workplace, COARSE, "bandGapEv").values["bandGapEv"].value
    assert aluminium == 0.0


def test_nickel_is_magnetic(workplace: Workplace) -> None:
    own = {"cutoffEv": 250, "kPoints": [4, 4, 4]}
    found = measure(bulk("Ni", "fcc", 3.52), workplace, own, "magneticMomentMuBPerAtom").values
    # 0.61 µB measured; a coarse grid is off by a few hundredths.
    assert found["magneticMomentMuBPerAtom"].value == pytest.approx(0.61, abs=0.1)


def test_a_field_that_does_not_converge_climbs_the_ladder(workplace: Workplace) -> None:
    reference = measure(bulk("Al", "fcc", 4.05), workplace, COARSE).values["energyEvPerAtom"].value
    needed = iterations(workplace.folder / "gpaw-1.txt")
    climbing = Workplace(workplace.folder / "climbing", workplace.watch)
    climbing.folder.mkdir()
    found = measure(bulk("Al", "fcc", 4.05), climbing, {**COARSE, "maxScfIterations": needed - 1})
    assert found.values["energyEvPerAtom"].value == pytest.approx(reference, abs=1e-4)
    assert "ladder.json" in [artefact.path for artefact in found.artefacts]


def test_a_ladder_without_an_end_says_what_was_tried(workplace: Workplace) -> None:
    with pytest.raises(NotConvergedError, match="GPAW's own mixing in 2 iterations; density mixing 0.05 in 4"):
        measure(bulk("Al", "fcc", 4.05), workplace, {**COARSE, "maxScfIterations": 2})


def test_an_interrupted_run_goes_on_from_its_density(tmp_path: Path) -> None:
    class Interrupting(Watch):
        def progress(self, detail: str) -> None:
            super().progress(detail)
            if detail.startswith("iteration 6 "):
                raise self.out_of_time()

    first = Interrupting("first", 600)
    with pytest.raises(Interruption) as caught:
        measure(bulk("Si", "diamond", 5.43), Workplace(tmp_path, first, seconds_between_checkpoints=0), COARSE)
    assert caught.value.failure.retry == "same"
    log = tmp_path / "gpaw-1.txt"
    resumed = measure(bulk("Si", "diamond", 5.43), Workplace(tmp_path, Watch("again", 600)), COARSE)
    resumed_iterations = iterations(log)

    afresh_folder = tmp_path / "afresh"
    afresh_folder.mkdir()
    afresh = measure(bulk("Si", "diamond", 5.43), Workplace(afresh_folder, Watch("afresh", 600)), COARSE)
    assert resumed_iterations < iterations(afresh_folder / "gpaw-1.txt")
    energies = [found.values["energyEvPerAtom"].value for found in (resumed, afresh)]
    np.testing.assert_allclose(energies[0], energies[1], atol=1e-4)
