"""The Magpie descriptors of the varied crystals, each distinct composition once, and of a few fractional ones."""

from matminer.featurizers.composition import ElementProperty
from pymatgen.core import Composition

from reference import crystals, structure_of, write_fixture

# Ties and near ties of the mode, elements without tabulated values, fractional counts.
BY_HAND = ["He", "FrF", "EsO2", "LrN", "XeF6", "Fe0.5Ni0.5", "Fe0.3333Ni0.3333Cr0.3334", "Mg0.9999999Zn", "Bk2Cf3Ar"]


def main():
    formulas = {structure_of(crystal).composition.formula.replace(" ", "") for crystal in crystals()}
    formulas = sorted(formulas) + BY_HAND
    featurizer = ElementProperty.from_preset("magpie")
    rows = [featurizer.featurize(Composition(formula)) for formula in formulas]
    # 10 significant digits: what the comparison can tell.
    values = [[float(f"{value:.10g}") for value in row] for row in rows]
    write_fixture(
        "magpie",
        ["matminer", "pymatgen", "numpy"],
        names=featurizer.feature_labels(),
        formulas=formulas,
        descriptors=values,
    )


if __name__ == "__main__":
    main()
