import type { Crystal } from '../crystal.ts';
import { elementOf, symbolOf } from './elements.ts';

/** Atomic number → number of atoms (in a cell, a formula unit, or per atom). */
export type Composition = ReadonlyMap<number, number>;

/** Below this a count is taken as the integer that it is next to. */
const INTEGER_TOLERANCE = 1e-8;

/** How many atoms of each element the cell holds, by rising atomic number. */
export function elementCounts(crystal: Crystal): Map<number, number> {
  const counts = new Map<number, number>();
  for (const z of [...crystal.atomicNumbers].sort((l, r) => l - r)) counts.set(z, (counts.get(z) ?? 0) + 1);
  return counts;
}

/** The smallest whole counts in the same proportion: Fe4O6 → Fe2O3. Counts that are not whole stay as they are. */
export function reduceComposition(composition: Composition): Map<number, number> {
  const whole = [...composition.values()].map(Math.round);
  const isWhole = [...composition.values()].every(
    (count, i) => Math.abs(count - (whole[i] as number)) < INTEGER_TOLERANCE,
  );
  if (!isWhole) return new Map(composition);
  const divisor = whole.reduce(greatestCommonDivisor, 0);
  return new Map([...composition.keys()].map((z, i) => [z, (whole[i] as number) / divisor]));
}

/** Reduced formula of a crystal, as in 'AlCu3': see `formulaOf` for the order. */
export function reducedFormula(crystal: Crystal): string {
  return formulaOf(reduceComposition(elementCounts(crystal)));
}

/** Formula with the counts as they are. Elements stand by rising electronegativity (Pauling), then by symbol. */
export function formulaOf(composition: Composition): string {
  return [...composition]
    .sort(([l], [r]) => electronegativity(l) - electronegativity(r) || (symbolOf(l) < symbolOf(r) ? -1 : 1))
    .map(([z, count]) => symbolOf(z) + writeCount(count))
    .join('');
}

/**
 * The proportions without the elements, as in 'AB3': letters by rising count in the reduced formula. Throws a
 * RangeError for more than 26 elements.
 */
export function anonymousFormula(composition: Composition): string {
  if (composition.size > 26) {
    throw new RangeError(`${composition.size} elements have no anonymous formula: give at most 26`);
  }
  return [...reduceComposition(composition).values()]
    .sort((l, r) => l - r)
    .map((count, i) => String.fromCodePoint(65 + i) + writeCount(count))
    .join('');
}

/** Throws a RangeError when the composition is empty or a count is not a positive number. */
export function requireCounts(composition: Composition): void {
  if (composition.size === 0) throw new RangeError('the composition is empty: give at least one element');
  for (const [z, count] of composition) {
    if (!(count > 0 && count < Infinity)) {
      throw new RangeError(`a count of ${count} for ${symbolOf(z)}: give a positive number`);
    }
  }
}

/** Throws a RangeError as `requireCounts` does, and for counts that are not whole. */
export function requireWholeCounts(composition: Composition): void {
  requireCounts(composition);
  for (const [z, count] of composition) {
    if (!Number.isInteger(count)) {
      throw new RangeError(`a count of ${count} for ${symbolOf(z)}: give whole counts, as in 'Fe2O3'`);
    }
  }
}

/** '' for 1; eight decimals, as many as a formula can mean. */
function writeCount(count: number): string {
  const rounded = Number(count.toFixed(8));
  return rounded === 1 ? '' : String(rounded);
}

/** Elements without a tabulated value (noble gases, heavy actinides) stand last. */
function electronegativity(atomicNumber: number): number {
  return elementOf(atomicNumber).electronegativity ?? 10;
}

function greatestCommonDivisor(l: number, r: number): number {
  return r === 0 ? l : greatestCommonDivisor(r, l % r);
}
