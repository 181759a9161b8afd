import { type Composition, reduceComposition, requireWholeCounts } from './composition.ts';
import { isMetal } from './elements.ts';
import { magpieDescriptors } from './magpie.ts';
import model from './metallicity.json' with { type: 'json' };
import { guessOxidationStates } from './oxidation-states.ts';
import { isSmactValid, type SmactList } from './smact.ts';

const LISTS: readonly SmactList[] = ['smact14', 'icsd24', 'icsd24-consensus'];

/**
 * How likely the composition's most stable compound is a metal in PBE, 0 to 1: good enough to choose settings by (spin,
 * smearing, k-point density), no prediction of a band gap. A logistic model of binary and ternary compositions of MP-20
 * (Materials Project, CC BY 4.0), on the Magpie descriptors and on whether oxidation states can balance; a pure element
 * goes by its place in the periodic table. `source` and `measured` in metallicity.json say what it was fitted to and how
 * well it does on other compositions. Throws a RangeError for counts that are not whole.
 */
export function metalProbability(composition: Composition): number {
  requireWholeCounts(composition);
  const [z] = composition.keys();
  if (composition.size === 1 && z !== undefined) return isMetal(z) ? 1 : 0;
  // The features hang a little on the size of the cell: more atoms mix valences more freely.
  const logit = metalFeatures(reduceComposition(composition)).reduce(
    (sum, value, i) => sum + value * (model.weights[i] as number),
    model.intercept,
  );
  return 1 / (1 + Math.exp(-logit));
}

/**
 * What the model sees, [137]: the Magpie descriptors, then whether oxidation states can balance, the likeliest guess's
 * score per atom (in thousands of ICSD ions), and SMACT's verdict with each list.
 */
export function metalFeatures(composition: Composition): number[] {
  const [guess] = guessOxidationStates(composition);
  const atoms = [...composition.values()].reduce((sum, count) => sum + count, 0);
  return [
    ...magpieDescriptors(composition),
    guess === undefined ? 0 : 1,
    (guess?.score ?? 0) / atoms / 1000,
    ...LISTS.map((list) => (isSmactValid(composition, { list, includeAlloys: false }) ? 1 : 0)),
  ];
}
