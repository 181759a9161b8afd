"""Against CHGNet called by itself, and against experiment."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk

from assayer_executor.calculators import find_preset
from assayer_executor.calculators.preset import Workplace
from assayer_executor.measurement import Measurement
from assayer_executor.physics.relaxation import relax
from assayer_executor.settings import Settings

pytest.importorskip("chgnet", reason="chgnet is not installed")


@pytest.fixture
def perovskite() -> Atoms:
    """SrTiO3, 3.905 Å; Okazaki and Kawaminami, Mater. Res. Bull. 8, 545 (1973)."""
    return Atoms(
        "SrTiO3",
        cell=[3.905] * 3,
        scaled_positions=[[0, 0, 0], [0.5, 0.5, 0.5], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]],
        pbc=True,
    )


def with_chgnet(atoms: Atoms, workplace: Workplace) -> Atoms:
    preset = find_preset("chgnet")
    atoms.calc = preset.calculator(preset.parse({}), atoms, workplace)
    return atoms


def test_energy_forces_and_stress_are_chgnets_own(perovskite: Atoms, workplace: Workplace) -> None:
    from chgnet.model.model import CHGNet
    from pymatgen.io.ase import AseAtomsAdaptor

    perovskite.rattle(0.05, seed=1)
    atoms = with_chgnet(perovskite, workplace)
    theirs = CHGNet.load(verbose=False, use_device="cpu").predict_structure(AseAtomsAdaptor.get_structure(perovskite))
    assert atoms.get_potential_energy() / len(atoms) == pytest.approx(float(theirs["e"]), abs=1e-5)
    np.testing.assert_allclose(atoms.get_forces(), theirs["f"], atol=1e-4)
    np.testing.assert_allclose(atoms.get_magnetic_moments(), theirs["m"], atol=1e-4)


def test_a_rattled_oxide_relaxes_to_its_known_lattice(perovskite: Atoms, workplace: Workplace) -> None:
    perovskite.rattle(0.03, seed=2)
    perovskite.set_cell(perovskite.cell * 1.03, scale_atoms=True)
    found = relax(with_chgnet(perovskite, workplace), Settings(), progress=lambda _: None)
    assert found.residual.max_force_ev_per_angstrom <= 0.02
    assert found.atoms.get_volume() ** (1 / 3) == pytest.approx(3.905, rel=0.02)


def test_the_model_is_loaded_once_for_many_crystals(perovskite: Atoms, workplace: Workplace) -> None:
    first = with_chgnet(perovskite, workplace).calc
    second = with_chgnet(bulk("Cu"), workplace).calc
    assert first.model is second.model


def test_site_moments_of_a_magnetic_oxide(workplace: Workplace) -> None:
    atoms = bulk("NiO", "rocksalt", 4.18)
    preset = find_preset("chgnet")
    measurement = Measurement(preset, Settings(relax="none"), preset.parse({}), workplace)
    measurement.take(atoms, frozenset({"siteMagneticMomentMuB"}), 1)
    # 1.77 to 1.9 µB on each nickel are measured; Cheetham and Hope, Phys. Rev. B 27, 6964 (1983).
    assert 0.5 < measurement.values["siteMagneticMomentMuB"].value < 1.0
