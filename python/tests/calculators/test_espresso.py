"""Real runs of pw.x with the pseudopotentials that Debian's quantum-espresso-data brings."""

import shutil
from pathlib import Path

import pytest
from ase.build import bulk

from assayer_executor.calculators import find_preset
from assayer_executor.calculators.espresso import EspressoSettings, choose_pseudopotential
from assayer_executor.calculators.preset import Workplace
from assayer_executor.failures import BadInputError, MissingPackageError, NotConvergedError
from assayer_executor.measurement import Measurement
from assayer_executor.settings import Settings

SILICON = Path("/usr/share/espresso/pseudo/Si.pbe-rrkj.UPF")
needs_program = pytest.mark.skipif(shutil.which("pw.x") is None, reason="there is no pw.x on PATH")
needs_silicon = pytest.mark.skipif(not SILICON.exists(), reason=f"there is no {SILICON}")
COARSE = {
    "cutoffEv": 200,
    "densityCutoffRatio": 4,
    "kPoints": [2, 2, 2],
    "pseudopotentials": {"Si": SILICON.name},
}


def measure(workplace: Workplace, own: dict, *wanted: str) -> Measurement:
    preset = find_preset("espresso")
    measurement = Measurement(preset, Settings(relax="none"), preset.parse(own), workplace)
    measurement.take(bulk("Si", "diamond", 5.43), frozenset(wanted), 1)
    return measurement


@needs_program
@needs_silicon
def test_silicon_has_energy_stress_and_a_gap_and_starts_from_its_density(workplace: Workplace) -> None:
    first = measure(workplace, COARSE, "bandGapEv").values
    # Two atoms with four valence electrons each: some 107 eV an atom in every norm-conserving silicon.
    assert first["energyEvPerAtom"].value == pytest.approx(-107, abs=2)
    assert 0.4 < first["bandGapEv"].value < 1.0
    output = workplace.folder / "espresso-2-2x2x2/espresso.pwo"
    afresh = output.read_text().count("iteration #")
    again = measure(workplace, COARSE).values
    assert output.read_text().count("iteration #") < afresh
    assert again["energyEvPerAtom"].value == pytest.approx(first["energyEvPerAtom"].value, abs=1e-5)


@needs_program
@needs_silicon
def test_a_ladder_without_an_end_says_what_was_tried(workplace: Workplace) -> None:
    with pytest.raises(NotConvergedError, match="mixing 0.4 in 1 iterations; local Thomas-Fermi mixing 0.2 in 2"):
        measure(workplace, {**COARSE, "maxScfIterations": 1})


def test_a_missing_program_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAYER_PW", "/no/such/pw.x")
    preset = find_preset("espresso")
    with pytest.raises(MissingPackageError, match="there is no /no/such/pw.x: install Quantum ESPRESSO"):
        preset.traits(preset.parse({}))


def test_pseudopotentials_are_chosen_by_functional_or_named(tmp_path: Path) -> None:
    for name in ("Si.pbe-rrkj.UPF", "Si.pz-vbc.UPF", "Al.pbesol-n.UPF", "O.pbe-a.UPF", "O.pbe-b.UPF"):
        (tmp_path / name).touch()
    settings = EspressoSettings()
    assert choose_pseudopotential("Si", settings, tmp_path) == "Si.pbe-rrkj.UPF"
    with pytest.raises(BadInputError, match="2 pseudopotentials of O for pbe in .*choose one of O.pbe-a.UPF, O.pbe-b"):
        choose_pseudopotential("O", settings, tmp_path)
    named = EspressoSettings(pseudopotentials={"O": "O.pbe-b.UPF", "Si": "gone.UPF"})
    assert choose_pseudopotential("O", named, tmp_path) == "O.pbe-b.UPF"
    with pytest.raises(BadInputError, match=r"there is no gone\.UPF"):
        choose_pseudopotential("Si", named, tmp_path)
    with pytest.raises(BadInputError, match="0 pseudopotentials of Al for pbe"):
        choose_pseudopotential("Al", settings, tmp_path)
