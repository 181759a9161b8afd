import type { Neighbours } from '../geometry/neighbours.ts';

/**
 * What is different about the neighbours in a crystal: one atom of each orbit, with its neighbours merged into shells
 * of one orbit and one distance. A sum over all pairs of f(orbit, orbit, distance) is the sum over orbits o and their
 * shells s of multiplicity[o] · count[s] · f, exact as far as equivalent atoms have equal surroundings.
 */
export interface OrbitNeighbours {
  /** [nOrbits] The first atom of each orbit, which stands for all of it. */
  readonly atom: Int32Array;
  /** [nOrbits] How many atoms of the cell the orbit has. */
  readonly multiplicity: Int32Array;
  /** [nOrbits + 1] Shells start[o] to start[o + 1] surround orbit o, by neighbour's orbit, then by rising distance. */
  readonly start: Int32Array;
  /** [nShells] Row in `atom` of the neighbours' orbit. */
  readonly orbit: Int32Array;
  /** [nShells] Mean over the shell, Å. */
  readonly distanceAngstrom: Float64Array;
  /** [nShells] How many neighbours the shell has. */
  readonly count: Int32Array;
}

/**
 * `orbits` gives each atom the first atom of its orbit, as findSymmetry does. Neighbours whose distances follow on each
 * other by less than the tolerance are one shell; give what the symmetry was found with, or less.
 */
export function mergeByOrbit(
  neighbours: Neighbours,
  orbits: readonly number[],
  toleranceAngstrom = 0.01,
): OrbitNeighbours {
  const { start, neighbour, distanceAngstrom } = neighbours;
  if (orbits.length !== start.length - 1) {
    throw new RangeError(
      `${orbits.length} orbits for the neighbours of ${start.length - 1} atoms: give one for each`,
    );
  }
  const atoms = orbits.flatMap((orbit, i) => (orbit === i ? [i] : []));
  const rowOfAtom = new Map(atoms.map((atom, row) => [atom, row]));
  const rowOfOrbit = Int32Array.from(orbits, (orbit) => {
    const row = rowOfAtom.get(orbit);
    if (row === undefined) {
      throw new RangeError(`orbit ${orbit} is not named by its first atom: give orbits as findSymmetry does`);
    }
    return row;
  });
  const multiplicity = new Int32Array(atoms.length);
  for (const row of rowOfOrbit) multiplicity[row] = (multiplicity[row] as number) + 1;
  const orbitOf = (pair: number): number => rowOfOrbit[neighbour[pair] as number] as number;
  const distanceOf = (pair: number): number => distanceAngstrom[pair] as number;

  const shellStart = new Int32Array(atoms.length + 1);
  const orbit: number[] = [];
  const distance: number[] = [];
  const count: number[] = [];
  atoms.forEach((atom, row) => {
    const first = start[atom] as number;
    const pairs = Array.from({ length: (start[atom + 1] as number) - first }, (_, p) => first + p);
    pairs.sort((l, r) => orbitOf(l) - orbitOf(r) || distanceOf(l) - distanceOf(r));
    for (let from = 0; from < pairs.length;) {
      const pair = pairs[from] as number;
      let sum = distanceOf(pair);
      let to = from + 1;
      for (; to < pairs.length; to++) {
        const next = pairs[to] as number;
        const step = distanceOf(next) - distanceOf(pairs[to - 1] as number);
        if (orbitOf(next) !== orbitOf(pair) || step > toleranceAngstrom) break;
        sum += distanceOf(next);
      }
      orbit.push(orbitOf(pair));
      distance.push(sum / (to - from));
      count.push(to - from);
      from = to;
    }
    shellStart[row + 1] = count.length;
  });
  return {
    atom: Int32Array.from(atoms),
    multiplicity,
    start: shellStart,
    orbit: Int32Array.from(orbit),
    distanceAngstrom: Float64Array.from(distance),
    count: Int32Array.from(count),
  };
}
