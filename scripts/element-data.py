"""Rewrites the element tables of src/crystal/chemistry/ from the packages that they come from.

Run it with the Python of test/reference/make.sh: .../peer-reference-*/bin/python scripts/element-data.py
"""

import json
import math
import warnings
from pathlib import Path

import smact
from matminer.featurizers.composition import ElementProperty
from matminer.utils.data import MagpieData
from pymatgen.core import Element, Species
from pymatgen.core.bond_valence import BV_PARAMS, ICSD_BV_DATA, PRIOR_PROB
from smact.screening import ICSD24FilterConfig, _get_icsd24_oxidation_dict

warnings.filterwarnings("ignore")

FOLDER = Path(__file__).resolve().parents[1] / "src/crystal/chemistry"
SYMBOLS = [Element.from_Z(z).symbol for z in range(1, 104)]


def number(value):
    """As JSON writes it: null for what is missing, whole numbers without a point."""
    if value is None or math.isnan(value):
        return None
    return int(value) if float(value).is_integer() else float(value)


def write(name, source, **columns):
    lines = [f'  "source": {json.dumps(source)}']
    for column, values in columns.items():
        lines.append(f"  {json.dumps(column)}: {json.dumps(values)}")
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    (FOLDER / name).write_text(text)
    print(f"{name}: {len(text) / 1e3:.1f} kB")


def magpie():
    data = MagpieData(impute_nan=False)
    write(
        "magpie.json",
        "Magpie element tables (Ward et al., npj Comput. Mater. 2, 16028 (2016)) through matminer 0.10.1 (LBNL's "
        "modified BSD licence); Z = 1 to 103, null: not tabulated",
        **{
            name: [number(data.all_elemental_props[name][symbol]) for symbol in SYMBOLS]
            for name in ElementProperty.from_preset("magpie").features
        },
    )


def oxidation_states():
    """Of each element: the states that Composition.oxi_state_guesses tries, and how often the ICSD has each."""
    states = [Element(s).icsd_oxidation_states or Element(s).common_oxidation_states for s in SYMBOLS]
    write(
        "oxidation-states.json",
        "pymatgen 2026.10.24 (MIT; Ong et al., Comput. Mater. Sci. 68, 314 (2013)): icsd_oxidation_states, else "
        "common_oxidation_states, with their occurrence in the ICSD (icsd_bv.yaml); Z = 1 to 103",
        states=states,
        occurrences=[[PRIOR_PROB.get(Species(s, q), 0) for q in qs] for s, qs in zip(SYMBOLS, states, strict=True)],
    )


def bond_valence():
    """O'Keeffe and Brese's element parameters, and the bond valence sums that the ICSD has for each ion."""
    sums = [
        [
            {
                "state": int(ion.oxi_state),
                "mean": round(data["mean"], 8),
                "deviation": round(data["std"], 8),
                "occurrence": PRIOR_PROB[ion],
            }
            for ion, data in ICSD_BV_DATA.items()
            if ion.symbol == symbol and ion.oxi_state != 0 and data["std"] > 0
        ]
        for symbol in SYMBOLS
    ]
    parameters = [BV_PARAMS.get(Element(symbol)) for symbol in SYMBOLS]
    write(
        "bond-valence.json",
        "parameters r, c: O'Keeffe and Brese, J. Am. Chem. Soc. 113, 3226 (1991); mean and standard deviation of each "
        "ion's bond valence sums in the ICSD, and how often it is there: pymatgen 2026.10.24 (MIT); Z = 1 to 103",
        parameters=[None if p is None else [p["r"], p["c"]] for p in parameters],
        ions=sums,
    )


def smact_lists():
    consensus = _get_icsd24_oxidation_dict(**vars(ICSD24FilterConfig()))
    elements = [smact.Element(symbol) for symbol in SYMBOLS]
    write(
        "smact.json",
        "SMACT 4.0.2 (MIT; Davies et al., J. Open Source Softw. 4, 1361 (2019)); Z = 1 to 103, null: not tabulated",
        electronegativity=[number(element.pauling_eneg) for element in elements],
        metals=[symbol for symbol in SYMBOLS if symbol in smact.metals],
        **{
            "icsd24-consensus": [consensus.get(symbol, []) for symbol in SYMBOLS],
            "icsd24": [element.oxidation_states_icsd24 or [] for element in elements],
            "smact14": [element.oxidation_states_smact14 or [] for element in elements],
        },
    )


if __name__ == "__main__":
    magpie()
    oxidation_states()
    bond_valence()
    smact_lists()
