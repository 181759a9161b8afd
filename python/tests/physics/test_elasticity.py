"""Against energies, equations of state, closed formulas, pymatgen and experiment."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.eos import EquationOfState
from ase.units import GPa

from assayer_executor.failures import UnsafeError
from assayer_executor.physics.elasticity import elastic_tensor_gpa, polycrystal_moduli, strain
from assayer_executor.physics.relaxation import relax
from assayer_executor.settings import ElasticitySettings, Settings


def silent(_detail: str) -> None:
    pass


def relaxed(atoms: Atoms) -> Atoms:
    atoms.calc = EMT()
    return relax(atoms, Settings(max_stress_ev_per_angstrom3=1e-6), progress=silent).atoms


def tensor_of(atoms: Atoms) -> np.ndarray:
    return elastic_tensor_gpa(atoms, ElasticitySettings(), max_steps=200, progress=silent)


# Overton and Gaffney, Phys. Rev. 98, 969 (1955), at 0 K; Neighbours and Alers, Phys. Rev. 111, 707 (1958), at 0 K.
MEASURED_GPA = {"Cu": (176.2, 124.9, 81.8), "Ag": (131.5, 97.3, 51.1)}


@pytest.mark.parametrize("metal", ["Cu", "Ag"])
def test_emt_comes_near_the_measured_constants_that_it_was_fitted_to(metal: str) -> None:
    tensor = tensor_of(relaxed(bulk(metal, "fcc", cubic=False)))
    c11, c12 = tensor[:3, :3].diagonal().mean(), tensor[[0, 0, 1], [1, 2, 2]].mean()
    c44 = tensor.diagonal()[3:].mean()
    np.testing.assert_allclose([c11, c12, c44], MEASURED_GPA[metal], rtol=0.15)


def test_constants_are_second_derivatives_of_the_energy() -> None:
    atoms = relaxed(bulk("Cu", "fcc", cubic=True))
    tensor = tensor_of(atoms)
    for component in (0, 3):
        amount = 0.005
        energies = []
        for sign in (-1, 0, 1):
            strained = strain(atoms, component, sign * amount)
            strained.calc = EMT()
            energies.append(strained.get_potential_energy())
        curvature = (energies[0] - 2 * energies[1] + energies[2]) / amount**2 / atoms.get_volume() / GPa
        assert tensor[component, component] == pytest.approx(curvature, rel=0.01)


def test_the_bulk_modulus_is_that_of_the_equation_of_state() -> None:
    atoms = relaxed(bulk("Cu", "fcc", cubic=False))
    volumes, energies = [], []
    for scale in np.linspace(0.99, 1.01, 7):
        scaled = atoms.copy()
        scaled.set_cell(atoms.cell * scale, scale_atoms=True)
        scaled.calc = EMT()
        volumes.append(scaled.get_volume())
        energies.append(scaled.get_potential_energy())
    expected = EquationOfState(volumes, energies, eos="birchmurnaghan").fit()[2] / GPa
    assert polycrystal_moduli(tensor_of(atoms)).bulk_gpa == pytest.approx(expected, rel=0.01)


def test_atoms_give_way_inside_a_strained_cell() -> None:
    # An hcp crystal has atoms that its symmetry leaves free under shear: without them c66 comes out too stiff.
    atoms = relaxed(bulk("Cu", "hcp", 2.55, c=4.16))
    c66 = tensor_of(atoms)[5, 5]
    stresses = []
    for sign in (1, -1):
        clamped = strain(atoms, 5, sign * 0.005)
        clamped.calc = EMT()
        stresses.append(clamped.get_stress()[5])
    assert c66 < 0.99 * (stresses[0] - stresses[1]) / 0.01 / GPa


def test_moduli_of_an_isotropic_tensor_are_its_own() -> None:
    bulk_gpa, shear_gpa = 70.0, 26.0
    tensor = np.zeros((6, 6))
    tensor[:3, :3] = bulk_gpa - 2 * shear_gpa / 3
    tensor[np.diag_indices(6)] = [bulk_gpa + 4 * shear_gpa / 3] * 3 + [shear_gpa] * 3
    found = polycrystal_moduli(tensor)
    assert (found.bulk_gpa, found.shear_gpa) == pytest.approx((bulk_gpa, shear_gpa))


def test_moduli_without_symmetry_are_those_of_pymatgen() -> None:
    elasticity = pytest.importorskip("pymatgen.analysis.elasticity", reason="pymatgen comes with chgnet")
    noise = np.random.default_rng(1).normal(size=(6, 6))
    tensor = np.diag([200.0, 180, 220, 70, 60, 80]) + 40 * (np.arange(6) < 3)[:, None] * (np.arange(6) < 3)
    tensor += 4 * (noise + noise.T)
    found = polycrystal_moduli(tensor)
    theirs = elasticity.ElasticTensor.from_voigt(tensor)
    assert (found.bulk_gpa, found.shear_gpa) == pytest.approx((theirs.k_vrh, theirs.g_vrh), rel=1e-6)


def test_a_crystal_that_gives_way_has_no_moduli() -> None:
    atoms = bulk("Cu", "bcc", 2.87)
    atoms.calc = EMT()
    with pytest.raises(UnsafeError, match="gives way"):
        polycrystal_moduli(tensor_of(atoms))
