import type { Crystal } from '../crystal.ts';
import { closestPair, cutoffHolding, oneSiteError } from './closest-pair.ts';
import { type HalfPairs, searchPairs } from './pair-search.ts';

/**
 * Pairs of atoms, both directions, sorted by centre; rows start[i] to start[i + 1] belong to centre i. Arrays of one
 * list, and of several, may share one ArrayBuffer.
 */
export interface Neighbours {
  /** nAtoms + 1 offsets. */
  readonly start: Int32Array;
  /** nPairs. */
  readonly centre: Int32Array;
  readonly neighbour: Int32Array;
  /** 3·nPairs: how many a, b, c to add to the neighbour's position. */
  readonly image: Int32Array;
  readonly distanceAngstrom: Float64Array;
}

/** Far below any coordinate's rounding: nearer atoms are one atom told twice. */
const COINCIDENT_ANGSTROM = 1e-4;

/**
 * All periodic neighbours with distance ≤ cutoff (1e-8 Å of rounding allowed), exact for any cell, however skewed; an
 * atom's own images count. Each centre's rows stand by neighbour, then by image (c, b, a). Throws a RangeError for a
 * cutoff that is not positive and for two atoms on one site, which it names.
 */
export function neighboursWithin(crystal: Crystal, cutoffAngstrom: number): Neighbours {
  if (!(cutoffAngstrom > 0 && Number.isFinite(cutoffAngstrom))) {
    throw new RangeError(`cannot look for neighbours within ${cutoffAngstrom} Å: give a positive cutoff`);
  }
  const half = searchPairs(crystal.latticeAngstrom, crystal.fractionalCoordinates, cutoffAngstrom);
  const list = bothDirections(half, crystal.atomicNumbers.length);
  if (list === null) throw oneSiteError(crystal, closestPair(crystal));
  return list;
}

/** An ArrayBuffer costs as much as finding the pairs of a small cell: small lists share one. */
const SHARED_BYTES = 262_144;
let shared = new ArrayBuffer(SHARED_BYTES);
let sharedFrom = 0;

/** Zeroed memory that nobody else has, from a multiple of 8. */
function takeMemory(bytes: number): { readonly memory: ArrayBuffer; readonly from: number } {
  if (bytes > SHARED_BYTES / 4) return { memory: new ArrayBuffer(bytes), from: 0 };
  if (sharedFrom + bytes > SHARED_BYTES) {
    shared = new ArrayBuffer(SHARED_BYTES);
    sharedFrom = 0;
  }
  const from = sharedFrom;
  sharedFrom += Math.ceil(bytes / 8) * 8;
  return { memory: shared, from };
}

/** Where each row fills next. */
let cursor = new Int32Array(256);

/**
 * Writes each pair into its two rows, or returns null when two atoms coincide. The blocks come by rising i and j, so
 * that every row fills in its order.
 */
function bothDirections(half: HalfPairs, n: number): Neighbours | null {
  const { firstBlock, blockNeighbour, blockEnd, image: from, distanceAngstrom: fromDistance } = half;
  const pairs = 2 * half.count;
  const { memory, from: at } = takeMemory(28 * pairs + 4 * (n + 1));
  const distance = new Float64Array(memory, at, pairs);
  const centre = new Int32Array(memory, at + 8 * pairs, pairs);
  const neighbour = new Int32Array(memory, at + 12 * pairs, pairs);
  const image = new Int32Array(memory, at + 16 * pairs, 3 * pairs);
  const start = new Int32Array(memory, at + 28 * pairs, n + 1);
  if (cursor.length < n) cursor = new Int32Array(2 * n);
  for (let i = 0, row = 0; i < n; i++) {
    cursor[i] = row;
    const end = row + (half.neighbours[i] as number);
    centre.fill(i, row, end);
    row = end;
    start[i + 1] = row;
  }
  let least = Infinity;
  for (let i = 0, p = 0; i < n; i++) {
    const row = cursor[i] as number;
    let forward = row;
    for (let block = firstBlock[i] as number; block < (firstBlock[i + 1] as number); block++) {
      const j = blockNeighbour[block] as number;
      const end = blockEnd[block] as number;
      // The way back is the images' opposites, in the opposite order; an atom's own stand before those in front.
      let backward = (cursor[j] as number) + (end - p) - 1;
      if (j === i) forward += end - p;
      cursor[j] = (cursor[j] as number) + (end - p) * (j === i ? 2 : 1);
      for (; p < end; p++, forward++, backward--) {
        const na = from[3 * p] as number;
        const nb = from[3 * p + 1] as number;
        const nc = from[3 * p + 2] as number;
        const d = fromDistance[p] as number;
        if (d < least) least = d;
        neighbour[forward] = j;
        image[3 * forward] = na;
        image[3 * forward + 1] = nb;
        image[3 * forward + 2] = nc;
        distance[forward] = d;
        neighbour[backward] = i;
        image[3 * backward] = -na;
        image[3 * backward + 1] = -nb;
        image[3 * backward + 2] = -nc;
        distance[backward] = d;
      }
    }
  }
  return least < COINCIDENT_ANGSTROM ? null : { start, centre, neighbour, image, distanceAngstrom: distance };
}

/**
 * The k nearest periodic neighbours of every atom, rows by rising distance; distances that differ by less than
 * 1e-6 Å stand by neighbour, then image, so that the order does not hang on rounding. Throws a RangeError for a k that
 * is no positive integer and for atoms that share a site.
 */
export function nearestNeighbours(crystal: Crystal, k: number): Neighbours {
  if (!(Number.isInteger(k) && k > 0))
    throw new RangeError(`cannot find ${k} neighbours: give a positive integer`);
  const n = crystal.atomicNumbers.length;
  const found = growUntil(crystal, k, ({ start }) => {
    for (let i = 0; i < n; i++) if ((start[i + 1] as number) - (start[i] as number) < k) return false;
    return true;
  });
  const nearest: Neighbours = {
    start: Int32Array.from({ length: n + 1 }, (_, i) => i * k),
    centre: new Int32Array(n * k),
    neighbour: new Int32Array(n * k),
    image: new Int32Array(3 * n * k),
    distanceAngstrom: new Float64Array(n * k),
  };
  for (let i = 0; i < n; i++) {
    const rows = nearestRows(found, i, k);
    for (let p = 0; p < k; p++) {
      const row = rows[p] as number;
      const to = i * k + p;
      nearest.centre[to] = i;
      nearest.neighbour[to] = found.neighbour[row] as number;
      nearest.distanceAngstrom[to] = found.distanceAngstrom[row] as number;
      for (let axis = 0; axis < 3; axis++) {
        nearest.image[3 * to + axis] = found.image[3 * row + axis] as number;
      }
    }
  }
  return nearest;
}

/** Rows of atom i by rising distance, at least k of them, ties in the list's order. */
function nearestRows({ start, distanceAngstrom: distance }: Neighbours, i: number, k: number): number[] {
  const first = start[i] as number;
  const reach = (distance.slice(first, start[i + 1]).sort()[k - 1] as number) + TIE_ANGSTROM;
  const rows: number[] = [];
  for (let p = first; p < (start[i + 1] as number); p++) if ((distance[p] as number) < reach) rows.push(p);
  rows.sort((l, r) => (distance[l] as number) - (distance[r] as number));
  for (let from = 0; from < rows.length;) {
    let to = from + 1;
    while (to < rows.length && gap(distance, rows, to) < TIE_ANGSTROM) to++;
    if (to > from + 1) {
      const tied = rows.slice(from, to).sort((l, r) => l - r);
      for (let p = from; p < to; p++) rows[p] = tied[p - from] as number;
    }
    from = to;
  }
  return rows;
}

/** Distances closer than this are the same. */
const TIE_ANGSTROM = 1e-6;

function gap(distance: Float64Array, rows: readonly number[], place: number): number {
  return (distance[rows[place] as number] as number) - (distance[rows[place - 1] as number] as number);
}

/** Neighbour lists with a growing cutoff, from one that should hold about `expected` neighbours, until one is enough. */
export function growUntil(
  crystal: Crystal,
  expected: number,
  enough: (list: Neighbours) => boolean,
): Neighbours {
  for (let cutoff = cutoffHolding(crystal, expected); ; cutoff *= 1.25) {
    const list = neighboursWithin(crystal, cutoff);
    if (enough(list)) return list;
  }
}

/** Shortest distance between two atoms, own images included, Å. */
export function minimumDistanceAngstrom(crystal: Crystal): number {
  return closestPair(crystal).distanceAngstrom;
}

/** From each pair's centre to the neighbour's image, flat, 3·nPairs, Å. */
export function pairVectorsAngstrom(
  crystal: Crystal,
  { centre, neighbour, image }: Neighbours,
): Float64Array {
  const { latticeAngstrom: lattice, fractionalCoordinates: x } = crystal;
  const vectors = new Float64Array(image.length);
  for (let p = 0; p < centre.length; p++) {
    const [i, j] = [3 * (centre[p] as number), 3 * (neighbour[p] as number)];
    for (let axis = 0; axis < 3; axis++) {
      const f = (x[j + axis] as number) - (x[i + axis] as number) + (image[3 * p + axis] as number);
      for (let k = 0; k < 3; k++) {
        vectors[3 * p + k] = (vectors[3 * p + k] as number) + f * (lattice[3 * axis + k] as number);
      }
    }
  }
  return vectors;
}
