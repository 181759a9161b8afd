"""What the presets of density functional theory share: settings, k-points, starting moments, gaps."""

from typing import Annotated, Any, Literal

import numpy as np
from ase import Atoms
from ase.calculators.calculator import kpts2sizeandoffsets
from pydantic import Field

from assayer_executor.settings import Positive, SettingsModel

STARTING_MOMENTS_MUB = {
    **dict.fromkeys(("Cr", "Mn", "Fe"), 5.0),
    **dict.fromkeys(("V", "Co"), 3.0),
    "Ni": 2.0,
    **dict.fromkeys(("Ce", "Pr", "Nd", "Pm", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb"), 5.0),
}
"""High-spin starts for the elements that are magnetic in most of their compounds, µB."""


class ElectronicSettings(SettingsModel):
    """What density functional theory needs to be told, whatever the program."""

    cutoff_ev: Positive = 500.0
    """Of the plane waves of the wave functions."""
    k_point_density_angstrom: Positive = 5.0
    """k-points for each 1/Å of a reciprocal lattice vector (2π included), Γ among them."""
    k_points: tuple[Annotated[int, Field(gt=0)], ...] | None = None
    """The grid itself, instead of the density."""
    smearing_ev: Positive = 0.1
    """Width of the Fermi-Dirac distribution; energies are extrapolated to zero."""
    spin: Literal["auto", "none", "collinear"] = "auto"
    """auto: polarised when the crystal has magnetic moments or an element that is often magnetic."""
    max_scf_iterations: Annotated[int, Field(gt=0)] = 200
    """Of the first rung of the ladder; the later ones may take twice as many."""


def k_point_grid(settings: ElectronicSettings, atoms: Atoms) -> tuple[int, int, int]:
    """The grid for these atoms: fixed before a relaxation, so that the energy stays continuous in it."""
    if settings.k_points is not None:
        first, second, third = settings.k_points
        return first, second, third
    size, _ = kpts2sizeandoffsets(density=settings.k_point_density_angstrom, atoms=atoms)
    return int(size[0]), int(size[1]), int(size[2])


def starting_moments(settings: ElectronicSettings, atoms: Atoms) -> np.ndarray | None:
    """Collinear moments to start from, µB, shape (atoms,); None for a calculation without spin."""
    given = atoms.get_initial_magnetic_moments()
    if settings.spin == "none":
        return None
    if given.ndim == 1 and np.any(given != 0):
        return given
    guessed = np.array([STARTING_MOMENTS_MUB.get(symbol, 0.0) for symbol in atoms.symbols])
    if np.any(guessed != 0):
        return guessed
    return np.full(len(atoms), 1.0) if settings.spin == "collinear" else None


def band_gap_ev(eigenvalues: Any, fermi_level_ev: float) -> float:  # noqa: ANN401 - array-like
    """Fundamental gap, eV, of eigenvalues of shape (spins, k-points, bands); 0 for a metal.

    A band that is filled at one k-point and empty at another makes a metal, also where the sampled points leave a
    space around the Fermi level.
    """
    values = np.asarray(eigenvalues, dtype=float)
    occupied = values <= fermi_level_ev
    filled = occupied.sum(axis=2)
    if np.any(filled != filled[:, :1]) or not occupied.any() or occupied.all():
        return 0.0
    return max(0.0, float(values[~occupied].min() - values[occupied].max()))
