"""Phonons by finite displacements."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.calculators.calculator import BaseCalculator

from assayer_executor.crystals import supercell_repeats
from assayer_executor.settings import PhononSettings

ACOUSTIC = 3


@dataclass(frozen=True)
class Phonons:
    """Frequencies at the wave vectors that fit the supercell, where finite displacements are exact."""

    repeats: tuple[int, int, int]
    wave_vectors: np.ndarray
    """Fractions of the reciprocal lattice, shape (q, 3), one of each symmetric set."""
    frequencies_thz: np.ndarray
    """Shape (q, 3 atoms), ascending; imaginary ones are negative."""

    @property
    def lowest_thz(self) -> float:
        """Lowest frequency without the three translations of the whole crystal, THz; negative when unstable."""
        frequencies = self.frequencies_thz.copy()
        gamma = int(np.argmin(np.linalg.norm(self.wave_vectors, axis=1)))
        translations = np.argsort(np.abs(frequencies[gamma]))[:ACOUSTIC]
        frequencies[gamma, translations] = np.inf
        return float(frequencies.min())


def phonons(
    atoms: Atoms,
    settings: PhononSettings,
    open_calculator: Callable[[Atoms], BaseCalculator],
    progress: Callable[[str], None],
) -> Phonons:
    """Phonons of relaxed atoms, from the forces of as few displaced supercells as their symmetry allows.

    Symmetry and force constants by phonopy (Togo, J. Phys. Soc. Jpn. 92, 012001, 2023). `open_calculator` gives the
    calculator for a supercell.
    """
    from phonopy import Phonopy
    from phonopy.structure.atoms import PhonopyAtoms

    repeats = supercell_repeats(atoms, settings.supercell_length_angstrom)
    moments = atoms.get_initial_magnetic_moments()
    unit_cell = PhonopyAtoms(
        numbers=atoms.numbers,
        cell=atoms.cell.array,
        scaled_positions=atoms.get_scaled_positions(),
        magnetic_moments=moments if moments.any() else None,
    )
    phonopy = Phonopy(unit_cell, supercell_matrix=np.diag(repeats), primitive_matrix=np.eye(3))
    phonopy.generate_displacements(distance=settings.displacement_angstrom)
    cells = phonopy.supercells_with_displacements
    if not cells:
        raise RuntimeError("phonopy found no displacement")
    calculator = open_calculator(_to_atoms(phonopy.supercell))
    forces = []
    for number, cell in enumerate(cells):
        progress(f"displacement {number + 1} of {len(cells)} in {len(cell)} atoms")
        displaced = _to_atoms(cell)
        displaced.calc = calculator
        forces.append(displaced.get_forces())
    phonopy.forces = np.array(forces)
    phonopy.produce_force_constants()
    phonopy.symmetrize_force_constants()
    phonopy.run_mesh(repeats, is_gamma_center=True)
    mesh = phonopy.get_mesh_dict()
    return Phonons(repeats, np.array(mesh["qpoints"]), np.array(mesh["frequencies"]))


def _to_atoms(cell: object) -> Atoms:
    supercell = Atoms(
        numbers=cell.numbers,  # type: ignore[attr-defined]
        cell=cell.cell,  # type: ignore[attr-defined]
        scaled_positions=cell.scaled_positions,  # type: ignore[attr-defined]
        pbc=True,
    )
    moments = getattr(cell, "magnetic_moments", None)
    if moments is not None:
        supercell.set_initial_magnetic_moments(moments)
    return supercell
