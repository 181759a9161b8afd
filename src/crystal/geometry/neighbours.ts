import { type Crystal, volumeAngstrom3 } from '../crystal.ts';
import { lowerTriangular } from './lattice.ts';

/** Pairs of atoms, both directions, sorted by centre; rows start[i] to start[i + 1] belong to centre i. */
export interface Neighbours {
  /** nAtoms + 1 offsets. */
  readonly start: Int32Array;
  /** nPairs. */
  readonly centre: Int32Array;
  readonly neighbour: Int32Array;
  /** 3·nPairs: how many a, b, c to add to the neighbour's position. */
  readonly image: Int32Array;
  /** 3·nPairs, from the centre to the neighbour's image, Å. */
  readonly vectorAngstrom: Float64Array;
  readonly distanceAngstrom: Float64Array;
}

/**
 * All periodic neighbours with 0 < distance ≤ cutoff, exact for any cell, however skewed; an atom's own images
 * count. Each centre's rows stand by neighbour, then by image (c, b, a).
 */
export function neighboursWithin(crystal: Crystal, cutoffAngstrom: number): Neighbours {
  if (!(cutoffAngstrom > 0 && Number.isFinite(cutoffAngstrom))) {
    throw new RangeError(`cannot look for neighbours within ${cutoffAngstrom} Å: give a positive cutoff`);
  }
  const { latticeAngstrom: lattice, fractionalCoordinates: x, atomicNumbers } = crystal;
  const n = atomicNumbers.length;
  // In the turned cell the images within the cutoff are nested intervals, so that nothing outside is ever visited.
  const [ax, bx, by, cx, cy, cz] = lowerTriangular(lattice);
  const cutoffSquared = cutoffAngstrom * cutoffAngstrom;

  const start = new Int32Array(n + 1);
  const neighbour: number[] = [];
  const image: number[] = [];
  const distance: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const fa = at(x, 3 * j) - at(x, 3 * i);
      const fb = at(x, 3 * j + 1) - at(x, 3 * i + 1);
      const fc = at(x, 3 * j + 2) - at(x, 3 * i + 2);
      const reachC = cutoffAngstrom / cz;
      for (let nc = Math.ceil(-reachC - fc); nc <= Math.floor(reachC - fc); nc++) {
        const z = (fc + nc) * cz;
        const leftB = cutoffSquared - z * z;
        if (leftB < 0) continue;
        const shiftB = fb + ((fc + nc) * cy) / by;
        const reachB = Math.sqrt(leftB) / by;
        for (let nb = Math.ceil(-reachB - shiftB); nb <= Math.floor(reachB - shiftB); nb++) {
          const y = (shiftB + nb) * by;
          const leftA = leftB - y * y;
          if (leftA < 0) continue;
          const shiftA = fa + ((fc + nc) * cx + (fb + nb) * bx) / ax;
          const reachA = Math.sqrt(leftA) / ax;
          for (let na = Math.ceil(-reachA - shiftA); na <= Math.floor(reachA - shiftA); na++) {
            if (i === j && na === 0 && nb === 0 && nc === 0) continue;
            const along = (shiftA + na) * ax;
            neighbour.push(j);
            image.push(na, nb, nc);
            distance.push(Math.sqrt(along * along + y * y + z * z));
          }
        }
      }
    }
    start[i + 1] = neighbour.length;
  }

  const centre = new Int32Array(neighbour.length);
  const vector = new Float64Array(3 * neighbour.length);
  for (let i = 0; i < n; i++) {
    for (let p = at(start, i); p < at(start, i + 1); p++) {
      centre[p] = i;
      const j = at(neighbour, p);
      const fa = at(x, 3 * j) - at(x, 3 * i) + at(image, 3 * p);
      const fb = at(x, 3 * j + 1) - at(x, 3 * i + 1) + at(image, 3 * p + 1);
      const fc = at(x, 3 * j + 2) - at(x, 3 * i + 2) + at(image, 3 * p + 2);
      for (let k = 0; k < 3; k++) {
        vector[3 * p + k] = fa * at(lattice, k) + fb * at(lattice, 3 + k) + fc * at(lattice, 6 + k);
      }
    }
  }
  return {
    start,
    centre,
    neighbour: Int32Array.from(neighbour),
    image: Int32Array.from(image),
    vectorAngstrom: vector,
    distanceAngstrom: Float64Array.from(distance),
  };
}

/**
 * The k nearest periodic neighbours of every atom, rows by rising distance; distances that differ by less than
 * 1e-6 Å stand by neighbour, then image, so that the order does not hang on rounding.
 */
export function nearestNeighbours(crystal: Crystal, k: number): Neighbours {
  if (!(Number.isInteger(k) && k > 0))
    throw new RangeError(`cannot find ${k} neighbours: give a positive integer`);
  const n = crystal.atomicNumbers.length;
  const found = growUntil(crystal, k, (list) => {
    for (let i = 0; i < n; i++) if (at(list.start, i + 1) - at(list.start, i) < k) return false;
    return true;
  });
  const rows = new Int32Array(n * k);
  const rounded = found.distanceAngstrom.map((d) => Math.round(d * 1e6));
  for (let i = 0; i < n; i++) {
    const own = Array.from(
      { length: at(found.start, i + 1) - at(found.start, i) },
      (_, p) => at(found.start, i) + p,
    );
    // The list is already by neighbour and image, and sort is stable.
    own.sort((l, r) => at(rounded, l) - at(rounded, r));
    for (let p = 0; p < k; p++) rows[i * k + p] = at(own, p);
  }
  return pickRows(found, rows, k);
}

/** Neighbour lists with a growing cutoff, from one that should hold about `expected` neighbours, until one is enough. */
export function growUntil(
  crystal: Crystal,
  expected: number,
  enough: (list: Neighbours) => boolean,
): Neighbours {
  const volumePerAtom = volumeAngstrom3(crystal) / crystal.atomicNumbers.length;
  let cutoff = 1.15 * Math.cbrt((3 * (expected + 1) * volumePerAtom) / (4 * Math.PI));
  for (;;) {
    const list = neighboursWithin(crystal, cutoff);
    if (enough(list)) return list;
    cutoff *= 1.25;
  }
}

/** Shortest distance between two atoms, own images included, Å. */
export function minimumDistanceAngstrom(crystal: Crystal): number {
  const { distanceAngstrom } = growUntil(crystal, 4, (list) => list.neighbour.length > 0);
  return distanceAngstrom.reduce((least, d) => Math.min(least, d), Infinity);
}

function pickRows(list: Neighbours, rows: Int32Array, k: number): Neighbours {
  const triples = (from: Int32Array | Float64Array): number[] =>
    Array.from(rows).flatMap((p) => [at(from, 3 * p), at(from, 3 * p + 1), at(from, 3 * p + 2)]);
  return {
    start: Int32Array.from({ length: rows.length / k + 1 }, (_, i) => i * k),
    centre: rows.map((p) => at(list.centre, p)),
    neighbour: rows.map((p) => at(list.neighbour, p)),
    image: Int32Array.from(triples(list.image)),
    vectorAngstrom: Float64Array.from(triples(list.vectorAngstrom)),
    distanceAngstrom: Float64Array.from(rows, (p) => at(list.distanceAngstrom, p)),
  };
}

/** An element whose index is known to be in range. */
function at(array: ArrayLike<number>, index: number): number {
  return array[index] as number;
}
