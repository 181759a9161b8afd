import { makeCrystal } from '../../crystal/crystal.ts';
import { determinant, inverse, multiply } from '../../crystal/geometry/lattice.ts';
import { neighboursWithin } from '../../crystal/geometry/neighbours.ts';

/** Each pair of atoms once, with an image of the second; kept while atoms and cell move less than the skin allows. */
export interface PairList {
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** Row of `images`. */
  readonly imageOf: Int32Array;
  /** Distinct images, 3 integers each: how many a, b, c to add to the second atom. */
  readonly images: Int32Array;
  /** Whether every pair within the cutoff is still in the list. */
  covers(lattice: Float64Array, fractional: Float64Array): boolean;
}

export interface PairListOptions {
  /** Å. */
  readonly cutoff: number;
  /** Å on top of the cutoff. */
  readonly skin: number;
}

/** Throws a RangeError for a flat or non-finite cell. */
export function buildPairList(
  lattice: Float64Array,
  fractional: Float64Array,
  { cutoff, skin }: PairListOptions,
): PairList {
  // Elements do not matter here; hydrogen stands for all of them.
  const crystal = makeCrystal({
    latticeAngstrom: lattice,
    fractionalCoordinates: fractional,
    atomicNumbers: new Uint8Array(fractional.length / 3).fill(1),
  });
  const wrapped = crystal.fractionalCoordinates;
  const found = neighboursWithin(crystal, cutoff + skin);
  // Back from the wrapped coordinates to those that were given.
  const unwrap = Int32Array.from(fractional, (x, k) => Math.round((wrapped[k] as number) - x));
  const first: number[] = [];
  const second: number[] = [];
  const imageOf: number[] = [];
  const images: number[] = [];
  const rows = new Map<number, number>();
  for (let p = 0; p < found.neighbour.length; p++) {
    const i = found.centre[p] as number;
    const j = found.neighbour[p] as number;
    if (j < i || (j === i && !isForward(found.image, 3 * p))) continue;
    const u = (found.image[3 * p] as number) + (unwrap[3 * j] as number) - (unwrap[3 * i] as number);
    const v =
      (found.image[3 * p + 1] as number) + (unwrap[3 * j + 1] as number) - (unwrap[3 * i + 1] as number);
    const w =
      (found.image[3 * p + 2] as number) + (unwrap[3 * j + 2] as number) - (unwrap[3 * i + 2] as number);
    const key = (u * 65536 + v) * 65536 + w;
    let row = rows.get(key);
    if (row === undefined) {
      row = rows.size;
      rows.set(key, row);
      images.push(u, v, w);
    }
    first.push(i);
    second.push(j);
    imageOf.push(row);
  }
  const oldInverse = inverse(lattice);
  const oldFractional = fractional.slice();
  return {
    first: Int32Array.from(first),
    second: Int32Array.from(second),
    imageOf: Int32Array.from(imageOf),
    images: Int32Array.from(images),
    covers: (newLattice, newFractional) => {
      if (!(Math.abs(determinant(newLattice)) > 0)) return false;
      const deformation = multiply(oldInverse, newLattice);
      const strain = Math.hypot(...deformation.map((x, i) => (i % 4 === 0 ? x - 1 : x)));
      const moved = longestMove(newLattice, oldFractional, newFractional);
      // A pair outside the list was further apart than cutoff + skin; strain and two moves are all that closes it.
      return (cutoff + skin) * (1 - strain) - 2 * moved >= cutoff;
    },
  };
}

/** Of an image and its opposite, exactly one is forward. */
function isForward(image: Int32Array, at: number): boolean {
  const [u, v, w] = [image[at], image[at + 1], image[at + 2]] as [number, number, number];
  return w !== 0 ? w > 0 : v !== 0 ? v > 0 : u > 0;
}

/** The longest move of an atom relative to the cell, Å. */
function longestMove(lattice: Float64Array, before: Float64Array, after: Float64Array): number {
  let longest = 0;
  for (let i = 0; i < after.length; i += 3) {
    const a = (after[i] as number) - (before[i] as number);
    const b = (after[i + 1] as number) - (before[i + 1] as number);
    const c = (after[i + 2] as number) - (before[i + 2] as number);
    let squared = 0;
    for (let k = 0; k < 3; k++) {
      const x = a * (lattice[k] as number) + b * (lattice[3 + k] as number) + c * (lattice[6 + k] as number);
      squared += x * x;
    }
    longest = Math.max(longest, squared);
  }
  return Math.sqrt(longest);
}
