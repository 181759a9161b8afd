"""CGCNN's graphs: the 12 nearest periodic neighbours of each atom within 8 Å, their distances as Gaussians."""

import time
from typing import NamedTuple

import numpy as np
from pymatgen.optimization.neighbors import find_points_in_spheres

NEIGHBOURS = 12
CUTOFF_ANGSTROM = 8.0
STEP_ANGSTROM = 0.2
CENTRES_ANGSTROM = np.arange(0, CUTOFF_ANGSTROM + STEP_ANGSTROM / 2, STEP_ANGSTROM, dtype=np.float32)
ENOUGH = 30
PERIODIC = np.ones(3, dtype=np.int64)


class Graphs(NamedTuple):
    """Crystals one after the other; a neighbour is counted from the first atom of its crystal."""

    atoms: np.ndarray  # [crystals]
    numbers: np.ndarray  # [all atoms], atomic numbers
    neighbours: np.ndarray  # [all atoms, 12]
    distances: np.ndarray  # [all atoms, 12], Å; what an atom lacks of 12 is itself, beyond the cutoff


def crystal_of(record):
    lattice = np.array(record["latticeAngstrom"], dtype=float).reshape(3, 3)
    fractional = np.array(record["fractionalCoordinates"], dtype=float).reshape(-1, 3)
    return lattice, fractional, np.array(record["atomicNumbers"], dtype=np.int64)


def neighbour_list(lattice, fractional):
    """Centres, neighbours and distances, at least the nearest 12 within the cutoff. A sphere of some 30 atoms, a few
    times smaller than the cutoff's, mostly holds them."""
    count = len(fractional)
    volume = abs(np.linalg.det(lattice))
    positions = np.ascontiguousarray(fractional @ lattice)
    radius = (3 * ENOUGH * volume / (4 * np.pi * count)) ** (1 / 3)
    for r in (min(radius, CUTOFF_ANGSTROM), CUTOFF_ANGSTROM):
        centre, neighbour, _, distance = find_points_in_spheres(
            positions, positions, r=r, pbc=PERIODIC, lattice=lattice, tol=1e-8
        )
        other = distance > 1e-8
        centre, neighbour, distance = centre[other], neighbour[other], distance[other]
        if r == CUTOFF_ANGSTROM or np.bincount(centre, minlength=count).min() >= NEIGHBOURS:
            return centre, neighbour, distance


def build(crystals):
    """Graphs of crystals; the nearest neighbours are picked of all at once."""
    atoms = np.array([len(numbers) for _, _, numbers in crystals])
    first = np.cumsum(atoms) - atoms
    parts = [neighbour_list(lattice, fractional) for lattice, fractional, _ in crystals]
    centre = np.concatenate([own + start for (own, _, _), start in zip(parts, first)])
    neighbour = np.concatenate([own for _, own, _ in parts])
    distance = np.concatenate([own for _, _, own in parts])
    order = np.lexsort((distance, centre))
    centre, neighbour, distance = centre[order], neighbour[order], distance[order]
    total = int(atoms.sum())
    counts = np.bincount(centre, minlength=total)
    rank = np.arange(len(centre)) - np.repeat(np.cumsum(counts) - counts, counts)
    near = rank < NEIGHBOURS
    neighbours = np.repeat((np.arange(total) - np.repeat(first, atoms))[:, None], NEIGHBOURS, axis=1)
    distances = np.full((total, NEIGHBOURS), CUTOFF_ANGSTROM + 1, dtype=np.float32)
    neighbours[centre[near], rank[near]] = neighbour[near]
    distances[centre[near], rank[near]] = distance[near]
    return Graphs(atoms, np.concatenate([numbers for _, _, numbers in crystals]), neighbours, distances)


def build_timed(crystals):
    """As `build`, with the processor seconds that it took."""
    started = time.process_time()
    graphs = build(crystals)
    return graphs, time.process_time() - started


def joined(parts):
    return Graphs(*(np.concatenate(arrays) for arrays in zip(*parts)))


def gaussians(distances):
    """exp(-(d - mu)² / 0.2²) at mu = 0, 0.2, … 8 Å: [all atoms, 12, 41]. Never below exp(-40): numbers that are no more
    normal floats made training six times slower."""
    return np.exp(-np.minimum(((distances[..., None] - CENTRES_ANGSTROM) / STEP_ANGSTROM) ** 2, 40))
