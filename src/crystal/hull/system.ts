import { CheapestMixture } from './mixture.ts';
import type { HullPhase } from './phase.ts';

/**
 * A phase lies on the hull when it is at most this far above it, eV/atom. It covers the rounding of sums of energies
 * and no more: DFT total energies are converged to 1e-6 eV/atom at best.
 */
export const STABLE_WITHIN_EV_PER_ATOM = 1e-9;

/** Shares that differ by less are those of one composition. */
const SAME_SHARE = 1e-9;

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

/** The phases on the hull that hold exactly these elements, in `canonicalOrder`. */
export interface System {
  readonly axes: readonly number[];
  readonly stable: readonly Column[];
}

/** The same for every order that the phases are given in: by composition, then the lowest first, then by id. */
export function canonicalOrder(l: Column, r: Column): number {
  for (let axis = 0; axis < l.shares.length; axis++) {
    const difference = (r.shares[axis] as number) - (l.shares[axis] as number);
    if (Math.abs(difference) > SAME_SHARE) return difference;
  }
  return l.energy - r.energy || (l.phase.id < r.phase.id ? -1 : 1);
}

export function sameComposition(l: Float64Array, r: Float64Array): boolean {
  for (let axis = 0; axis < l.length; axis++) {
    if (Math.abs((l[axis] as number) - (r[axis] as number)) > SAME_SHARE) return false;
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
  const inside = new Set(axes);
  const within: Column[] = [];
  for (const system of systems.values()) {
    if (system.axes.every((axis) => inside.has(axis))) within.push(...system.stable);
  }
  return within;
}

/** The systems with more phases; the very same map when none of these is stable. */
export function withColumns(
  systems: ReadonlyMap<string, System>,
  fresh: readonly Column[],
): ReadonlyMap<string, System> {
  const incoming = new Map<string, Column[]>();
  const all = new Map(systems);
  for (const column of fresh) {
    const key = column.axes.join();
    const group = incoming.get(key);
    if (group) group.push(column);
    else incoming.set(key, [column]);
    if (!all.has(key)) all.set(key, { axes: column.axes, stable: [] });
  }
  const changed = new Map(systems);
  const grown: (readonly number[])[] = [];
  // Small systems first: what is stable in one depends on those of fewer elements alone.
  for (const [key, { axes, stable: known }] of [...all].sort(
    ([, l], [, r]) => l.axes.length - r.axes.length,
  )) {
    const inside = new Set(axes);
    const belowGrew = grown.some((smaller) => smaller.every((axis) => inside.has(axis)));
    const own = incoming.get(key) ?? [];
    if (own.length === 0 && !belowGrew) continue;
    const below = stableWithin(changed, axes).filter((column) => column.axes.length < axes.length);
    const stable = stableIn(axes, lowestOfEach(below), { known, incoming: own, belowGrew });
    if (stable === known) continue;
    changed.set(key, { axes, stable });
    if (own.some((column) => stable.includes(column))) grown.push(axes);
  }
  return [...changed].some(([key, system]) => system !== systems.get(key)) ? changed : systems;
}

/** A simplex problem over the given axes; the first columns must be the pure elements in the axes' order. */
export function mixtureOf(axes: readonly number[], columns: readonly Column[], room = 0): CheapestMixture {
  const mixture = new CheapestMixture(axes.length, columns.length + room);
  for (const column of columns) mixture.add(pick(column.shares, axes), column.energy);
  return mixture;
}

/**
 * Which phases of one system are on the hull, given those of all smaller systems: `below`, the pure elements first.
 * `known` were on the hull before `below` and `incoming` grew. Returns `known` itself when nothing changes.
 *
 * Clarkson's way to find extreme points (FOCS 1994): a phase is held against those found so far, and only when it is
 * not above their hull the deepest of all phases under that facet is found as well. So most phases cost one small LP.
 */
export function stableIn(
  axes: readonly number[],
  below: readonly Column[],
  {
    known,
    incoming,
    belowGrew,
  }: { known: readonly Column[]; incoming: readonly Column[]; belowGrew: boolean },
): readonly Column[] {
  if (axes.length === 1) return lowest(known, incoming);
  const mixture = mixtureOf(axes, [...below, ...known], incoming.length);
  const shares = incoming.map((column) => pick(column.shares, axes));
  const found = new Uint8Array(incoming.length);
  const stable = incoming.filter(({ energy }, p) => {
    const own = shares[p] as Float64Array;
    for (;;) {
      if (mixture.solve(own) < energy - STABLE_WITHIN_EV_PER_ATOM) return false;
      const deepest = deepestBelow(mixture.prices, shares, { incoming, found });
      if (deepest < 0) return true;
      found[deepest] = 1;
      mixture.add(shares[deepest] as Float64Array, (incoming[deepest] as Column).energy);
    }
  });
  if (stable.length === 0 && !belowGrew) return known;
  const kept = known.filter(
    ({ shares: own, energy }) => mixture.solve(pick(own, axes)) >= energy - STABLE_WITHIN_EV_PER_ATOM,
  );
  if (stable.length === 0 && kept.length === known.length) return known;
  return [...kept, ...stable].sort(canonicalOrder);
}

function lowest(known: readonly Column[], incoming: readonly Column[]): readonly Column[] {
  const least = Math.min(...[...known, ...incoming].map(({ energy }) => energy)) + STABLE_WITHIN_EV_PER_ATOM;
  if (incoming.every(({ energy }) => energy > least)) return known;
  return [...known, ...incoming].filter(({ energy }) => energy <= least).sort(canonicalOrder);
}

/** The phase whose energy lies deepest below the plane of the prices; −1: none lies below. */
function deepestBelow(
  prices: Float64Array,
  shares: readonly Float64Array[],
  { incoming, found }: { incoming: readonly Column[]; found: Uint8Array },
): number {
  let deepest = -1;
  let least = -STABLE_WITHIN_EV_PER_ATOM / 100;
  for (let p = 0; p < shares.length; p++) {
    if (found[p] === 1) continue;
    const own = shares[p] as Float64Array;
    let reduced = (incoming[p] as Column).energy;
    for (let k = 0; k < own.length; k++) reduced -= (prices[k] as number) * (own[k] as number);
    if (reduced < least) {
      least = reduced;
      deepest = p;
    }
  }
  return deepest;
}
