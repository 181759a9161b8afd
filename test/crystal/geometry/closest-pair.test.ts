import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeCrystal } from '../../../src/crystal/crystal.ts';
import { closestPair, requireDistinctSites } from '../../../src/crystal/geometry/closest-pair.ts';
import { nearestNeighbours, neighboursWithin } from '../../../src/crystal/geometry/neighbours.ts';
import { anyCrystal } from '../variants.ts';

const doubled = makeCrystal({
  latticeAngstrom: [4, 0, 0, 0, 4, 0, 0, 0, 4],
  fractionalCoordinates: [0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
  atomicNumbers: [17, 55, 19],
});

test('is the shortest of all distances, and says between whom', () => {
  fc.assert(
    fc.property(anyCrystal(), (crystal) => {
      const { first, second, distanceAngstrom } = closestPair(crystal);
      const list = neighboursWithin(crystal, distanceAngstrom + 1e-6);
      const pairs = Array.from(list.centre, (centre, p) => [centre, list.neighbour[p]].join());
      expect(pairs).toContain([first, second].join());
      list.distanceAngstrom.forEach((d) => expect(d).toBeGreaterThan(distanceAngstrom - 1e-9));
    }),
    { numRuns: 50 },
  );
});

test('two atoms on one site are named where they are refused, and read without complaint', () => {
  const message =
    'atoms 1 (Cs) and 2 (K) lie 0.00 Å apart, on one site: remove one of them, or correct its coordinates';
  expect(closestPair(doubled)).toEqual({ first: 1, second: 2, distanceAngstrom: 0 });
  expect(() => requireDistinctSites(doubled)).toThrow(message);
  expect(() => neighboursWithin(doubled, 5)).toThrow(message);
  expect(() => nearestNeighbours(doubled, 4)).toThrow(message);
});

test('an atom on its own image means a lattice in the wrong unit', () => {
  const tiny = makeCrystal({
    ...doubled,
    latticeAngstrom: [4, 0, 0, 0, 4, 0, 0, 0, 4].map((x) => x * 1e-10),
    fractionalCoordinates: [0, 0, 0],
    atomicNumbers: [29],
  });
  expect(() => requireDistinctSites(tiny)).toThrow(
    'from its own image: give lattice vectors at least a bond long',
  );
});
