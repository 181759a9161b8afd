import { type Composition, formulaOf } from '../chemistry/composition.ts';
import { symbolOf } from '../chemistry/elements.ts';

export interface HullPhase {
  /** Unique among the phases of a hull. */
  readonly id: string;
  /** Counts per cell or formula unit; only the ratios matter. */
  readonly composition: Composition;
  readonly energyEvPerAtom: number;
  /** What computed the energy: executor, version and settings. Only energies of one method can be compared. */
  readonly method: string;
}

/** Shares of the atoms that differ by less are the same, and less of an element or a phase than this is none. */
export const SHARE_RESOLUTION = 1e-9;

/** Shares of the elements, in the order given; they sum to 1. @throws RangeError that says what is wrong with them */
export function sharesOf(elements: readonly number[], composition: Composition): Float64Array {
  const shares = new Float64Array(elements.length);
  let total = 0;
  for (const [z, count] of composition) {
    if (!(count >= 0 && Number.isFinite(count))) {
      throw new RangeError(
        `${formulaOf(composition)} has ${count} of ${symbolOf(z)}: counts must be 0 or more, and finite`,
      );
    }
    if (count === 0) continue;
    const axis = elements.indexOf(z);
    if (axis < 0) {
      throw new RangeError(
        `the hull has no ${symbolOf(z)}: it was built from phases of ${elements.map(symbolOf).join(', ')}`,
      );
    }
    shares[axis] = count;
    total += count;
  }
  if (total === 0) throw new RangeError('the composition is empty: give at least one element');
  return shares.map((count) => (count / total < SHARE_RESOLUTION ? 0 : count / total));
}

/** The elements that the phases hold, by rising atomic number. */
export function elementsOf(phases: readonly HullPhase[]): number[] {
  const elements = new Set<number>();
  for (const { composition } of phases) {
    for (const [z, count] of composition) if (count !== 0) elements.add(z);
  }
  return [...elements].sort((l, r) => l - r);
}

/** @throws RangeError for an energy that is not finite, an id that occurs twice, and energies of different methods */
export function requireComparable(phases: readonly HullPhase[], added: readonly HullPhase[]): void {
  const [first] = phases.length > 0 ? phases : added;
  if (first === undefined)
    throw new RangeError('a hull of no phases: give at least one phase of each element');
  const fresh = new Set<string>();
  for (const { id, energyEvPerAtom, method } of added) {
    if (!Number.isFinite(energyEvPerAtom)) {
      throw new RangeError(`phase ${id} has the energy ${energyEvPerAtom}: give a finite one in eV/atom`);
    }
    if (method !== first.method) {
      throw new RangeError(
        `the energy of phase ${first.id} is of the method '${first.method}', that of phase ${id} of '${method}': ` +
          'they cannot be compared. Evaluate both with one executor, version and settings, or build one hull for each',
      );
    }
    if (fresh.has(id)) throw repeated(id);
    fresh.add(id);
  }
  const clash = phases.find(({ id }) => fresh.has(id));
  if (clash) throw repeated(clash.id);
}

function repeated(id: string): RangeError {
  return new RangeError(`two phases are called ${id}: give each phase of a hull an id of its own`);
}
