import { symbolOf } from '../chemistry/elements.ts';
import { type Crystal, makeCrystal } from '../crystal.ts';
import { inverse, multiply, multiplyRows } from './lattice.ts';
import { shortest, wrap } from './torus.ts';

/** The default of pymatgen's get_primitive_structure. */
const DEFAULT_TOLERANCE_ANGSTROM = 0.25;

/**
 * The smallest cell that the crystal repeats: atoms that a translation maps onto each other, up to a tolerance along
 * each lattice vector, are averaged. Only translations count, no other symmetry is looked for or imposed. With the
 * meaning of pymatgen's get_primitive_structure: give a Niggli cell, since the tolerance depends on the lattice
 * vectors, and reduce the result again. Every sublattice is reached through those of prime index. Oxidation states and
 * magnetic moments are left out. Throws a RangeError for a tolerance that is not positive.
 */
export function primitiveByTranslation(
  crystal: Crystal,
  toleranceAngstrom = DEFAULT_TOLERANCE_ANGSTROM,
): Crystal {
  if (!(toleranceAngstrom > 0)) {
    throw new RangeError(`cannot compare atoms within ${toleranceAngstrom} Å: give a positive tolerance`);
  }
  let current = crystal;
  for (;;) {
    const smaller = onePrimeSmaller(current, toleranceAngstrom);
    if (smaller === null) return current;
    current = smaller;
  }
}

/** The atoms of one element in the cell that is being reduced. */
interface Sublattice {
  readonly atomicNumber: number;
  /** Flat, 3 per atom. */
  readonly fractional: Float64Array;
}

function onePrimeSmaller(crystal: Crystal, toleranceAngstrom: number): Crystal | null {
  const sublattices = sublatticesOf(crystal);
  const counts = sublattices.map(({ fractional }) => fractional.length / 3);
  const tolerance = fractionalTolerance(crystal.latticeAngstrom, toleranceAngstrom);
  const rarest = sublattices.reduce((l, r) => (r.fractional.length < l.fractional.length ? r : l));
  for (const prime of commonPrimes(counts)) {
    for (const { cell, translation } of primeSublattices(prime)) {
      if (!mapsFirstAtom(rarest.fractional, translation, tolerance)) continue;
      const smaller = multiply(inverse(cell), crystal.latticeAngstrom);
      const merging = {
        prime,
        cell,
        oldTolerance: tolerance,
        newTolerance: fractionalTolerance(smaller, toleranceAngstrom),
      };
      const merged = sublattices.map(({ fractional }) => mergeCopies(fractional, merging));
      if (merged.some((positions) => positions === null)) continue;
      return makeCrystal({
        latticeAngstrom: smaller,
        fractionalCoordinates: merged.flatMap((positions) => positions ?? []),
        atomicNumbers: sublattices.flatMap(({ atomicNumber }, s) =>
          Array.from({ length: (counts[s] as number) / prime }, () => atomicNumber),
        ),
      });
    }
  }
  return null;
}

function sublatticesOf(crystal: Crystal): Sublattice[] {
  const byElement = new Map<number, number[]>();
  crystal.atomicNumbers.forEach((z, i) => {
    const own = byElement.get(z) ?? [];
    own.push(...crystal.fractionalCoordinates.slice(3 * i, 3 * i + 3));
    byElement.set(z, own);
  });
  // By symbol, as pymatgen leaves them: between equally rare elements, the order decides where a match starts.
  return [...byElement]
    .sort(([l], [r]) => (symbolOf(l) < symbolOf(r) ? -1 : 1))
    .map(([atomicNumber, own]) => ({ atomicNumber, fractional: Float64Array.from(own) }));
}

function fractionalTolerance(lattice: readonly number[], toleranceAngstrom: number): number[] {
  return [0, 3, 6].map(
    (row) =>
      toleranceAngstrom /
      Math.hypot(lattice[row] as number, lattice[row + 1] as number, lattice[row + 2] as number),
  );
}

/** The primes, rising, that divide every count. */
function commonPrimes(counts: readonly number[]): number[] {
  let rest = Math.min(...counts);
  const primes: number[] = [];
  for (let candidate = 2; candidate <= rest; candidate++) {
    if (rest % candidate !== 0) continue;
    while (rest % candidate === 0) rest /= candidate;
    if (counts.every((count) => count % candidate === 0)) primes.push(candidate);
  }
  return primes;
}

/**
 * The p² + p + 1 lattices that a lattice is a sublattice of with prime index p: the Hermite normal form (flat) that
 * takes the finer lattice's rows to the given ones, and the added translation in fractions of the given cell.
 */
function* primeSublattices(prime: number): Generator<{ cell: number[]; translation: number[] }> {
  yield { cell: [1, 0, 0, 0, 1, 0, 0, 0, prime], translation: [0, 0, 1 / prime] };
  for (let f = 0; f < prime; f++) {
    yield { cell: [1, 0, 0, 0, prime, f, 0, 0, 1], translation: [0, 1 / prime, -f / prime] };
  }
  for (let b = 0; b < prime; b++) {
    for (let c = 0; c < prime; c++) {
      yield { cell: [prime, b, c, 0, 1, 0, 0, 0, 1], translation: [1 / prime, -b / prime, -c / prime] };
    }
  }
}

function mapsFirstAtom(
  fractional: Float64Array,
  translation: readonly number[],
  tolerance: readonly number[],
): boolean {
  for (let i = 0; i < fractional.length; i += 3) {
    let axis = 0;
    while (
      axis < 3 &&
      Math.abs(shortest(at(fractional, i + axis) - at(fractional, axis) - at(translation, axis))) <
        at(tolerance, axis)
    ) {
      axis++;
    }
    if (axis === 3) return true;
  }
  return false;
}

interface Merging {
  readonly prime: number;
  readonly cell: readonly number[];
  readonly oldTolerance: readonly number[];
  readonly newTolerance: readonly number[];
}

/**
 * The positions in the smaller cell, each the mean of `prime` atoms that fall together there, or null when the atoms
 * do not fall into such groups. Neighbours in the old cell never count as copies of each other.
 */
function mergeCopies(
  fractional: Float64Array,
  { prime, cell, oldTolerance, newTolerance }: Merging,
): number[] | null {
  const folded = Float64Array.from(multiplyRows(fractional, cell));
  const n = fractional.length / 3;
  const twice = oldTolerance.map((x) => 2 * x);
  const areCopies = (i: number, j: number): boolean =>
    isNear(folded, i, j, newTolerance) && !isNear(fractional, i, j, twice);
  const placed = new Uint8Array(n);
  const positions: number[] = [];
  for (let i = 0; i < n; i++) {
    const copies = [i];
    for (let j = 0; j < n; j++) if (j !== i && areCopies(i, j)) copies.push(j);
    if (copies.length !== prime) return null;
    if (placed[i] === 1) continue;
    for (const [p, first] of copies.entries()) {
      if (copies.slice(p + 1).some((second) => !areCopies(first, second))) return null;
      placed[first] = 1;
    }
    for (let axis = 0; axis < 3; axis++) {
      const origin = at(folded, 3 * i + axis);
      const sum = copies.reduce((total, j) => total + shortest(at(folded, 3 * j + axis) - origin), 0);
      positions.push(wrap(origin + sum / prime));
    }
  }
  return positions;
}

function isNear(fractional: Float64Array, i: number, j: number, tolerance: readonly number[]): boolean {
  for (let axis = 0; axis < 3; axis++) {
    const difference = shortest(at(fractional, 3 * i + axis) - at(fractional, 3 * j + axis));
    if (!(Math.abs(difference) < at(tolerance, axis))) return false;
  }
  return true;
}

function at(array: ArrayLike<number>, index: number): number {
  return array[index] as number;
}
