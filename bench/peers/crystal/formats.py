"""pymatgen on the files of a job: parsing speed, or what it reads.

{"task": "race", "format": "cif" or "poscar", "texts": [...], "repetitions": n} -> {"peer", "coreSeconds"}
{"task": "read", "tables": [...], "every": k} -> {"peer", "crystals": [[cell lengths, angles, numbers, fractional]]} of
every k-th row of gzipped CSV tables with a column `cif`.
"""

import csv
import gzip
import importlib.metadata
import json
import sys
import time
import warnings

from pymatgen.core import Structure
from pymatgen.io.cif import CifParser

warnings.filterwarnings("ignore")


def read_cif(text):
    # Its checks of the stoichiometry, which only warn, are switched off: ours has none.
    return CifParser.from_str(text, check_cif=False).parse_structures(primitive=False)[0]


READ = {"cif": read_cif, "poscar": lambda text: Structure.from_str(text, "poscar")}


def race(job):
    read = READ[job["format"]]
    read(job["texts"][0])
    seconds = []
    for _ in range(job["repetitions"]):
        started = time.process_time()
        for text in job["texts"]:
            read(text)
        seconds.append(time.process_time() - started)
    return {"coreSeconds": seconds}


def rows(job):
    for table in job["tables"]:
        with gzip.open(table, "rt") as file:
            for i, row in enumerate(csv.DictReader(file)):
                if i % job["every"] == 0:
                    yield row["cif"]


def read(job):
    crystals = []
    for text in rows(job):
        structure = read_cif(text)
        numbers = [site.specie.Z for site in structure]
        crystals.append([*structure.lattice.parameters, numbers, structure.frac_coords.ravel().tolist()])
    return {"crystals": crystals}


def main():
    job = json.load(sys.stdin)
    answer = race(job) if job["task"] == "race" else read(job)
    json.dump({"peer": f"pymatgen {importlib.metadata.version('pymatgen')}", **answer}, sys.stdout)


main()
