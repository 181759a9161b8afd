import { elementCounts, reducedFormula } from '../chemistry/composition.ts';
import type { Crystal } from '../crystal.ts';
import { nearestDistances } from './nearest-distances.ts';

/** Neighbours of each element that count: past the 20 that tell hcp from fcc, and some shells more. */
const DEPTH = 32;
/** Numbers per ordered pair of elements: the means, then the root mean squares, of the distances. */
export const FINGERPRINT_BLOCK = 2 * DEPTH;
const IDENTITY_GRID_ANGSTROM = 0.02;

/**
 * A continuous isometry invariant: for each ordered pair of elements (A, B), by atomic number, the mean and then the
 * root mean square, over the A atoms, of the distances to the 1st, …, 32nd nearest B atom (Å). It is the average
 * minimum distance of Widdowson et al., MATCH 87, 529 (2022), resolved by elements, with the spread of the pointwise
 * distances. It does not depend on cell, supercell, origin, rotation or order of atoms; moving each atom by at most ε
 * changes each number by at most 2ε. Mirror images are the same. Length: 64 · (number of elements)².
 */
export function fingerprint(crystal: Crystal): Float64Array {
  const counts = elementCounts(crystal);
  const elements = [...counts.keys()];
  const nearest = nearestDistances(crystal, elements, DEPTH);
  const invariant = new Float64Array(FINGERPRINT_BLOCK * elements.length ** 2);
  crystal.atomicNumbers.forEach((z, i) => {
    const weight = 1 / (counts.get(z) as number);
    const a = elements.indexOf(z);
    for (let b = 0; b < elements.length; b++) {
      const from = (i * elements.length + b) * DEPTH;
      const to = FINGERPRINT_BLOCK * (a * elements.length + b);
      for (let k = 0; k < DEPTH; k++) {
        const d = nearest[from + k] as number;
        invariant[to + k] = (invariant[to + k] as number) + weight * d;
        invariant[to + DEPTH + k] = (invariant[to + DEPTH + k] as number) + weight * d * d;
      }
    }
  });
  return invariant.map((x, index) => (index % FINGERPRINT_BLOCK < DEPTH ? x : Math.sqrt(x)));
}

/** The largest difference between two fingerprints, Å; infinite between different reduced formulas. */
export function fingerprintDistance(a: Crystal, b: Crystal): number {
  return reducedFormula(a) === reducedFormula(b)
    ? largestDifference(fingerprint(a), fingerprint(b))
    : Infinity;
}

/** Largest |difference| of two fingerprints of crystals with the same reduced formula, Å. */
export function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, x, index) => Math.max(most, Math.abs(x - (b[index] as number))), 0);
}

/** Whether two relaxed crystals are the same phase: same reduced formula, fingerprints within the tolerance. */
export function sameCrystal(a: Crystal, b: Crystal, toleranceAngstrom = 0.05): boolean {
  return fingerprintDistance(a, b) <= toleranceAngstrom;
}

/**
 * What makes two candidates the same, as a short string: reduced formula and a digest of the fingerprint on a grid of
 * 0.02 Å. Copies of a crystal in other cells, orders or orientations agree to rounding (1e-9 Å) and share it; crystals
 * that differ by some hundredths of an Å do not. Between, a number may lie at an edge of the grid: of 2,000 crystals,
 * atoms moved by 1e-7 Å change none, by 1e-6 Å 1, by 1e-5 Å 43. Where copies were relaxed, or written with few digits,
 * use `sameCrystal`, or `PhaseCatalogue` among many: they compare distances.
 */
export function identity(crystal: Crystal): string {
  let [low, high] = [0x9e3779b9, 0x85ebca6b];
  for (const x of fingerprint(crystal)) {
    // The golden ratio keeps round distances, which crystals prefer, away from the grid's edges.
    const word = Math.floor(x / IDENTITY_GRID_ANGSTROM + 0.6180339887498949);
    low = Math.imul(low ^ word, 0x01000193) ^ (high >>> 15);
    high = Math.imul(high ^ word ^ (low >>> 13), 0xcc9e2d51);
  }
  const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
  return `${reducedFormula(crystal)}-${hex(high)}${hex(low ^ (high >>> 16))}`;
}
