import { CheapestMixture } from './mixture.ts';
import { type HullPhase, SHARE_RESOLUTION } from './phase.ts';

/**
 * A phase lies on the hull when it is at most this far above it, eV/atom. It covers the rounding of sums of energies
 * and no more: DFT total energies are converged to 1e-6 eV/atom at best.
 */
export const STABLE_WITHIN_EV_PER_ATOM = 1e-9;

/** A plane proves that what it touches is stable when no phase lies deeper below it, eV/atom. */
const PROOF_WITHIN = STABLE_WITHIN_EV_PER_ATOM / 100;

/** A phase as the simplex method sees it. */
export interface Column {
  readonly phase: HullPhase;
  /** Which of the hull's elements it holds, rising. */
  readonly axes: readonly number[];
  /** One for each of the hull's elements; they sum to 1. */
  readonly shares: Float64Array;
  /** Above the hull's fixed energies of the elements, eV/atom. */
  readonly energy: number;
}

/** The phases of exactly these elements. */
export interface System {
  readonly axes: readonly number[];
  /**
   * Those on the hull in `canonicalOrder`, each with what proves it: chemical potentials, one for each axis, whose plane
   * goes through it and has no phase below.
   */
  readonly stable: ReadonlyMap<Column, Float64Array>;
}

/** The same for every order that the phases are given in: by composition, then the lowest first, then by id. */
export function canonicalOrder(l: Column, r: Column): number {
  for (let axis = 0; axis < l.shares.length; axis++) {
    const difference = (r.shares[axis] as number) - (l.shares[axis] as number);
    if (Math.abs(difference) > SHARE_RESOLUTION) return difference;
  }
  return l.energy - r.energy || (l.phase.id < r.phase.id ? -1 : 1);
}

export function sameComposition(l: Float64Array, r: Float64Array): boolean {
  for (let axis = 0; axis < l.length; axis++) {
    if (Math.abs((l[axis] as number) - (r[axis] as number)) > SHARE_RESOLUTION) return false;
  }
  return true;
}

/** The numbers of a vector over all of the hull's elements that belong to the given axes. */
export function pick(vector: Float64Array, axes: readonly number[]): Float64Array {
  const picked = new Float64Array(axes.length);
  for (let k = 0; k < axes.length; k++) picked[k] = vector[axes[k] as number] as number;
  return picked;
}

/** The axes that the shares are not zero on, rising. */
export function axesOf(shares: Float64Array): number[] {
  const axes: number[] = [];
  for (let axis = 0; axis < shares.length; axis++) if (shares[axis] !== 0) axes.push(axis);
  return axes;
}

/** The lowest column of each composition, the pure elements first, otherwise in `canonicalOrder`. */
export function lowestOfEach(columns: readonly Column[]): Column[] {
  const lowest: Column[] = [];
  for (const column of [...columns].sort(canonicalOrder)) {
    const last = lowest.at(-1);
    if (!last || !sameComposition(last.shares, column.shares)) lowest.push(column);
  }
  return [...lowest.filter(({ axes }) => axes.length === 1), ...lowest.filter(({ axes }) => axes.length > 1)];
}

/** The stable phases that hold no other elements than these. */
export function stableWithin(systems: ReadonlyMap<string, System>, axes: readonly number[]): Column[] {
  const within: Column[] = [];
  // Few elements have fewer subsets than there are systems; of many the systems are fewer.
  if (2 ** axes.length <= systems.size) {
    for (let subset = 1; subset < 2 ** axes.length; subset++) {
      const key = axes.filter((_, k) => ((subset >> k) & 1) === 1).join();
      within.push(...(systems.get(key)?.stable.keys() ?? []));
    }
    return within;
  }
  const inside = new Set(axes);
  for (const system of systems.values()) {
    if (system.axes.every((axis) => inside.has(axis))) within.push(...system.stable.keys());
  }
  return within;
}

/** The systems with more phases. */
export function withColumns(
  systems: ReadonlyMap<string, System>,
  columns: readonly Column[],
): ReadonlyMap<string, System> {
  const incoming = new Map<string, Column[]>();
  const grown = new Map(systems);
  for (const column of columns) {
    const key = column.axes.join();
    const group = incoming.get(key);
    if (group) group.push(column);
    else incoming.set(key, [column]);
    if (!grown.has(key)) grown.set(key, { axes: column.axes, stable: new Map() });
  }
  const fresh: Column[] = [];
  // Small systems first: what is stable in one depends on those of fewer elements alone.
  for (const [key, system] of [...grown].sort(([, l], [, r]) => l.axes.length - r.axes.length)) {
    const inside = new Set(system.axes);
    const lowering =
      system.stable.size === 0 ? [] : fresh.filter(({ axes }) => axes.every((axis) => inside.has(axis)));
    const own = incoming.get(key) ?? [];
    const stable = stableOf(system, grown, { incoming: own, lowering });
    if (stable === system.stable) continue;
    grown.set(key, { axes: system.axes, stable });
    fresh.push(...own.filter((column) => stable.has(column)));
  }
  return grown;
}

/** A simplex problem over the given axes; the first columns must be the pure elements in the axes' order. */
export function mixtureOf(axes: readonly number[], columns: readonly Column[], room = 0): CheapestMixture {
  const mixture = new CheapestMixture(axes.length, columns.length + room);
  for (const column of columns) mixture.add(pick(column.shares, axes), column.energy);
  return mixture;
}

/**
 * Which phases of one system are on the hull, now that phases of its own came in and `lowering` ones, stable, in smaller
 * systems. Returns the very same map when nothing changes.
 *
 * Clarkson's way to find extreme points (FOCS 1994): a phase is held against those found so far, and only when it is
 * not above their hull the deepest of all phases under that facet is found as well. So most phases cost one small LP,
 * and one that was stable before costs none while its proof holds.
 */
function stableOf(
  { axes, stable: known }: System,
  systems: ReadonlyMap<string, System>,
  { incoming, lowering }: { incoming: readonly Column[]; lowering: readonly Column[] },
): ReadonlyMap<Column, Float64Array> {
  if (axes.length === 1) return lowest(known, incoming);
  const holds = (proof: Float64Array, against: readonly Column[]): boolean =>
    against.every((column) => belowPlane(proof, pick(column.shares, axes), column.energy) <= PROOF_WITHIN);
  if (incoming.length === 0 && [...known.values()].every((proof) => holds(proof, lowering))) return known;

  const below = stableWithin(systems, axes).filter((column) => column.axes.length < axes.length);
  const mixture = mixtureOf(axes, [...lowestOfEach(below), ...known.keys()], incoming.length);
  const stable: [Column, Float64Array][] = [];
  const shares = incoming.map((column) => pick(column.shares, axes));
  const found = new Uint8Array(incoming.length);
  for (const [p, column] of incoming.entries()) {
    const own = shares[p] as Float64Array;
    while (mixture.solve(own) >= column.energy - STABLE_WITHIN_EV_PER_ATOM) {
      const deepest = deepestBelow(mixture.prices, shares, { incoming, found });
      if (deepest < 0) {
        stable.push([column, mixture.prices.slice()]);
        break;
      }
      found[deepest] = 1;
      mixture.add(shares[deepest] as Float64Array, (incoming[deepest] as Column).energy);
    }
  }
  const added = [...lowering, ...stable.map(([column]) => column)];
  for (const [column, proof] of known) {
    if (holds(proof, added)) stable.push([column, proof]);
    else if (mixture.solve(pick(column.shares, axes)) >= column.energy - STABLE_WITHIN_EV_PER_ATOM)
      stable.push([column, mixture.prices.slice()]);
  }
  return new Map(stable.sort(([l], [r]) => canonicalOrder(l, r)));
}

function lowest(
  known: ReadonlyMap<Column, Float64Array>,
  incoming: readonly Column[],
): ReadonlyMap<Column, Float64Array> {
  if (incoming.length === 0) return known;
  const all = [...known.keys(), ...incoming].sort(canonicalOrder);
  const least = (all[0] as Column).energy;
  const ties = all.filter(({ energy }) => energy <= least + STABLE_WITHIN_EV_PER_ATOM);
  return new Map(ties.map((column) => [column, Float64Array.of(least)]));
}

/** The phase whose energy lies deepest below the plane of the prices; −1: none lies below. */
function deepestBelow(
  prices: Float64Array,
  shares: readonly Float64Array[],
  { incoming, found }: { incoming: readonly Column[]; found: Uint8Array },
): number {
  let deepest = -1;
  let most = PROOF_WITHIN;
  for (let p = 0; p < shares.length; p++) {
    if (found[p] === 1) continue;
    const depth = belowPlane(prices, shares[p] as Float64Array, (incoming[p] as Column).energy);
    if (depth > most) {
      most = depth;
      deepest = p;
    }
  }
  return deepest;
}

/** How far an energy lies below the plane of the prices, eV/atom. */
function belowPlane(prices: Float64Array, shares: Float64Array, energyEvPerAtom: number): number {
  let depth = -energyEvPerAtom;
  for (let k = 0; k < shares.length; k++) depth += (prices[k] as number) * (shares[k] as number);
  return depth;
}
