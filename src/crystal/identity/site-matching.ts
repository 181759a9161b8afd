import { assign } from '../geometry/assignment.ts';
import { determinant } from '../geometry/lattice.ts';
import { shortest } from '../geometry/torus.ts';
import { reciprocalLengths } from './lattice-mappings.ts';

/** How far the atoms of two matched crystals are apart, in parts of (V/N)^(1/3), best translation taken off. */
export interface SiteMatch {
  /** Root mean square over the atoms. */
  readonly rms: number;
  readonly largest: number;
}

/** Two sets of atoms in one cell, element by element. */
export interface SitePair {
  /** Fractional coordinates, flat, 3 per atom. */
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** Atoms start[e] to start[e + 1] are of the e-th element, in both sets; the rarest element stands first. */
  readonly start: readonly number[];
  readonly latticeAngstrom: readonly number[];
}

export interface SiteGoal {
  /** How far an atom may be off, in parts of (V/N)^(1/3). */
  readonly siteFraction: number;
  /** 'any': the first match whose largest displacement is within; 'least rms': the match with the least rms. */
  readonly search: 'any' | 'least rms';
}

/** The squared distance of atoms that are too far apart for each other, Å². */
const TOO_FAR = 1e9;

/**
 * Pairs the atoms of both sets by element at the least sum of squared distances, for every translation that brings an
 * atom of the rarest element of the second set onto one of the first. Null when nothing is within the goal.
 */
export function matchSites(pair: SitePair, { siteFraction, search }: SiteGoal): SiteMatch | null {
  const { first, second, start, latticeAngstrom } = pair;
  const n = second.length / 3;
  const lengthAngstrom = Math.cbrt(Math.abs(determinant(latticeAngstrom)) / n);
  const measure = new Displacements(pair, 2 * siteFraction * lengthAngstrom);
  let best: SiteMatch | null = null;
  for (let anchor = 0; anchor < (start[1] as number); anchor++) {
    const found = measure.after(
      at(first, 3 * anchor) - at(second, 0),
      at(first, 3 * anchor + 1) - at(second, 1),
      at(first, 3 * anchor + 2) - at(second, 2),
    );
    if (found === null) continue;
    const match = {
      rms: found.rmsAngstrom / lengthAngstrom,
      largest: found.largestAngstrom / lengthAngstrom,
    };
    if (search === 'any') {
      if (match.largest < siteFraction) return match;
    } else if (match.rms < siteFraction && (best === null || match.rms < best.rms)) {
      best = match;
      if (isExact(match)) return match;
    }
  }
  return best;
}

/** Whether no other way to lay the atoms onto each other is worth a try. */
export function isExact(match: SiteMatch): boolean {
  return match.rms < 1e-5;
}

/** Displacements between the two sets of one pair, with the room that they take held once. */
class Displacements {
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  readonly #start: readonly number[];
  readonly #lattice: Float64Array;
  /** How far apart two atoms may be along each axis, fractional. */
  readonly #box: Float64Array;
  /** Of the lattice planes, Å. */
  readonly #spacings: readonly [number, number, number];
  /** Below this no other image can be nearer, Å². */
  readonly #surelyShortest: number;
  readonly #cost: Float64Array;
  readonly #vectors: Float64Array;
  /** The second set after the translation, fractional. */
  readonly #moved: Float64Array;
  readonly #partners: Int32Array;
  readonly #taken: Uint8Array;
  readonly #between = new Float64Array(3);

  constructor({ first, second, start, latticeAngstrom }: SitePair, reachAngstrom: number) {
    this.#first = first;
    this.#second = second;
    this.#start = start;
    this.#lattice = Float64Array.from(latticeAngstrom);
    const perSpacing = reciprocalLengths(latticeAngstrom);
    this.#box = Float64Array.from(perSpacing, (x) => reachAngstrom * x);
    this.#spacings = [1 / perSpacing[0], 1 / perSpacing[1], 1 / perSpacing[2]];
    this.#surelyShortest = (0.5 * Math.min(...this.#spacings)) ** 2;
    const most = start.reduce((room, end, e) => Math.max(room, end - (start[e - 1] ?? 0)), 0);
    this.#cost = new Float64Array(most * most);
    this.#vectors = new Float64Array(second.length);
    this.#moved = new Float64Array(second.length);
    this.#partners = new Int32Array(most);
    this.#taken = new Uint8Array(most);
  }

  /** With the second set moved by a fractional translation; null when an atom has no partner within reach. */
  after(tx: number, ty: number, tz: number): { rmsAngstrom: number; largestAngstrom: number } | null {
    const moved = this.#moved;
    for (let i = 0; i < moved.length; i += 3) {
      moved[i] = at(this.#second, i) + tx;
      moved[i + 1] = at(this.#second, i + 1) + ty;
      moved[i + 2] = at(this.#second, i + 2) + tz;
    }
    for (let e = 0; e + 1 < this.#start.length; e++) {
      if (!this.#pairElement(at(this.#start, e), at(this.#start, e + 1))) return null;
    }
    const v = this.#vectors;
    const n = v.length / 3;
    let [mx, my, mz] = [0, 0, 0];
    for (let i = 0; i < v.length; i += 3) {
      mx += at(v, i);
      my += at(v, i + 1);
      mz += at(v, i + 2);
    }
    let sum = 0;
    let largest = 0;
    for (let i = 0; i < v.length; i += 3) {
      const x = at(v, i) - mx / n;
      const y = at(v, i + 1) - my / n;
      const z = at(v, i + 2) - mz / n;
      const squared = x * x + y * y + z * z;
      sum += squared;
      largest = Math.max(largest, squared);
    }
    return { rmsAngstrom: Math.sqrt(sum / n), largestAngstrom: Math.sqrt(largest) };
  }

  #pairElement(from: number, to: number): boolean {
    const size = to - from;
    const cost = this.#cost;
    const partners = this.#partners;
    const taken = this.#taken.fill(0);
    let conflict = false;
    for (let r = 0; r < size; r++) {
      let least = TOO_FAR;
      let nearest = -1;
      for (let c = 0; c < size; c++) {
        const squared = this.#vector(from + c, from + r);
        cost[r * size + c] = squared;
        if (squared < least) {
          least = squared;
          nearest = c;
        }
      }
      if (nearest < 0) return false;
      partners[r] = nearest;
      if (taken[nearest] === 1) conflict = true;
      taken[nearest] = 1;
    }
    const chosen = conflict ? assign(cost, size) : partners;
    for (let r = 0; r < size; r++) {
      if (this.#vector(from + at(chosen, r), from + r) >= TOO_FAR) return false;
      this.#vectors.set(this.#between, 3 * (from + r));
    }
    return true;
  }

  /** Leaves the shortest vector from a moved second to a first atom in `between`, Å; its squared length, Å². */
  #vector(c: number, r: number): number {
    const first = this.#first;
    const moved = this.#moved;
    const box = this.#box;
    const fx = shortest(at(first, 3 * c) - at(moved, 3 * r));
    if (!(Math.abs(fx) < at(box, 0))) return TOO_FAR;
    const fy = shortest(at(first, 3 * c + 1) - at(moved, 3 * r + 1));
    if (!(Math.abs(fy) < at(box, 1))) return TOO_FAR;
    const fz = shortest(at(first, 3 * c + 2) - at(moved, 3 * r + 2));
    if (!(Math.abs(fz) < at(box, 2))) return TOO_FAR;
    let least = this.#keep(fx, fy, fz, Infinity);
    if (least <= this.#surelyShortest) return least;
    // An image u cells further along an axis is at least |f + u| spacings away.
    const [da, db, dc] = this.#spacings;
    const length = Math.sqrt(least);
    const lastU = (1 + fx) * da < length ? 1 : 0;
    const lastV = (1 + fy) * db < length ? 1 : 0;
    const lastW = (1 + fz) * dc < length ? 1 : 0;
    for (let u = (1 - fx) * da < length ? -1 : 0; u <= lastU; u++) {
      for (let v = (1 - fy) * db < length ? -1 : 0; v <= lastV; v++) {
        for (let w = (1 - fz) * dc < length ? -1 : 0; w <= lastW; w++) {
          least = this.#keep(fx + u, fy + v, fz + w, least);
        }
      }
    }
    return least;
  }

  #keep(fx: number, fy: number, fz: number, least: number): number {
    const l = this.#lattice;
    const x = fx * at(l, 0) + fy * at(l, 3) + fz * at(l, 6);
    const y = fx * at(l, 1) + fy * at(l, 4) + fz * at(l, 7);
    const z = fx * at(l, 2) + fy * at(l, 5) + fz * at(l, 8);
    const squared = x * x + y * y + z * z;
    if (!(squared < least)) return least;
    const between = this.#between;
    between[0] = x;
    between[1] = y;
    between[2] = z;
    return squared;
  }
}

function at(array: ArrayLike<number>, index: number): number {
  return array[index] as number;
}
