"""Against frozen phonons: the curvature of the energy along a mode that symmetry fixes."""

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.emt import EMT
from ase.units import _amu, _e

from assayer_executor.physics.phonons import phonons
from assayer_executor.settings import PhononSettings


def silent(_detail: str) -> None:
    pass


def emt(_atoms: Atoms) -> EMT:
    return EMT()


def frozen_frequency_thz(displacement: np.ndarray, atoms: Atoms) -> float:
    """From E = E0 + m ω² u² / 2 summed over atoms that all move by u Å."""
    size = 0.01
    energies = []
    for sign in (-1, 0, 1):
        moved = atoms.copy()
        moved.positions += sign * size * displacement
        moved.calc = EMT()
        energies.append(moved.get_potential_energy() / len(atoms))
    curvature_ev_per_angstrom2 = (energies[0] - 2 * energies[1] + energies[2]) / size**2
    mass = atoms.get_masses()[0]
    return float(np.sqrt(curvature_ev_per_angstrom2 * _e * 1e20 / (mass * _amu)) / (2 * np.pi) / 1e12)


def test_the_zone_boundary_of_copper_is_that_of_frozen_phonons(copper: Atoms) -> None:
    found = phonons(copper, PhononSettings(supercell_length_angstrom=8), emt, silent)
    assert found.repeats == (4, 4, 4)
    # X of the primitive cell: alternate planes of the cubic cell move against each other.
    at_x = [
        frequencies
        for vector, frequencies in zip(found.wave_vectors, found.frequencies_thz, strict=True)
        if sorted(np.abs(vector).round(6)) == [0.0, 0.5, 0.5]
    ]
    cubic = bulk("Cu", "fcc", 3.59, cubic=True)
    upper = np.where(cubic.get_scaled_positions()[:, 2:] > 0.25, 1.0, -1.0)
    longitudinal = frozen_frequency_thz(upper * [0, 0, 1], cubic)
    transverse = frozen_frequency_thz(upper * [1, 0, 0], cubic)
    np.testing.assert_allclose(at_x[0], [transverse, transverse, longitudinal], rtol=0.01)


def test_a_stable_crystal_has_no_imaginary_mode(copper: Atoms) -> None:
    # Measured: 5.0 THz (transverse) and 7.2 THz (longitudinal) at X; Svensson et al., Phys. Rev. 155, 619 (1967).
    found = phonons(copper, PhononSettings(supercell_length_angstrom=4), emt, silent)
    assert 1 < found.lowest_thz < 7.2


def test_body_centred_copper_is_unstable() -> None:
    atoms = bulk("Cu", "bcc", 2.86)
    found = phonons(atoms, PhononSettings(supercell_length_angstrom=8), emt, silent)
    assert found.lowest_thz < -0.5


def test_one_cell_knows_the_optical_modes_of_gamma() -> None:
    atoms = bulk("CuAu", "cesiumchloride", 3.02)
    found = phonons(atoms, PhononSettings(supercell_length_angstrom=3), emt, silent)
    assert found.repeats == (1, 1, 1)
    assert found.frequencies_thz.shape == (1, 6)
    assert found.lowest_thz == pytest.approx(found.frequencies_thz[0, 3], abs=0.5)
