"""spglib's whole dataset of a job's crystals, its cells made before the clock starts.

{"crystals": [...], "toleranceAngstrom": t, "repetitions": n} -> {"peer", "coreSeconds", "numbers": space groups}
"""

import importlib.metadata
import json
import sys
import time

import numpy as np
import spglib

job = json.load(sys.stdin)
cells = [
    (
        np.reshape(crystal["latticeAngstrom"], (3, 3)),
        np.reshape(crystal["fractionalCoordinates"], (-1, 3)),
        crystal["atomicNumbers"],
    )
    for crystal in job["crystals"]
]
find = lambda cell: spglib.get_symmetry_dataset(cell, symprec=job["toleranceAngstrom"])
numbers = [int(find(cell).number) for cell in cells]
seconds = []
for _ in range(job["repetitions"]):
    start = time.process_time()
    for cell in cells:
        find(cell)
    seconds.append(time.process_time() - start)
peer = f"spglib {importlib.metadata.version('spglib')}"
print(json.dumps({"peer": peer, "coreSeconds": seconds, "numbers": numbers}))
