"""Rank correlation of our element correlations with the substitution probabilities of pymatgen.

Job: {"pairs": [[symbol, symbol, correlation], ...]}. pymatgen's table (Hautier et al. 2011) is of ions: probabilities
are summed over the ions of an element, for the pairs of elements of which the table has any pair of ions.
"""

import importlib.metadata
import json
import sys

from pymatgen.analysis.structure_prediction.substitution_probability import SubstitutionProbability
from pymatgen.core.periodic_table import get_el_sp
from scipy.stats import spearmanr

job = json.load(sys.stdin)
probability = SubstitutionProbability()
joint, share = {}, {}
for species in probability.species:
    share[species.symbol] = share.get(species.symbol, 0) + probability.get_px(species)
for row in probability._lambda_table:
    first, second = get_el_sp(row[0]), get_el_sp(row[1])
    key = tuple(sorted((first.symbol, second.symbol)))
    joint[key] = joint.get(key, 0) + probability.prob(first, second)
table = {(a, b): value / (share[a] * share[b]) for (a, b), value in joint.items() if share[a] * share[b] > 0}
ours, theirs = [], []
for a, b, correlation in job["pairs"]:
    key = tuple(sorted((a, b)))
    if key in table:
        ours.append(correlation)
        theirs.append(table[key])
print(
    json.dumps(
        {
            "peer": f"pymatgen {importlib.metadata.version('pymatgen')} SubstitutionProbability",
            "pairs": len(ours),
            "spearman": float(spearmanr(ours, theirs).statistic),
        }
    )
)
