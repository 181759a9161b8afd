"""ASE's EMT on crystals read as JSON from stdin; the answers go to stdout as JSON.

{"task": "points", "crystals": [...]} -> energies (eV), forces (eV/Å), stresses (eV/Å³, 3x3), flat.
{"task": "relax", "crystals": [...], "settings": {...}} -> energies per atom, steps, and the processor time it took.
"""

import json
import sys
import time

import ase
import numpy as np
from ase import Atoms
from ase.calculators.emt import EMT
from ase.filters import UnitCellFilter
from ase.optimize import BFGS


def atoms_of(crystal):
    return Atoms(
        numbers=crystal["atomicNumbers"],
        cell=np.reshape(crystal["latticeAngstrom"], (3, 3)),
        scaled_positions=np.reshape(crystal["fractionalCoordinates"], (-1, 3)),
        pbc=True,
        calculator=EMT(),
    )


def point(crystal):
    atoms = atoms_of(crystal)
    return {
        "energyEv": atoms.get_potential_energy(),
        "forcesEvPerAngstrom": atoms.get_forces().ravel().tolist(),
        "stressEvPerAngstrom3": atoms.get_stress(voigt=False).ravel().tolist(),
    }


def relax(crystal, settings):
    """BFGS over atoms and cell until forces and stress are both under the thresholds."""
    atoms = atoms_of(crystal)

    def converged():
        force = np.sqrt((atoms.get_forces() ** 2).sum(axis=1).max())
        stress = np.abs(atoms.get_stress()).max()
        return force <= settings["maxForceEvPerAngstrom"] and stress <= settings["maxStressEvPerAngstrom3"]

    optimiser = BFGS(UnitCellFilter(atoms), logfile=None)
    steps = 0
    for _ in optimiser.irun(fmax=1e-9, steps=settings["maxSteps"]):
        steps += 1
        if converged():
            return {"converged": True, "steps": steps, "energyEvPerAtom": atoms.get_potential_energy() / len(atoms)}
    return {"converged": False, "steps": steps, "energyEvPerAtom": atoms.get_potential_energy() / len(atoms)}


def main():
    job = json.load(sys.stdin)
    started = time.process_time()
    if job["task"] == "points":
        results = [point(crystal) for crystal in job["crystals"]]
    else:
        results = [relax(crystal, job["settings"]) for crystal in job["crystals"]]
    seconds = time.process_time() - started
    json.dump({"ase": ase.__version__, "coreSeconds": seconds, "results": results}, sys.stdout)


main()
