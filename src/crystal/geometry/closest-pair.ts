import { symbolOf } from '../chemistry/elements.ts';
import { type Crystal, volumeAngstrom3 } from '../crystal.ts';
import { searchPairs } from './pair-search.ts';

/** Two atoms, or an atom and its own image when first and second are the same. */
export interface ClosestPair {
  readonly first: number;
  readonly second: number;
  readonly distanceAngstrom: number;
}

/** Atoms nearer than this share a site: coordinates written with three decimals can be so far off. */
const ONE_SITE_ANGSTROM = 0.01;

/** The two atoms that lie closest to each other, own images included. Never refuses: the distance may be 0. */
export function closestPair(crystal: Crystal): ClosestPair {
  const { latticeAngstrom, fractionalCoordinates } = crystal;
  for (let cutoff = cutoffHolding(crystal, 4); ; cutoff *= 1.25) {
    const pairs = searchPairs(latticeAngstrom, fractionalCoordinates, cutoff);
    if (pairs.count === 0) continue;
    let closest = 0;
    for (let p = 1; p < pairs.count; p++) {
      if ((pairs.distanceAngstrom[p] as number) < (pairs.distanceAngstrom[closest] as number)) closest = p;
    }
    const block = pairs.blockEnd.findIndex((end) => end > closest);
    return {
      first: pairs.firstBlock.findLastIndex((start, i) => i < crystal.atomicNumbers.length && start <= block),
      second: pairs.blockNeighbour[block] as number,
      distanceAngstrom: pairs.distanceAngstrom[closest] as number,
    };
  }
}

/** A cutoff within which an atom has about so many neighbours, Å. */
export function cutoffHolding(crystal: Crystal, neighbours: number): number {
  const volumePerAtom = volumeAngstrom3(crystal) / crystal.atomicNumbers.length;
  return 1.15 * Math.cbrt((3 * (neighbours + 1) * volumePerAtom) / (4 * Math.PI));
}

/** Throws a RangeError that names the two atoms when some lie on one site, nearer than the given distance. */
export function requireDistinctSites(crystal: Crystal, nearerThanAngstrom = ONE_SITE_ANGSTROM): void {
  const pair = closestPair(crystal);
  if (pair.distanceAngstrom < nearerThanAngstrom) throw oneSiteError(crystal, pair);
}

/** What to say of two atoms that are too close to be two. */
export function oneSiteError(crystal: Crystal, { first, second, distanceAngstrom }: ClosestPair): RangeError {
  const name = (atom: number): string => `${atom} (${symbolOf(crystal.atomicNumbers[atom] as number)})`;
  const distance = distanceAngstrom.toPrecision(3);
  return new RangeError(
    first === second
      ? `atom ${name(first)} lies ${distance} Å from its own image: give lattice vectors at least a bond long, in Å`
      : `atoms ${name(first)} and ${name(second)} lie ${distance} Å apart, on one site: remove one of them, or ` +
          `correct its coordinates`,
  );
}
