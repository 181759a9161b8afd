import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Crystal } from '../../../src/crystal/crystal.ts';
import { nearestNeighbours, neighboursWithin } from '../../../src/crystal/geometry/neighbours.ts';
import { mergeByOrbit, type OrbitNeighbours } from '../../../src/crystal/symmetry/orbit-neighbours.ts';
import { conventionalCell, findSymmetry } from '../../../src/crystal/symmetry/symmetry.ts';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';
import { variedCrystals } from '../reference.ts';
import { changeCell, repeat, rotate, shuffle, translate } from '../variants.ts';

loadSymmetryFinder();

// Symmetrised, so that equivalent atoms have equal surroundings.
const crystals = variedCrystals()
  .filter(({ id }, i) => id.startsWith('mp') && !id.endsWith('rattled') && i % 40 === 0)
  .map((crystal) => conventionalCell(crystal, 0.01));

const CUTOFF_ANGSTROM = 6;

/** Smooth at the cutoff, so that it does not hang on which side of it a pair falls. */
const pairEnergy = (z: number, other: number, distance: number): number =>
  ((z + 2 * other) / distance ** 3) * Math.max(0, CUTOFF_ANGSTROM - distance) ** 2;

function mergedSum(crystal: Crystal, merged: OrbitNeighbours): number {
  const z = (row: number): number => crystal.atomicNumbers[merged.atom[row] as number] as number;
  let sum = 0;
  merged.atom.forEach((_, row) => {
    for (let s = merged.start[row] as number; s < (merged.start[row + 1] as number); s++) {
      sum +=
        (merged.multiplicity[row] as number) *
        (merged.count[s] as number) *
        pairEnergy(z(row), z(merged.orbit[s] as number), merged.distanceAngstrom[s] as number);
    }
  });
  return sum;
}

test('sums over shells are sums over all pairs, on far fewer numbers', () => {
  let pairs = 0;
  let shells = 0;
  for (const crystal of crystals) {
    const list = neighboursWithin(crystal, CUTOFF_ANGSTROM);
    const merged = mergeByOrbit(list, findSymmetry(crystal, 1e-4).orbits, 1e-5);
    const z = (atom: number | undefined): number => crystal.atomicNumbers[atom as number] as number;
    const sum = list.centre.reduce(
      (total, i, p) => total + pairEnergy(z(i), z(list.neighbour[p]), list.distanceAngstrom[p] as number),
      0,
    );
    expect(mergedSum(crystal, merged) / sum).toBeCloseTo(1, 6);
    pairs += list.centre.length;
    shells += merged.count.length;
  }
  expect(pairs / shells).toBeGreaterThan(8);
});

test('shells do not depend on rotation, origin, order, cell or supercell', () => {
  fc.assert(
    fc.property(fc.constantFrom(...crystals), fc.integer({ min: 0, max: 1000 }), (crystal, seed) => {
      const perAtom = (of: Crystal): number => {
        const merged = mergeByOrbit(
          neighboursWithin(of, CUTOFF_ANGSTROM),
          findSymmetry(of, 1e-4).orbits,
          1e-5,
        );
        return mergedSum(of, merged) / of.atomicNumbers.length;
      };
      for (const retell of [rotate, translate, shuffle, changeCell, repeat]) {
        expect(perAtom(retell(crystal, seed)) / perAtom(crystal)).toBeCloseTo(1, 6);
      }
    }),
    { numRuns: 15 },
  );
});

test('merges nearest neighbours too: the six of rock salt are one shell', () => {
  const salt = {
    latticeAngstrom: [0, 2.82, 2.82, 2.82, 0, 2.82, 2.82, 2.82, 0],
    fractionalCoordinates: [0, 0, 0, 0.5, 0.5, 0.5],
    atomicNumbers: [11, 17],
  };
  const merged = mergeByOrbit(nearestNeighbours(salt, 6), findSymmetry(salt).orbits);
  expect({ ...merged, distanceAngstrom: Array.from(merged.distanceAngstrom, (d) => d.toFixed(6)) }).toEqual({
    atom: Int32Array.of(0, 1),
    multiplicity: Int32Array.of(1, 1),
    start: Int32Array.of(0, 1, 2),
    orbit: Int32Array.of(1, 0),
    distanceAngstrom: ['2.820000', '2.820000'],
    count: Int32Array.of(6, 6),
  });
});

test('refuses orbits of another crystal', () => {
  const salt = crystals[0] as Crystal;
  const list = neighboursWithin(salt, 4);
  expect(() => mergeByOrbit(list, [])).toThrow('0 orbits for the neighbours of');
  expect(() =>
    mergeByOrbit(
      list,
      salt.atomicNumbers.map((_, i) => i + 1),
    ),
  ).toThrow('is not named by its first atom');
});
