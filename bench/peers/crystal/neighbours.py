"""Periodic neighbours of a job's crystals by pymatgen's get_neighbor_list or ASE's neighbor_list, as a user calls them.

{"code": "pymatgen" or "ase", "crystals": [...], "cutoffAngstrom": r, "repetitions": n} -> {"peer", "coreSeconds", "pairs"}
The Structure and Atoms objects are made before the clock starts.
"""

import importlib.metadata
import json
import sys
import time

import numpy as np
from ase import Atoms
from ase.neighborlist import neighbor_list
from pymatgen.core import Lattice, Structure

job = json.load(sys.stdin)
cutoff = job["cutoffAngstrom"]


def parts(crystal):
    lattice = np.reshape(crystal["latticeAngstrom"], (3, 3))
    return lattice, crystal["atomicNumbers"], np.reshape(crystal["fractionalCoordinates"], (-1, 3))


def atoms_of(crystal):
    lattice, numbers, positions = parts(crystal)
    return Atoms(numbers=numbers, cell=lattice, scaled_positions=positions, pbc=True)


def structure_of(crystal):
    lattice, numbers, positions = parts(crystal)
    return Structure(Lattice(lattice), numbers, positions)


if job["code"] == "ase":
    given = [atoms_of(crystal) for crystal in job["crystals"]]
    count = lambda atoms: len(neighbor_list("ijdS", atoms, cutoff)[0])
else:
    given = [structure_of(crystal) for crystal in job["crystals"]]
    count = lambda structure: len(structure.get_neighbor_list(cutoff)[0])

pairs = sum(count(crystal) for crystal in given)
seconds = []
for _ in range(job["repetitions"]):
    start = time.process_time()
    for crystal in given:
        count(crystal)
    seconds.append(time.process_time() - start)
version = importlib.metadata.version(job["code"])
print(json.dumps({"peer": f"{job['code']} {version}", "coreSeconds": seconds, "pairs": pairs}))
