"""pymatgen's StructureMatcher on pairs of crystals. Job: pairs, question ("fit" or "prediction rms"), repetitions."""

import importlib.metadata
import json
import sys
import time
import warnings

import numpy as np
from pymatgen.core import Lattice, Structure
from pymatgen.core.structure_matcher import StructureMatcher

warnings.filterwarnings("ignore")


def structure_of(crystal):
    return Structure(
        Lattice(np.reshape(crystal["latticeAngstrom"], (3, 3))),
        crystal["atomicNumbers"],
        np.reshape(crystal["fractionalCoordinates"], (-1, 3)),
    )


job = json.load(sys.stdin)
pairs = [(structure_of(a), structure_of(b)) for a, b in job["pairs"]]
if job["question"] == "fit":
    ask = StructureMatcher().fit
else:
    ask = StructureMatcher(ltol=0.3, stol=0.5, angle_tol=10).get_rms_dist

seconds = []
for _ in range(job["repetitions"]):
    # It remembers the last 300 reduced structures: only those of the same repetition shall count.
    StructureMatcher._get_reduced_istructure.cache_clear()
    before = time.process_time()
    answers = [ask(one, other) for one, other in pairs]
    seconds.append(time.process_time() - before)
print(
    json.dumps(
        {
            "peer": f"pymatgen {importlib.metadata.version('pymatgen')}",
            "coreSeconds": seconds,
            "matches": [bool(answer) for answer in answers],
        }
    )
)
