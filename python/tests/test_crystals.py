import numpy as np
import pytest
from ase import Atoms

from assayer_executor.contract import Crystal
from assayer_executor.crystals import check_physical, supercell_repeats, to_atoms, to_crystal
from assayer_executor.failures import BadInputError, UnsafeError

ROCK_SALT = {
    "lattice_angstrom": (0, 2.8, 2.8, 2.8, 0, 2.8, 2.8, 2.8, 0),
    "fractional_coordinates": (0, 0, 0, 0.5, 0.5, 0.5),
    "atomic_numbers": (11, 17),
}


def test_a_crystal_survives_the_way_to_atoms_and_back() -> None:
    crystal = Crystal(**ROCK_SALT)
    atoms = to_atoms(crystal)
    assert atoms.get_chemical_formula() == "ClNa"
    assert atoms.pbc.all()
    # Half the cubic edge of 5.6 Å.
    assert atoms.get_distance(0, 1, mic=True) == pytest.approx(2.8)
    back = to_crystal(atoms)
    assert back.atomic_numbers == crystal.atomic_numbers
    np.testing.assert_allclose(back.lattice_angstrom, crystal.lattice_angstrom)
    np.testing.assert_allclose(back.fractional_coordinates, crystal.fractional_coordinates, atol=1e-12)


def test_magnetic_moments_start_the_atoms() -> None:
    atoms = to_atoms(Crystal(**ROCK_SALT, magnetic_moments_mu_b=(2.0, -1.0)))
    assert atoms.get_initial_magnetic_moments().tolist() == [2.0, -1.0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lattice_angstrom": (1, 0, 0, 0, 1, 0, 1, 1, 0)}, "0 Å³ per atom"),
        ({"fractional_coordinates": (0, 0, 0, 0, 0, 0.001)}, "atoms 0 and 1 are"),
        ({"fractional_coordinates": (0, 0, 0, 1, 1, 1)}, "0 Å apart"),
        ({"charge_e": 1.0}, "only neutral"),
        ({"magnetic_moments_mu_b": (1.0, 2.0, 3.0)}, "3 magnetic moments for 2 atoms"),
    ],
)
def test_what_is_no_crystal_is_refused(changes: dict, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        to_atoms(Crystal(**{**ROCK_SALT, **changes}))


def test_supercells_are_measured_between_planes_not_along_edges() -> None:
    # Edges of 10 Å at 30° to each other: the planes are 5 Å apart.
    skewed = Atoms("Cu", cell=[[10, 0, 0], [10 * np.cos(np.pi / 6), 5, 0], [0, 0, 4]], pbc=True)
    assert supercell_repeats(skewed, 10) == (2, 2, 3)
    assert supercell_repeats(skewed, 5) == (1, 1, 2)


def test_a_crystal_that_fell_apart_is_unsafe() -> None:
    atoms = to_atoms(Crystal(**ROCK_SALT))
    volume = atoms.get_volume()
    check_physical(atoms, volume)
    with pytest.raises(UnsafeError, match="factor of"):
        check_physical(atoms, volume / 6)
    atoms.positions[0] = np.nan
    with pytest.raises(UnsafeError, match="no longer numbers"):
        check_physical(atoms, volume)
