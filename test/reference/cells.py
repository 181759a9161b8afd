"""Niggli cells of the 2,000 varied crystals by pymatgen and by spglib: lengths (Å) and angles (degrees)."""

import numpy as np
import spglib
from pymatgen.core import Lattice

from reference import crystals, write_fixture


def parameters(lattice):
    return np.round(lattice.parameters, 6).tolist()


def main():
    matrices = [np.reshape(crystal["latticeAngstrom"], (3, 3)) for crystal in crystals()]
    write_fixture(
        "cells",
        ["pymatgen", "spglib"],
        pymatgen=[parameters(Lattice(matrix).get_niggli_reduced_lattice()) for matrix in matrices],
        spglib=[parameters(Lattice(spglib.niggli_reduce(matrix, eps=1e-5))) for matrix in matrices],
    )


if __name__ == "__main__":
    main()
