"""What every script here shares: the data, the crystals as pymatgen and ASE see them, and how fixtures are written.

A fixture is gzipped JSON under test/fixtures/crystal/reference/: {"versions": {package: version}, ...}.
"""

import csv
import gzip
import importlib.metadata
import json
import os
import warnings
from pathlib import Path

import numpy as np
from pymatgen.core import Lattice, Structure

warnings.filterwarnings("ignore")

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("ASSAYER_DATA", ROOT / "../shared/data"))
FIXTURES = ROOT / "test/fixtures/crystal/reference"


def rows(path):
    """The rows of a gzipped CSV of the data folder, as dictionaries."""
    with gzip.open(DATA / path, "rt") as file:
        return list(csv.DictReader(file))


def crystal_of(structure):
    """As Assayer writes a crystal; 10 digits are far beyond what any comparison here can tell."""
    return {
        "latticeAngstrom": np.round(structure.lattice.matrix.ravel(), 10).tolist(),
        "fractionalCoordinates": np.round(structure.frac_coords.ravel() % 1.0, 10).tolist(),
        "atomicNumbers": [int(site.specie.Z) for site in structure],
    }


def structure_of(crystal):
    return Structure(
        Lattice(np.reshape(crystal["latticeAngstrom"], (3, 3))),
        crystal["atomicNumbers"],
        np.reshape(crystal["fractionalCoordinates"], (-1, 3)),
    )


def crystals():
    """The 2,000 varied crystals of varied_crystals.py, each with its id and source."""
    return read_fixture("crystals")["crystals"]


def read_fixture(name):
    with gzip.open(FIXTURES / f"{name}.json.gz", "rt") as file:
        return json.load(file)


def write_fixture(name, packages, **content):
    FIXTURES.mkdir(parents=True, exist_ok=True)
    versions = {package: importlib.metadata.version(package) for package in packages}
    text = json.dumps({"versions": versions, **content}, separators=(",", ":"))
    # No time stamp: the same values make the same file.
    with open(FIXTURES / f"{name}.json.gz", "wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=9, mtime=0, filename="") as packed:
            packed.write(text.encode())
    print(f"{name}: {len(text) / 1e6:.1f} MB of JSON, {os.path.getsize(FIXTURES / f'{name}.json.gz') / 1e6:.2f} MB packed")
