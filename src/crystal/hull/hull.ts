import { type Composition, formulaOf } from '../chemistry/composition.ts';
import { symbolOf } from '../chemistry/elements.ts';

export interface HullPhase {
  readonly id: string;
  /** Counts per cell or formula unit; only the ratios matter. */
  readonly composition: Composition;
  readonly energyEvPerAtom: number;
}

/** A lower convex hull of energy over composition, for any number of elements. Compositions may leave elements out. */
export interface Hull {
  /** Phases on the hull (within 1e-9 eV/atom), in the order given. */
  readonly stableIds: readonly string[];
  hullEnergyEvPerAtom(composition: Composition): number;
  /** Negative when the phase would lie below the hull, that is, lower it. */
  energyAboveHullEvPerAtom(composition: Composition, energyEvPerAtom: number): number;
  /** Against the lowest phase of each element. */
  formationEnergyEvPerAtom(composition: Composition, energyEvPerAtom: number): number;
  /** The phases that the composition falls apart into, with their shares of the atoms. */
  decomposition(composition: Composition): { readonly id: string; readonly fraction: number }[];
}

const EPSILON = 1e-9;

interface Column {
  readonly id: string;
  /** Shares of the elements, in the hull's order; they sum to 1. */
  readonly shares: Float64Array;
  readonly energy: number;
}

/**
 * Builds the hull. All energies must come from one executor, version and settings.
 * Throws a RangeError when an element has no phase of its own, or an energy is not finite.
 */
export function buildHull(phases: readonly HullPhase[]): Hull {
  const elements = [...new Set(phases.flatMap((phase) => [...phase.composition.keys()]))].sort(
    (l, r) => l - r,
  );
  const columns = phases.map((phase): Column => {
    if (!Number.isFinite(phase.energyEvPerAtom)) {
      throw new RangeError(
        `phase ${phase.id} has the energy ${phase.energyEvPerAtom}: give a finite one in eV/atom`,
      );
    }
    return { id: phase.id, shares: sharesOf(elements, phase.composition), energy: phase.energyEvPerAtom };
  });
  const references = elements.map((z, axis) => {
    const pure = columns.filter((column) => (column.shares[axis] as number) > 1 - EPSILON);
    if (pure.length === 0) {
      throw new RangeError(
        `no phase of pure ${symbolOf(z)}: the hull needs one of each element as reference`,
      );
    }
    return pure.reduce((lowest, column) => (column.energy < lowest.energy ? column : lowest));
  });
  const stable = columns.filter(
    (column) => column.energy <= minimise(references, columns, column.shares).energy + EPSILON,
  );
  const solve = (composition: Composition): Mixture =>
    minimise(references, stable, sharesOf(elements, composition));

  return {
    stableIds: stable.map((column) => column.id),
    hullEnergyEvPerAtom: (composition) => solve(composition).energy,
    energyAboveHullEvPerAtom: (composition, energy) => energy - solve(composition).energy,
    formationEnergyEvPerAtom: (composition, energy) =>
      sharesOf(elements, composition).reduce(
        (left, share, axis) => left - share * (references[axis] as Column).energy,
        energy,
      ),
    decomposition: (composition) => solve(composition).parts,
  };
}

function sharesOf(elements: readonly number[], composition: Composition): Float64Array {
  const shares = new Float64Array(elements.length);
  let total = 0;
  for (const [z, count] of composition) {
    const axis = elements.indexOf(z);
    if (axis < 0) {
      throw new RangeError(
        `the hull has no ${symbolOf(z)}: it was built from phases of ${elements.map(symbolOf).join(', ')}`,
      );
    }
    if (!(count >= 0 && Number.isFinite(count))) {
      throw new RangeError(
        `${formulaOf(composition)} has ${count} of ${symbolOf(z)}: counts must be 0 or more`,
      );
    }
    shares[axis] = count;
    total += count;
  }
  if (total === 0) throw new RangeError('the composition is empty: give at least one element');
  return shares.map((count) => count / total);
}

interface Mixture {
  readonly energy: number;
  readonly parts: { readonly id: string; readonly fraction: number }[];
}

/**
 * The cheapest mixture with the target's composition: min Σ xᵢ eᵢ with Σ xᵢ cᵢ = target, x ≥ 0, by the revised simplex
 * method. The pure elements are a feasible basis to start from; with as many rows as elements each step is tiny.
 */
function minimise(references: readonly Column[], columns: readonly Column[], target: Float64Array): Mixture {
  const axes = [...target.keys()].filter((axis) => (target[axis] as number) > 0);
  const absent = [...target.keys()].filter((axis) => target[axis] === 0);
  const usable = columns.filter((column) => absent.every((axis) => column.shares[axis] === 0));
  const m = axes.length;
  const basis = axes.map((axis) => references[axis] as Column);
  const amount = Float64Array.from(axes, (axis) => target[axis] as number);
  // Row-major inverse of the basis matrix: the identity for the pure elements.
  const inverse = Float64Array.from({ length: m * m }, (_, i) => (i % (m + 1) === 0 ? 1 : 0));
  const price = new Float64Array(m);
  const direction = new Float64Array(m);

  for (let step = 0; step < 1000; step++) {
    price.fill(0);
    for (let row = 0; row < m; row++) {
      const energy = (basis[row] as Column).energy;
      for (let k = 0; k < m; k++) price[k] = (price[k] as number) + energy * (inverse[row * m + k] as number);
    }
    // The steepest column first; the first one once steps are many, which cannot cycle (Bland).
    let entering: Column | undefined;
    let least = -EPSILON / 10;
    for (const column of usable) {
      let reduced = column.energy;
      for (let k = 0; k < m; k++)
        reduced -= (price[k] as number) * (column.shares[axes[k] as number] as number);
      if (reduced < least) {
        entering = column;
        least = reduced;
        if (step > 100) break;
      }
    }
    if (entering === undefined) break;

    let leaving = -1;
    let limit = Infinity;
    for (let row = 0; row < m; row++) {
      let d = 0;
      for (let k = 0; k < m; k++)
        d += (inverse[row * m + k] as number) * (entering.shares[axes[k] as number] as number);
      direction[row] = d;
      if (d > 1e-12 && (amount[row] as number) / d < limit) {
        limit = (amount[row] as number) / d;
        leaving = row;
      }
    }
    pivot({ inverse, amount, direction, leaving, m });
    basis[leaving] = entering;
  }

  const parts = basis
    .map((column, row) => ({ id: column.id, fraction: amount[row] as number }))
    .filter((part) => part.fraction > EPSILON);
  const energy = basis.reduce((sum, column, row) => sum + column.energy * (amount[row] as number), 0);
  return { energy, parts };
}

interface Pivot {
  readonly inverse: Float64Array;
  readonly amount: Float64Array;
  readonly direction: Float64Array;
  readonly leaving: number;
  readonly m: number;
}

function pivot({ inverse, amount, direction, leaving, m }: Pivot): void {
  const scale = 1 / (direction[leaving] as number);
  for (let k = 0; k < m; k++) inverse[leaving * m + k] = (inverse[leaving * m + k] as number) * scale;
  amount[leaving] = (amount[leaving] as number) * scale;
  for (let row = 0; row < m; row++) {
    if (row === leaving) continue;
    const factor = direction[row] as number;
    for (let k = 0; k < m; k++) {
      inverse[row * m + k] = (inverse[row * m + k] as number) - factor * (inverse[leaving * m + k] as number);
    }
    amount[row] = Math.max(0, (amount[row] as number) - factor * amount[leaving]);
  }
}
