"""Crystals of the contract as ASE's atoms, and back."""

import numpy as np
from ase import Atoms

from assayer_executor.contract import Crystal
from assayer_executor.failures import BadInputError, UnsafeError

LEAST_VOLUME_PER_ATOM_ANGSTROM3 = 1.0
LEAST_DISTANCE_ANGSTROM = 0.5
"""Below the shortest bond there is, 0.74 Å in H2."""
LARGEST_VOLUME_RATIO = 5.0


def to_atoms(crystal: Crystal) -> Atoms:
    """Atoms with periodic boundaries, and the initial magnetic moments (µB) where the crystal has some.

    Raises BadInputError when the cell has no volume or atoms sit on top of each other.
    """
    cell = np.reshape(crystal.lattice_angstrom, (3, 3))
    problem = _find_flatness(cell, len(crystal.atomic_numbers))
    if problem is not None:
        raise BadInputError(f"{problem}; check the lattice")
    atoms = Atoms(
        numbers=crystal.atomic_numbers,
        cell=cell,
        scaled_positions=np.reshape(crystal.fractional_coordinates, (-1, 3)),
        pbc=True,
    )
    count = len(atoms)
    if crystal.charge_e:
        raise BadInputError(f"the cell has a charge of {crystal.charge_e} e; only neutral cells are evaluated")
    moments = crystal.magnetic_moments_mu_b
    if moments is not None:
        if len(moments) not in (count, 3 * count):
            raise BadInputError(
                f"{len(moments)} magnetic moments for {count} atoms: give one per atom, or 3 per atom, flat"
            )
        atoms.set_initial_magnetic_moments(moments if len(moments) == count else np.reshape(moments, (count, 3)))
    problem = find_problem(atoms)
    if problem is not None:
        raise BadInputError(f"{problem}; check the crystal")
    return atoms


def to_crystal(atoms: Atoms) -> Crystal:
    """The crystal of periodic atoms; moments and charges are left out."""
    return Crystal(
        lattice_angstrom=tuple(atoms.cell.array.ravel().tolist()),
        fractional_coordinates=tuple(atoms.get_scaled_positions(wrap=True).ravel().tolist()),
        atomic_numbers=tuple(atoms.numbers.tolist()),
    )


def find_problem(atoms: Atoms) -> str | None:
    """Why these atoms are no crystal: no volume, or two atoms on one site. None when all is well."""
    flatness = _find_flatness(atoms.cell.array, len(atoms))
    if flatness is not None:
        return flatness
    first, second, distance = _closest(atoms)
    if distance < LEAST_DISTANCE_ANGSTROM:
        return f"atoms {first} and {second} are {distance:.3g} Å apart"
    return None


def check_physical(atoms: Atoms, start_volume_angstrom3: float) -> None:
    """Raise UnsafeError when a relaxation or a dynamics run has left what is physical."""
    if not np.isfinite(atoms.positions).all() or not np.isfinite(atoms.cell.array).all():
        raise UnsafeError("the positions are no longer numbers: the calculator broke down for this crystal")
    ratio = abs(np.linalg.det(atoms.cell.array)) / start_volume_angstrom3
    if not 1 / LARGEST_VOLUME_RATIO < ratio < LARGEST_VOLUME_RATIO:
        raise UnsafeError(f"the volume has changed by a factor of {ratio:.3g}: this crystal does not hold")
    problem = find_problem(atoms)
    if problem is not None:
        raise UnsafeError(f"{problem} after relaxing: the calculator broke down for this crystal")


def supercell_repeats(atoms: Atoms, least_length_angstrom: float) -> tuple[int, int, int]:
    """How often to repeat each lattice vector, so that the supercell's planes are at least so far apart."""
    reciprocal = np.linalg.inv(atoms.cell.array).T
    spacings = 1 / np.linalg.norm(reciprocal, axis=1)
    repeats = np.maximum(1, np.ceil(least_length_angstrom / spacings - 1e-6)).astype(int)
    return int(repeats[0]), int(repeats[1]), int(repeats[2])


def _find_flatness(cell: np.ndarray, atoms: int) -> str | None:
    volume_per_atom = abs(np.linalg.det(cell)) / atoms
    if volume_per_atom >= LEAST_VOLUME_PER_ATOM_ANGSTROM3:
        return None
    return f"the cell has {volume_per_atom:.3g} Å³ per atom, less than any crystal"


def _closest(atoms: Atoms) -> tuple[int, int, float]:
    """The two atoms (or an atom and its own image) that are closest, and their distance in Å."""
    from ase.neighborlist import neighbor_list

    first, second, distance = neighbor_list("ijd", atoms, LEAST_DISTANCE_ANGSTROM)
    if len(distance) == 0:
        return 0, 0, float("inf")
    closest = int(np.argmin(distance))
    return int(first[closest]), int(second[closest]), float(distance[closest])
