"""pymatgen's PhaseDiagram over the phases, and get_e_above_hull of each. Job: phases, repetitions."""

import importlib.metadata
import json
import sys
import time
import warnings

from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
from pymatgen.core import Composition, Element

warnings.filterwarnings("ignore")

job = json.load(sys.stdin)
entries = []
for phase in job["phases"]:
    composition = Composition({Element.from_Z(z): count for z, count in phase["composition"]})
    entries.append(PDEntry(composition, phase["energyEvPerAtom"] * composition.num_atoms))


def distances():
    diagram = PhaseDiagram(entries)
    return [diagram.get_e_above_hull(entry) for entry in entries]


seconds = []
for _ in range(job["repetitions"]):
    before = time.process_time()
    above = distances()
    seconds.append(time.process_time() - before)
print(
    json.dumps(
        {
            "peer": f"pymatgen {importlib.metadata.version('pymatgen')}",
            "coreSeconds": seconds,
            "stable": sum(1 for distance in above if distance < 1e-8),
        }
    )
)
