"""Requests of the contract for tests."""

import json
from typing import Any

COPPER = {
    "latticeAngstrom": [0, 1.8, 1.8, 1.8, 0, 1.8, 1.8, 1.8, 0],
    "fractionalCoordinates": [0, 0, 0],
    "atomicNumbers": [29],
}
ENERGY = {"energyEvPerAtom": "eV/atom"}


def make_request(**changes: Any) -> dict[str, Any]:
    """The energy of relaxed copper with EMT, changed as given."""
    return {
        "contractVersion": 1,
        "key": "copper",
        "crystal": COPPER,
        "properties": ENERGY,
        "settings": {},
        "fidelity": "emt",
        "deadlineSeconds": 300,
        "seed": 1,
        **changes,
    }


def request_line(**changes: Any) -> str:
    """The same as one line of JSON."""
    return json.dumps(make_request(**changes))
