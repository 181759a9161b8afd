"""The command as any transport runs it: a process, JSON on standard input and output."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from asking import COPPER, request_line
from conftest import REPOSITORY

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(REPOSITORY / "python/src"), "PYTHONSAFEPATH": "1"}
FE = {**COPPER, "atomicNumbers": [26]}


def start(folder: Path, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "assayer_executor", *words],
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder: Path, *words: str, given: str) -> tuple[int, str, str]:
    process = start(folder, *words)
    out, err = process.communicate(given, timeout=120)
    return process.returncode, out, err


def evaluate(folder: Path, calculator: str = "emt", **changes: Any) -> dict[str, Any]:
    code, out, err = run(folder, calculator, "evaluate", given=request_line(**changes))
    assert code == 0, err
    assert out.count("\n") == 1
    return json.loads(out)


def test_describe_says_what_emt_is(tmp_path: Path) -> None:
    code, out, _ = run(tmp_path, "emt", "describe", given="{}")
    description = json.loads(out)
    assert code == 0
    assert description["name"] == "ase-emt"
    assert description["elements"] == ["Al", "Cu", "Ag", "Au", "Ni", "Pd", "Pt"]
    assert description["properties"]["pressureGpa"] == "GPa"
    assert "bandGapEv" not in description["properties"]
    assert "ase-3.29.0" in description["version"]


@pytest.mark.parametrize(
    ("calculator", "settings", "said"),
    [
        ("emt", '{"maxForce": 1}', "settings.maxForce: Extra inputs are not permitted"),
        ("emt", '{"calculator": {"cutoff": 1}}', "settings.calculator.cutoff: Extra inputs"),
        ("emt", "[]", "one JSON object"),
        ("emt", "{", "no JSON"),
        ("no-such", "{}", "there is no preset and no ASE calculator 'no-such'"),
        ("octopus", '{"calculator": {"fidelityy": "x"}}', "settings.calculator.fidelityy"),
    ],
)
def test_describe_refuses_with_a_sentence(tmp_path: Path, calculator: str, settings: str, said: str) -> None:
    code, out, err = run(tmp_path, calculator, "describe", given=settings)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_what_costs_much_is_offered_where_the_settings_ask_for_it(tmp_path: Path) -> None:
    def offered(settings: str) -> set[str]:
        return set(json.loads(run(tmp_path, "emt", "describe", given=settings)[1])["properties"])

    more = offered('{"elasticity": {}, "dynamics": {}}') - offered("{}")
    assert more == {
        "bulkModulusGpa",
        "shearModulusGpa",
        "dynamicsEnergyEvPerAtom",
        "dynamicsTemperatureKelvin",
        "meanSquareDisplacementAngstrom2",
    }


def test_evaluate_relaxes_and_measures(tmp_path: Path) -> None:
    wanted = {"energyEvPerAtom": "eV/atom", "bulkModulusGpa": "GPa", "lowestPhononFrequencyThz": "THz"}
    settings = {"elasticity": {}, "phonons": {"supercellLengthAngstrom": 4}}
    answer = evaluate(tmp_path, properties=wanted, settings=settings)
    assert answer["status"] == "succeeded"
    assert set(answer["values"]) == set(wanted)
    assert answer["values"]["energyEvPerAtom"]["value"] == pytest.approx(-0.0070, abs=2e-4)
    assert answer["values"]["bulkModulusGpa"]["value"] == pytest.approx(134, abs=2)
    assert answer["convergence"]["converged"]
    assert answer["cost"]["coreSeconds"] > 0
    assert {part["name"] for part in answer["software"]} == {"assayer-executor", "ase"}
    for artefact in answer["artefacts"]:
        assert (tmp_path / artefact["path"]).stat().st_size > 0


def test_the_same_request_has_the_same_answer(tmp_path: Path) -> None:
    first, second = (evaluate(tmp_path) for _ in range(2))
    assert first["values"] == second["values"]
    assert first["relaxedCrystal"] == second["relaxedCrystal"]


def test_a_calculator_of_ase_by_name(tmp_path: Path) -> None:
    # 8.61 ε an atom is the lattice sum of the face-centred Lennard-Jones crystal at its minimum.
    argon = {**COPPER, "latticeAngstrom": [0, 2.63, 2.63, 2.63, 0, 2.63, 2.63, 2.63, 0], "atomicNumbers": [18]}
    settings = {"calculator": {"parameters": {"sigma": 3.4, "epsilon": 0.0104, "rc": 17}, "fidelity": "lj-ar"}}
    answer = evaluate(tmp_path, "lj", crystal=argon, settings=settings, fidelity="lj-ar")
    assert answer["status"] == "succeeded"
    assert answer["values"]["energyEvPerAtom"]["value"] / 0.0104 == pytest.approx(-8.61, rel=0.02)


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"crystal": FE}, "badInput", "it cannot evaluate Fe"),
        ({"properties": {"energyEvPerAtom": "Ry"}}, "badInput", "ask for it in eV/atom"),
        ({"properties": {"bandGapEv": "eV"}}, "badInput", "gives no bandGapEv"),
        ({"properties": {"bulkModulusGpa": "GPa"}}, "badInput", "where the settings hold elasticity: {}"),
        ({"fidelity": "pbe"}, "badInput", "'pbe' is asked for"),
        ({"settings": {"maxSteps": 0}}, "badInput", "settings.maxSteps"),
        ({"crystal": {**COPPER, "latticeAngstrom": [0] * 9}}, "badInput", "less than any crystal"),
        ({"crystal": {**COPPER, "atomicNumbers": [29, 29]}}, "badInput", "give 3 per atom"),
        ({"settings": {"maxSteps": 1, "maxStressEvPerAngstrom3": 1e-9}}, "notConverged", "raise maxSteps"),
        ({"deadlineSeconds": 0.001}, "outOfTime", "within the deadline of 0.001 s"),
    ],
)
def test_every_failure_is_an_answer(tmp_path: Path, changes: dict[str, Any], kind: str, said: str) -> None:
    answer = evaluate(tmp_path, **changes)
    assert answer["status"] == "failed"
    assert answer["failure"]["kind"] == kind
    assert said in answer["failure"]["message"]


def test_a_request_without_a_key_gets_no_answer(tmp_path: Path) -> None:
    code, out, err = run(tmp_path, "emt", "evaluate", given='{"contractVersion": 1}')
    assert (code, out) == (2, "")
    assert "breaks the contract" in err


def test_serve_answers_line_by_line_with_one_loaded_model(tmp_path: Path) -> None:
    lines = [
        request_line(key="first"),
        "noise",
        request_line(key="bad", crystal=FE),
        request_line(key="third", settings={"relax": "none"}),
    ]
    code, out, err = run(tmp_path, "emt", "serve", given="\n".join(lines) + "\n")
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [(answer["key"], answer["status"]) for answer in answers] == [
        ("first", "succeeded"),
        ("bad", "failed"),
        ("third", "succeeded"),
    ]
    assert "breaks the contract" in err
    assert (tmp_path / "first/final.extxyz").exists()
    assert (tmp_path / "third/final.extxyz").exists()


def test_sigterm_cancels_with_an_answer(tmp_path: Path) -> None:
    process = start(tmp_path, "emt", "serve")
    settings = {"dynamics": {"productionFemtoseconds": 1e6}}
    wanted = {"dynamicsTemperatureKelvin": "K"}
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(request_line(properties=wanted, settings=settings) + "\n")
    process.stdin.flush()
    while "equilibration" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    answer = json.loads(out)
    assert answer["failure"]["kind"] == "cancelled"
    assert answer["failure"]["retry"] == "same"
    assert process.returncode == 0


def test_what_libraries_print_is_not_in_the_answers(tmp_path: Path) -> None:
    script = (
        "import os, sys, ctypes\n"
        "from assayer_executor import command, evaluation\n"
        "plain = evaluation.Evaluator.describe\n"
        "def noisy(self, settings):\n"
        "    print('noise from Python')\n"
        "    os.write(1, b'noise from C\\n')\n"
        "    return plain(self, settings)\n"
        "evaluation.Evaluator.describe = noisy\n"
        "sys.exit(command.main(['emt', 'describe']))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        input="{}",
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        cwd=tmp_path,
        check=True,
    )
    assert json.loads(ran.stdout)["name"] == "ase-emt"
    assert "noise from Python" in ran.stderr
    assert "noise from C" in ran.stderr
