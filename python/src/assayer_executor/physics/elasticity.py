"""Elastic constants by finite strains, and the moduli of a polycrystal."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ase import Atoms
from ase.units import GPa

from assayer_executor.failures import UnsafeError
from assayer_executor.physics.relaxation import relax
from assayer_executor.settings import ElasticitySettings, Settings

VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))


@dataclass(frozen=True)
class Moduli:
    """Voigt-Reuss-Hill averages of an elastic tensor, GPa."""

    bulk_gpa: float
    shear_gpa: float


def elastic_tensor_gpa(
    atoms: Atoms, settings: ElasticitySettings, *, max_steps: int, progress: Callable[[str], None]
) -> np.ndarray:
    """Elastic tensor of relaxed atoms in Voigt's notation, GPa, shape (6, 6), symmetric.

    Central differences of the stress over each of the six strains (engineering shear), with the atoms of every
    strained cell relaxed. The atoms' calculator is used, the atoms stay as they are.
    """
    inner = Settings(
        relax="positions",
        max_force_ev_per_angstrom=settings.max_force_ev_per_angstrom,
        max_steps=max_steps,
    )
    tensor = np.empty((6, 6))
    for component in range(6):
        progress(f"strain {component + 1} of 6")
        stresses = []
        for sign in (1, -1):
            strained = strain(atoms, component, sign * settings.strain)
            strained.calc = atoms.calc
            relax(strained, inner, progress=progress)
            stresses.append(strained.get_stress(voigt=True))
        tensor[:, component] = (stresses[0] - stresses[1]) / (2 * settings.strain)
    return (tensor + tensor.T) / 2 / GPa


def strain(atoms: Atoms, component: int, amount: float) -> Atoms:
    """The atoms under one strain of Voigt's six; engineering strains, so that a shear is half in each place."""
    deformation = np.eye(3)
    first, second = VOIGT[component]
    deformation[first, second] += amount / (1 if first == second else 2)
    if first != second:
        deformation[second, first] += amount / 2
    strained = atoms.copy()
    strained.set_cell(atoms.cell.array @ deformation, scale_atoms=True)
    return strained


def polycrystal_moduli(tensor_gpa: np.ndarray) -> Moduli:
    """Means of Voigt's and Reuss's bulk and shear moduli (Hill, Proc. Phys. Soc. A 65, 349, 1952).

    Raises UnsafeError for a tensor that is not positive definite: a crystal that gives way has no moduli.
    """
    lowest = float(np.linalg.eigvalsh(tensor_gpa)[0])
    if lowest <= 0:
        raise UnsafeError(
            f"the elastic tensor has an eigenvalue of {lowest:.3g} GPa: the crystal gives way to a strain; relax it"
            " further (relax: all, smaller maxForceEvPerAngstrom), or ask no moduli of it"
        )
    stiffness, compliance = tensor_gpa, np.linalg.inv(tensor_gpa)

    def parts(matrix: np.ndarray) -> tuple[float, float, float]:
        diagonal = float(matrix[0, 0] + matrix[1, 1] + matrix[2, 2])
        mixed = float(matrix[0, 1] + matrix[0, 2] + matrix[1, 2])
        shear = float(matrix[3, 3] + matrix[4, 4] + matrix[5, 5])
        return diagonal, mixed, shear

    diagonal, mixed, shear = parts(stiffness)
    bulk_voigt = (diagonal + 2 * mixed) / 9
    shear_voigt = (diagonal - mixed + 3 * shear) / 15
    diagonal, mixed, shear = parts(compliance)
    bulk_reuss = 1 / (diagonal + 2 * mixed)
    shear_reuss = 15 / (4 * diagonal - 4 * mixed + 3 * shear)
    return Moduli((bulk_voigt + bulk_reuss) / 2, (shear_voigt + shear_reuss) / 2)
