"""50 chemical systems of 2 to 6 elements with pymatgen's hulls -> hulls.json.gz.

25 real ones: the fullest systems of mp_20_biternary (Materials Project, CC BY 4.0), formation energies with the elements
at 0. 25 made ones that are hard on purpose: in each kind one system of every size.
"""

import itertools
import random
from collections import Counter

import numpy as np
from pymatgen.analysis.phase_diagram import PDEntry, PhaseDiagram
from pymatgen.core import Composition, Element

from reference import rows, write_fixture

SIZES = (2, 3, 4, 5, 6)
SYMBOLS = ["Li", "Fe", "Cu", "O", "P", "Mg"]


def real_systems():
    table = []
    for part in ("val", "test"):
        for row in rows(f"mp_20_biternary/{part}.csv.gz"):
            composition = Composition(row["pretty_formula"])
            elements = frozenset(element.symbol for element in composition)
            table.append((elements, composition, float(row["formation_energy_per_atom"])))
    held = Counter(elements for elements, _, _ in table)
    symbols = sorted(set().union(*held))

    def count(system):
        return sum(number for elements, number in held.items() if elements <= system)

    # Systems that grow from the fullest ternaries (binaries) by the element that brings most phases, one after another.
    fullest = [sorted(held, key=lambda elements: (len(elements) != size, -held[elements], sorted(elements))) for size in (2, 3)]
    for size in SIZES:
        systems = set()
        for start in fullest[min(size, 3) - 2][:15]:
            system = start
            while len(system) < size:
                system |= {max(symbols, key=lambda symbol: (symbol not in system and count(system | {symbol}), symbol))}
            systems.add(system)
        systems = sorted(systems, key=lambda system: (-count(system), sorted(system)))[:5]
        for system in systems:
            phases = [(Composition(symbol), 0.0) for symbol in sorted(system)]
            phases += [(composition, energy) for elements, composition, energy in table if elements <= system]
            yield "-".join(sorted(system)), "mp_20_biternary", sorted(system), phases


def made_systems():
    source = random.Random(20261121)
    for kind, size in itertools.product(("random", "collinear", "ties", "duplicates", "positive"), SIZES):
        symbols = SYMBOLS[:size]
        zero = {symbol: round(source.uniform(-10, 0), 3) for symbol in symbols}
        phases = [(Composition(symbol), zero[symbol]) for symbol in symbols]
        for _ in range(20 * size):
            chosen = source.sample(symbols, source.randint(1 if kind == "duplicates" else 2, size))
            counts = {symbol: source.randint(1, 2 if kind == "duplicates" else 5) for symbol in chosen}
            composition = Composition(counts)
            fraction = composition.get_atomic_fraction
            reference = sum(fraction(symbol) * zero[symbol] for symbol in symbols)
            mixing = sum(fraction(symbol) * (1 - fraction(symbol)) for symbol in symbols)
            excess = {
                "random": -2 * mixing + source.gauss(0, 0.2),
                # Every phase on one of a few planes: whole faces of the hull hold many phases.
                "collinear": -max(0.0, min(fraction(symbols[0]), 1 - fraction(symbols[0]))) + source.choice((0, 0, 0.1)),
                # Formation energies in steps: many lie on edges and faces of others.
                "ties": -0.25 * source.randint(0, 2),
                "duplicates": -mixing + source.choice((0, 0.05, 0.1)),
                # Nothing binds: only the elements are stable.
                "positive": source.uniform(0, 0.3),
            }[kind]
            phases.append((composition, reference + excess))
        yield f"{kind} {size}", kind, symbols, phases


def hull(name, kind, symbols, phases):
    entries = [
        PDEntry(composition, energy * composition.num_atoms, name=str(i)) for i, (composition, energy) in enumerate(phases)
    ]
    diagram = PhaseDiagram(entries)
    number = {id(entry): i for i, entry in enumerate(entries)}
    stable = sorted(number[id(entry)] for entry in diagram.stable_entries)
    above, products, reaction, separation = [], [], {}, {}
    for i, entry in enumerate(entries):
        decomposition, distance = diagram.get_decomp_and_e_above_hull(entry)
        above.append(round(float(distance), 12))
        products.append(sorted([number[id(product)], round(float(share), 12)] for product, share in decomposition.items()))
    for i in stable:
        reaction[i] = round(float(diagram.get_equilibrium_reaction_energy(entries[i])), 12)
        if kind == "mp_20_biternary":
            separation[i] = round(float(diagram.get_phase_separation_energy(entries[i])), 12)
    return {
        "name": name,
        "kind": kind,
        "atomicNumbers": [Element(symbol).Z for symbol in symbols],
        "counts": [[composition[symbol] for symbol in symbols] for composition, _ in phases],
        "energiesEvPerAtom": [energy for _, energy in phases],
        "stable": stable,
        "aboveEvPerAtom": above,
        "decompositions": products,
        "reactionEvPerAtom": reaction,
        "separationEvPerAtom": separation,
    }


np.random.seed(0)
systems = []
for name, kind, symbols, phases in itertools.chain(real_systems(), made_systems()):
    systems.append(hull(name, kind, symbols, phases))
    print(f"{name:24} {len(phases):4} phases, {len(systems[-1]['stable']):3} stable", flush=True)
write_fixture("hulls", ["pymatgen", "scipy", "numpy"], systems=systems)
