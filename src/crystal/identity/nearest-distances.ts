import { type Crystal, volumeAngstrom3 } from '../crystal.ts';
import { lowerTriangular } from '../geometry/lattice.ts';

/** How many neighbours more than wanted the first cutoff should hold, so that it seldom has to grow. */
const MARGIN = 1.45;

/**
 * The distances from each atom to its nearest neighbours of each element, periodic images (also its own) counted, Å,
 * rising: flat, [atom][element][depth], with the elements in the given order. Each element is looked for within a
 * sphere of its own density, so that a rare element does not make the common ones dear.
 */
export function nearestDistances(crystal: Crystal, elements: readonly number[], depth: number): Float64Array {
  const n = crystal.atomicNumbers.length;
  const search = new ImageSearch(crystal);
  const nearest = new Float64Array(n * elements.length * depth);
  elements.forEach((element, e) => {
    const members = crystal.atomicNumbers.flatMap((z, j) => (z === element ? [j] : []));
    const density = members.length / volumeAngstrom3(crystal);
    const first = Math.cbrt((3 * MARGIN * (depth + 1)) / (4 * Math.PI * density));
    for (let i = 0; i < n; i++) {
      let cutoff = first;
      let squared = search.squaredDistances(i, members, cutoff);
      while (squared.length < depth) squared = search.squaredDistances(i, members, (cutoff *= 1.25));
      squared.sort();
      const offset = (i * elements.length + e) * depth;
      for (let k = 0; k < depth; k++) nearest[offset + k] = Math.sqrt(squared[k] as number);
    }
  });
  return nearest;
}

class ImageSearch {
  readonly #cell: readonly [number, number, number, number, number, number];
  readonly #fractional: Float64Array;
  #found = new Float64Array(256);

  constructor(crystal: Crystal) {
    // In the turned cell the images within the cutoff are nested intervals, so that nothing outside is ever visited.
    this.#cell = lowerTriangular(crystal.latticeAngstrom);
    this.#fractional = Float64Array.from(crystal.fractionalCoordinates);
  }

  /** To all images of the given atoms within the cutoff, Å², in no order; in memory that the next search reuses. */
  squaredDistances(centre: number, members: readonly number[], cutoffAngstrom: number): Float64Array {
    const [ax, bx, by, cx, cy, cz] = this.#cell;
    const x = this.#fractional;
    const cutoffSquared = cutoffAngstrom * cutoffAngstrom;
    const reachC = cutoffAngstrom / cz;
    let found = this.#found;
    let count = 0;
    for (const member of members) {
      const fa = (x[3 * member] as number) - (x[3 * centre] as number);
      const fb = (x[3 * member + 1] as number) - (x[3 * centre + 1] as number);
      const fc = (x[3 * member + 2] as number) - (x[3 * centre + 2] as number);
      const lastC = Math.floor(reachC - fc);
      for (let nc = Math.ceil(-reachC - fc); nc <= lastC; nc++) {
        const z = (fc + nc) * cz;
        const leftB = cutoffSquared - z * z;
        if (leftB < 0) continue;
        const shiftB = fb + ((fc + nc) * cy) / by;
        const reachB = Math.sqrt(leftB) / by;
        const lastB = Math.floor(reachB - shiftB);
        for (let nb = Math.ceil(-reachB - shiftB); nb <= lastB; nb++) {
          const y = (shiftB + nb) * by;
          const leftA = leftB - y * y;
          if (leftA < 0) continue;
          const shiftA = fa + ((fc + nc) * cx + (fb + nb) * bx) / ax;
          const reachA = Math.sqrt(leftA) / ax;
          const lastA = Math.floor(reachA - shiftA);
          for (let na = Math.ceil(-reachA - shiftA); na <= lastA; na++) {
            if (member === centre && na === 0 && nb === 0 && nc === 0) continue;
            if (count === found.length) {
              found = new Float64Array(2 * count);
              found.set(this.#found);
              this.#found = found;
            }
            const along = (shiftA + na) * ax;
            found[count++] = along * along + y * y + z * z;
          }
        }
      }
    }
    return found.subarray(0, count);
  }
}
