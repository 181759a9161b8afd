"""matminer's Magpie descriptors, by featurize_many on one core or featurize, whichever is faster. Job: compositions,
repetitions."""

import importlib.metadata
import json
import sys
import time
import warnings

from matminer.featurizers.composition import ElementProperty
from pymatgen.core import Composition, Element

warnings.filterwarnings("ignore")

job = json.load(sys.stdin)
compositions = [Composition({Element.from_Z(z): count for z, count in pairs}) for pairs in job["compositions"]]
featurizer = ElementProperty.from_preset("magpie")
featurizer.set_n_jobs(1)


def many():
    return featurizer.featurize_many(compositions, pbar=False)


def one_by_one():
    return [featurizer.featurize(composition) for composition in compositions]


def measure(work):
    seconds = []
    for _ in range(job["repetitions"]):
        before = time.process_time()
        rows = work()
        seconds.append(time.process_time() - before)
    return seconds, rows


seconds, rows = min(measure(many), measure(one_by_one), key=lambda measured: sum(measured[0]))
print(
    json.dumps(
        {
            "peer": f"matminer {importlib.metadata.version('matminer')}",
            "coreSeconds": seconds,
            "sum": float(sum(map(sum, rows))),
        }
    )
)
