"""What pymatgen and ASE read and write: CIFs of both data sets, symmetrised CIFs, and every format both ways.

A crystal is told by three numbers that do not depend on the order of its atoms: how many there are, the volume (Å³), and
a sum over the atoms of trigonometric functions of their fractional coordinates, weighted by atomic number.
"""

import csv
import gzip
import io
import json

import ase.io
import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io.jsonio import encode
from pymatgen.core import Structure
from pymatgen.io.ase import AseAtomsAdaptor
from pymatgen.io.cif import CifParser, CifWriter
from pymatgen.io.optimade import OptimadeStructureAdapter
from pymatgen.io.vasp import Poscar

from reference import DATA, ROOT, crystals, structure_of, write_fixture

random = np.random.default_rng(20261122)
PEROV_BLOCK = 1000


def told(numbers, fractional, volume, digits=4):
    x, y, z = 2 * np.pi * np.asarray(fractional).reshape(-1, 3).T
    terms = (
        np.cos(x + 2 * y + 3 * z)
        + np.sqrt(2) * np.sin(2 * x - 3 * y + z)
        + np.sqrt(3) * np.cos(3 * x + y - 2 * z)
        + np.sqrt(5) * np.sin(x)
        + np.sqrt(7) * np.sin(y)
        + np.sqrt(11) * np.sin(z)
    )
    return [len(numbers), round(float(volume), digits), round(float(np.dot(numbers, terms)), digits)]


def of_structure(structure, digits=4):
    return told([site.specie.Z for site in structure], structure.frac_coords, structure.volume, digits)


def of_atoms(atoms, digits=4):
    return told(atoms.numbers, atoms.get_scaled_positions(), atoms.get_volume(), digits)


def read_cif(text):
    return CifParser.from_str(text).parse_structures(primitive=False)[0]


def table(path):
    with gzip.open(DATA / path, "rt") as file:
        for row in csv.DictReader(file):
            yield row["cif"]


def mp_20():
    return {part: [of_structure(read_cif(cif)) for cif in table(f"mp_20_biternary/{part}.csv.gz")] for part in ("val", "test")}


def perov_5():
    """Sums over blocks of rows only: these data are not to be shipped, nor is any single row's number."""
    sums = {}
    for part in ("train", "val", "test"):
        values = np.array([of_structure(read_cif(cif), digits=12) for cif in table(f"perov_5/{part}.csv.gz")])
        blocks = [values[i : i + PEROV_BLOCK] for i in range(0, len(values), PEROV_BLOCK)]
        if len(blocks[-1]) < 500:
            blocks[-2:] = [np.concatenate(blocks[-2:])]
        sums[part] = [[len(block), *np.round(block.sum(axis=0), 4).tolist()] for block in blocks]
    return sums


def symmetrised(count):
    """CIFs in the conventional cell with its operations and the asymmetric unit, and what pymatgen reads from them."""
    known = [crystal for crystal in crystals() if not crystal["id"].startswith("random")]
    chosen = []
    for i in random.permutation(len(known)):
        text = str(CifWriter(structure_of(known[i]), symprec=0.01))
        if "  2  '" not in text:
            continue
        chosen.append({"id": known[i]["id"], "cif": text, "told": of_structure(read_cif(text))})
        if len(chosen) == count:
            return chosen


def some(count):
    found = crystals()
    return [found[i] for i in random.choice(len(found), count, replace=False)]


def decorated_atoms(crystal, number):
    """ASE's atoms with what extended XYZ may hold beside them."""
    atoms = AseAtomsAdaptor.get_atoms(structure_of(crystal))
    atoms = Atoms(numbers=atoms.numbers, cell=atoms.cell, positions=atoms.positions, pbc=True)
    n = len(atoms)
    atoms.info.update(
        {
            "source": crystal["id"],
            "remark": 'has "quotes", spaces and = signs',
            "temperature": 300.5,
            "step": number,
            "relaxed": bool(number % 2),
            "vector": np.array([1.5, 2.5, 3.5]),
            "nested": [[1, 2], [3]],
            "charge": number - 2,
        }
    )
    atoms.set_array("oxi_states", random.integers(-2, 4, n))
    atoms.set_array("fixed", random.integers(0, 2, n).astype(bool))
    atoms.set_array("site_label", np.array([f"s{i}" for i in range(n)]))
    atoms.set_initial_magnetic_moments(np.round(random.normal(size=n), 3))
    if number % 2:
        atoms.calc = SinglePointCalculator(
            atoms, energy=-1.25 * n, forces=np.round(random.normal(size=(n, 3)), 3), stress=np.round(random.normal(size=6), 3)
        )
    return atoms


def ase_writes(chosen):
    written = []
    for number, crystal in enumerate(chosen):
        atoms = decorated_atoms(crystal, number)
        text = io.StringIO()
        ase.io.write(text, atoms, format="extxyz", plain=False)
        rows = io.StringIO()
        ase.io.write(rows, atoms, format="json")
        poscar = io.StringIO()
        ase.io.write(poscar, atoms, format="vasp", direct=bool(number % 2))
        written.append(
            {
                "id": crystal["id"],
                "told": of_atoms(atoms),
                "extxyz": text.getvalue(),
                "json": rows.getvalue(),
                "encoded": encode(atoms),
                "poscar": poscar.getvalue(),
                "oxidationStates": atoms.get_array("oxi_states").tolist(),
                "moments": atoms.get_initial_magnetic_moments().tolist(),
                "forces": atoms.get_forces().ravel().tolist() if atoms.calc else None,
            }
        )
    return written


def pymatgen_writes(chosen):
    written = []
    for number, crystal in enumerate(chosen):
        structure = structure_of(crystal)
        states = random.integers(-2, 4, len(structure)).tolist()
        moments = np.round(random.normal(size=len(structure)), 3).tolist()
        structure.add_oxidation_state_by_site(states)
        structure.add_site_property("magmom", moments)
        structure.set_charge(number - 2)
        plain = structure.copy(site_properties={})
        plain.remove_oxidation_states()
        lines = str(Poscar(plain)).split("\n")
        # VASP 4 keeps the symbols in the first line only, if at all.
        lines[0] = lines.pop(5)
        written.append(
            {
                "id": crystal["id"],
                "told": of_structure(structure),
                "json": json.dumps(structure.as_dict()),
                "optimade": json.dumps(OptimadeStructureAdapter.get_optimade_structure(plain)),
                "cif": str(CifWriter(structure, write_magmoms=True)),
                "poscar": str(Poscar(plain)),
                "poscarSelective": str(
                    Poscar(plain, selective_dynamics=[[True, False, True]] * len(plain), velocities=[[0.0, 0.0, 0.1]] * len(plain))
                ),
                "poscarVersion4": "\n".join(lines),
                "oxidationStates": states,
                "moments": moments,
                "charge": number - 2,
            }
        )
    return written


def read_by_ase(text, form):
    atoms = ase.io.read(io.StringIO(text), format=form)
    return {
        "told": of_atoms(atoms),
        "moments": atoms.get_initial_magnetic_moments().ravel().tolist() if atoms.has("initial_magmoms") else None,
        "oxidationStates": atoms.get_array("oxi_states").tolist() if atoms.has("oxi_states") else None,
        "info": {name: np.asarray(value).tolist() for name, value in atoms.info.items()} if form == "extxyz" else None,
    }


def read_by_pymatgen(structure):
    states = [getattr(site.specie, "oxi_state", None) for site in structure]
    moments = structure.site_properties.get("magmom")
    return {
        "told": of_structure(structure),
        "moments": None if moments is None else np.ravel([np.asarray(getattr(m, "moment", m)) for m in moments]).tolist(),
        "oxidationStates": states if None not in states else None,
        "charge": structure.charge,
    }


def read_of_ours():
    """What the two libraries make of the files that Assayer wrote (test/fixtures/crystal/written.json)."""
    with open(ROOT / "test/fixtures/crystal/written.json") as file:
        written = json.load(file)
    return [
        {
            "extxyz by ASE": read_by_ase(files["extxyz"], "extxyz"),
            "ase by ASE": read_by_ase(files["ase"], "json"),
            "poscar by ASE": read_by_ase(files["poscar"], "vasp"),
            "cif by ASE": read_by_ase(files["cif"], "cif"),
            "cif by pymatgen": read_by_pymatgen(read_cif(files["cif"])),
            "poscar by pymatgen": read_by_pymatgen(Structure.from_str(files["poscar"], "poscar")),
            "pymatgen by pymatgen": read_by_pymatgen(Structure.from_dict(json.loads(files["pymatgen"]))),
            "optimade by pymatgen": read_by_pymatgen(
                OptimadeStructureAdapter.get_structure(json.loads(files["optimade"])["data"][0])
            ),
        }
        for files in written
    ]


def main():
    write_fixture(
        "formats",
        ["pymatgen", "pymatgen-core", "ase", "spglib"],
        mp_20=mp_20(),
        perov_5=perov_5(),
        symmetrised=symmetrised(300),
        written_by_ase=ase_writes(some(20)),
        written_by_pymatgen=pymatgen_writes(some(20)),
        read_of_ours=read_of_ours(),
    )


if __name__ == "__main__":
    main()
