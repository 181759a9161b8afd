import { elementCounts, reducedFormula } from '../chemistry/composition.ts';
import type { Crystal } from '../crystal.ts';
import { growUntil } from '../geometry/neighbours.ts';

/** Neighbours of each element that count: past the 20 that tell hcp from fcc, and some shells more. */
const DEPTH = 32;
const IDENTITY_GRID_ANGSTROM = 0.02;

/**
 * A continuous isometry invariant: for each ordered pair of elements (A, B), by atomic number, the mean and then the
 * root mean square, over the A atoms, of the distances to the 1st, …, 32nd nearest B atom (Å). It is the average
 * minimum distance of Widdowson et al., MATCH 87, 529 (2022), resolved by elements, with the spread of the pointwise
 * distances. It does not depend on cell, supercell, origin, rotation or order of atoms; moving each atom by at most ε
 * changes each number by at most 2ε. Mirror images are the same. Length: 64 · (number of elements)².
 */
export function fingerprint(crystal: Crystal): Float64Array {
  const { atomicNumbers } = crystal;
  const counts = elementCounts(crystal);
  const elements = [...counts.keys()];
  const rarest = Math.min(...counts.values());
  const slot = atomicNumbers.map((z) => elements.indexOf(z));
  const rows = (distance: Float64Array, neighbour: Int32Array, from: number, to: number): number[][] => {
    const byElement = elements.map((): number[] => []);
    for (let p = from; p < to; p++) {
      byElement[slot[neighbour[p] as number] as number]?.push(distance[p] as number);
    }
    return byElement;
  };
  let perAtom: number[][][] = [];
  growUntil(crystal, (DEPTH * atomicNumbers.length) / rarest, (list) => {
    perAtom = atomicNumbers.map((_, i) =>
      rows(list.distanceAngstrom, list.neighbour, list.start[i] as number, list.start[i + 1] as number),
    );
    return perAtom.every((byElement) => byElement.every((distances) => distances.length >= DEPTH));
  });

  const invariant = new Float64Array(2 * DEPTH * elements.length ** 2);
  perAtom.forEach((byElement, i) => {
    const a = slot[i] as number;
    const weight = 1 / (counts.get(atomicNumbers[i] as number) as number);
    byElement.forEach((distances, b) => {
      const nearest = Float64Array.from(distances).sort();
      const offset = 2 * DEPTH * (a * elements.length + b);
      for (let k = 0; k < DEPTH; k++) {
        const d = nearest[k] as number;
        invariant[offset + k] = (invariant[offset + k] as number) + weight * d;
        invariant[offset + DEPTH + k] = (invariant[offset + DEPTH + k] as number) + weight * d * d;
      }
    });
  });
  return invariant.map((x, index) => (index % (2 * DEPTH) < DEPTH ? x : Math.sqrt(x)));
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
 * that differ by some hundredths of an Å do not. For relaxed crystals, which differ by noise, use `sameCrystal`.
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
