import type { Crystal } from '../crystal.ts';
import { type Composition, elementCounts, reduceComposition, requireWholeCounts } from './composition.ts';
import { elementOf } from './elements.ts';
import table from './oxidation-states.json' with { type: 'json' };

/** One neutral way to give each atom an oxidation state. */
export interface OxidationGuess {
  /** Atomic number → oxidation state of each of its atoms, rising; several where the valence is mixed. */
  readonly states: ReadonlyMap<number, readonly number[]>;
  /** Atomic number → mean oxidation state. */
  readonly means: ReadonlyMap<number, number>;
  /** How often the ICSD has these ions, summed over the atoms: higher is likelier. */
  readonly score: number;
}

/**
 * The likeliest assignments of oxidation states to a composition, best first, one for each set of mean states; empty
 * when none has the charge. A pure element is neutral. The meaning is that of pymatgen's
 * Composition.oxi_state_guesses: any mixture of an element's known states, ranked by the ICSD's ion counts; of equal
 * ranks the more ionic one is first. More atoms have more freedom: Fe3O4 mixes valences as FeO cannot.
 * Throws a RangeError for counts that are not whole.
 */
export function guessOxidationStates(
  composition: Composition,
  options: { readonly limit?: number; readonly chargeE?: number } = {},
): OxidationGuess[] {
  const { limit = 1, chargeE = 0 } = options;
  requireWholeCounts(composition);
  const [pure] = composition;
  if (pure !== undefined && composition.size === 1) {
    const [z, count] = pure;
    return [{ states: new Map([[z, new Array<number>(count).fill(0)]]), means: new Map([[z, 0]]), score: 0 }];
  }
  const mixtures = [...composition].sort(([l], [r]) => l - r).map(([z, count]) => mixturesOf(z, count));
  return bestSums(mixtures, chargeE, limit).map((choice) => {
    const sums = unchain(choice);
    const states = mixtures.map((mixture, i) => [mixture.z, mixture.statesFor(sums[i] as number)] as const);
    return {
      states: new Map(states),
      means: new Map(mixtures.map(({ z, count }, i) => [z, (sums[i] as number) / count])),
      score: choice.score,
    };
  });
}

/**
 * The crystal with the likeliest mean oxidation state on each atom (fractional where the valence is mixed), or null
 * where no neutral assignment exists. It looks at the reduced formula, so that the choice of cell does not count; at
 * the whole cell where that has a charge.
 */
export function withOxidationStates(crystal: Crystal): Crystal | null {
  const { chargeE = 0 } = crystal;
  const counts = elementCounts(crystal);
  const [guess] = guessOxidationStates(chargeE === 0 ? reduceComposition(counts) : counts, { chargeE });
  if (guess === undefined) return null;
  return { ...crystal, oxidationStates: crystal.atomicNumbers.map((z) => guess.means.get(z) as number) };
}

/** All charges that the atoms of one element can have together, each by its likeliest mixture of states. */
interface Mixtures {
  readonly z: number;
  readonly count: number;
  readonly lowest: number;
  readonly highest: number;
  /** By charge − lowest; −1 where no mixture has the charge. */
  readonly scores: Float64Array;
  statesFor(charge: number): number[];
}

function mixturesOf(z: number, count: number): Mixtures {
  const index = elementOf(z).atomicNumber - 1;
  const states = table.states[index] as readonly number[];
  const occurrences = table.occurrences[index] as readonly number[];
  const least = Math.min(...states);
  const width = count * (Math.max(...states) - least) + 1;
  if (states.length === 0) {
    return { z, count, lowest: 0, highest: -1, scores: new Float64Array(0), statesFor: () => [] };
  }
  // By number of atoms, then by charge above the lowest: which state the last atom has.
  const choices = new Int8Array((count + 1) * width).fill(-1);
  let scores = new Float64Array(width).fill(-1);
  scores[0] = 0;
  for (let atom = 1; atom <= count; atom++) {
    const next = new Float64Array(width).fill(-1);
    for (let i = 0; i < states.length; i++) {
      const step = (states[i] as number) - least;
      const gain = occurrences[i] as number;
      for (let above = step; above < width; above++) {
        const before = scores[above - step] as number;
        if (before >= 0 && before + gain > (next[above] as number)) {
          next[above] = before + gain;
          choices[atom * width + above] = i;
        }
      }
    }
    scores = next;
  }
  const lowest = least * count;
  const statesFor = (charge: number): number[] => {
    const found: number[] = [];
    let above = charge - lowest;
    for (let atom = count; atom > 0; atom--) {
      const state = states[choices[atom * width + above] as number] as number;
      found.push(state);
      above -= state - least;
    }
    return found.sort((l, r) => l - r);
  };
  return { z, count, lowest, highest: lowest + width - 1, scores, statesFor };
}

/** Charges chosen for the first elements, the last one's here and the others' down the chain. */
interface Choice {
  readonly charge: number;
  readonly score: number;
  /** Σ electronegativity × charge: the lower, the more ionic. */
  readonly covalency: number;
  readonly previous: Choice | null;
}

/** The best choices of one charge for each element with the given sum, at most `limit` kept for each partial sum. */
function bestSums(mixtures: readonly Mixtures[], target: number, limit: number): Choice[] {
  let partial = new Map<number, (Choice | null)[]>([[0, [null]]]);
  let lowestLeft = mixtures.reduce((sum, { lowest }) => sum + lowest, 0);
  let highestLeft = mixtures.reduce((sum, { highest }) => sum + highest, 0);
  for (const { z, lowest, highest, scores } of mixtures) {
    lowestLeft -= lowest;
    highestLeft -= highest;
    const electronegativity = elementOf(z).electronegativity ?? 0;
    const next = new Map<number, Choice[]>();
    for (const [sum, choices] of partial) {
      const from = Math.max(lowest, target - highestLeft - sum);
      const to = Math.min(highest, target - lowestLeft - sum);
      for (let charge = from; charge <= to; charge++) {
        const score = scores[charge - lowest] as number;
        if (score < 0) continue;
        let kept = next.get(sum + charge);
        if (kept === undefined) next.set(sum + charge, (kept = []));
        for (const previous of choices) {
          keep(kept, limit, {
            charge,
            score: (previous?.score ?? 0) + score,
            covalency: (previous?.covalency ?? 0) + electronegativity * charge,
            previous,
          });
        }
      }
    }
    partial = next;
  }
  return (partial.get(target) ?? []).filter((choice) => choice !== null);
}

/** Puts a choice into its place among the best ones. */
function keep(kept: Choice[], limit: number, choice: Choice): void {
  let at = kept.length;
  while (at > 0 && isBetter(choice, kept[at - 1] as Choice)) at--;
  if (at >= limit) return;
  kept.splice(at, 0, choice);
  if (kept.length > limit) kept.pop();
}

function isBetter(l: Choice, r: Choice): boolean {
  return l.score > r.score || (l.score === r.score && l.covalency < r.covalency);
}

function unchain(last: Choice): number[] {
  const charges: number[] = [];
  for (let choice: Choice | null = last; choice !== null; choice = choice.previous)
    charges.push(choice.charge);
  return charges.toReversed();
}
