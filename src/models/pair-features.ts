import type { Crystal } from '../crystal/crystal.ts';
import { neighboursWithin } from '../crystal/geometry/neighbours.ts';

/** Numbers per pair of atoms: a radial basis summed over the periodic images, and the shortest image's basis. */
export const PAIR_FEATURES = 64;

const CENTRES = PAIR_FEATURES / 2;
const CUTOFF_ANGSTROM = 8;
const SHORTEST_ANGSTROM = 0.7;
const TABLE_STEP_ANGSTROM = 0.01;
const TABLE_ROWS = CUTOFF_ANGSTROM / TABLE_STEP_ANGSTROM + 2;

/** One crystal as numbers: what every network here sees of it. */
export interface PairFeatures {
  readonly atomicNumbers: readonly number[];
  /** [n, n, PAIR_FEATURES] flat, n the number of atoms; invariant under rotation, translation and choice of cell vectors. */
  readonly pairs: Float32Array;
}

/**
 * For each ordered pair (i, j), the images of j within 8 Å of i merged into one vector: log(1 + 100 Σ basis) / 5 and
 * the basis at the shortest distance. The basis is Gaussians at 32 centres evenly spaced in log distance, with a
 * smooth cut at 8 Å; a pair with nothing within 8 Å is all zeros, like padding. Throws a RangeError for a flat cell.
 */
export function pairFeatures(crystal: Crystal): PairFeatures {
  const { atomicNumbers } = crystal;
  const n = atomicNumbers.length;
  const { start, neighbour, distanceAngstrom } = neighboursWithin(crystal, CUTOFF_ANGSTROM);
  const table = (basisTable ??= tabulateBasis());
  const pairs = new Float32Array(n * n * PAIR_FEATURES);
  const shortest = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    shortest.fill(Infinity);
    for (let p = start[i] as number; p < (start[i + 1] as number); p++) {
      const j = neighbour[p] as number;
      const distance = distanceAngstrom[p] as number;
      addBasis(table, distance, pairs, (i * n + j) * PAIR_FEATURES);
      if (distance < (shortest[j] as number)) shortest[j] = distance;
    }
    for (let j = 0; j < n; j++) {
      const at = (i * n + j) * PAIR_FEATURES;
      for (let k = at; k < at + CENTRES; k++) pairs[k] = Math.log1p(100 * (pairs[k] as number)) / 5;
      if (shortest[j] !== Infinity) addBasis(table, shortest[j] as number, pairs, at + CENTRES);
    }
  }
  return { atomicNumbers, pairs };
}

let basisTable: Float32Array | null = null;

/** The basis every 0.01 Å, [TABLE_ROWS, CENTRES]: interpolating it is ten times faster than its exponentials. */
function tabulateBasis(): Float32Array {
  const table = new Float32Array(TABLE_ROWS * CENTRES);
  const step = Math.log(CUTOFF_ANGSTROM / SHORTEST_ANGSTROM) / (CENTRES - 1);
  for (let row = 0; row < TABLE_ROWS; row++) {
    const distance = row * TABLE_STEP_ANGSTROM;
    if (distance >= CUTOFF_ANGSTROM) break;
    const cut = 0.5 * (Math.cos((Math.PI * distance) / CUTOFF_ANGSTROM) + 1);
    // Anything nearer than the first centre looks like the first centre.
    const position = Math.log(Math.max(distance, SHORTEST_ANGSTROM) / SHORTEST_ANGSTROM) / step;
    for (let k = 0; k < CENTRES; k++) {
      table[row * CENTRES + k] = cut * Math.exp(-((position - k) ** 2));
    }
  }
  return table;
}

function addBasis(table: Float32Array, distance: number, into: Float32Array, at: number): void {
  const position = distance / TABLE_STEP_ANGSTROM;
  const row = Math.floor(position);
  const right = position - row;
  const left = 1 - right;
  const from = row * CENTRES;
  for (let k = 0; k < CENTRES; k++) {
    into[at + k] =
      (into[at + k] as number) +
      left * (table[from + k] as number) +
      right * (table[from + CENTRES + k] as number);
  }
}
