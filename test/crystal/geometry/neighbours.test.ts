import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  minimumDistanceAngstrom,
  nearestNeighbours,
  neighboursWithin,
  pairVectorsAngstrom,
} from '../../../src/crystal/geometry/neighbours.ts';
import { supercell } from '../../../src/crystal/geometry/supercell.ts';
import reference from '../../fixtures/crystal/ase-neighbours.json' with { type: 'json' };
import { anyCrystal, changeCell, rotate, shuffle, translate } from '../variants.ts';

describe('as ASE finds them in skewed cells', () => {
  test.each(reference.cells.map((cell, i) => [i, cell] as const))('cell %i', (_, cell) => {
    const { start, distanceAngstrom } = neighboursWithin(cell.crystal, cell.cutoffAngstrom);
    const perAtom = Array.from(start.subarray(1), (end, i) => end - (start[i] as number));
    expect(perAtom).toEqual(cell.perAtom);
    expect(distanceAngstrom.reduce((sum, d) => sum + d, 0)).toBeCloseTo(cell.sumOfDistances, 6);
    expect(minimumDistanceAngstrom(cell.crystal)).toBeCloseTo(cell.nearest, 7);
  });
});

test('vectors have the distances, and each pair stands in both directions', () => {
  fc.assert(
    fc.property(anyCrystal(), (crystal) => {
      const list = neighboursWithin(crystal, 5);
      const seen = new Set<string>();
      const vectors = pairVectorsAngstrom(crystal, list);
      list.distanceAngstrom.forEach((distance, p) => {
        expect(Math.hypot(...vectors.subarray(3 * p, 3 * p + 3))).toBeCloseTo(distance, 9);
        seen.add([list.centre[p], list.neighbour[p], ...list.image.subarray(3 * p, 3 * p + 3)].join());
      });
      list.centre.forEach((centre, p) => {
        const back = [...list.image.subarray(3 * p, 3 * p + 3)].map((x) => (x === 0 ? 0 : -x));
        expect(seen.has([list.neighbour[p], centre, ...back].join())).toBe(true);
      });
    }),
    { numRuns: 30 },
  );
});

test('distances do not depend on rotation, origin, order or cell', () => {
  fc.assert(
    fc.property(anyCrystal(), fc.integer({ min: 0, max: 1000 }), (crystal, seed) => {
      const sorted = (of: typeof crystal): Float64Array =>
        nearestNeighbours(of, 12).distanceAngstrom.slice().sort();
      const expected = sorted(crystal);
      for (const retell of [rotate, translate, shuffle, changeCell]) {
        // Of neighbours that tie within 1e-6 Å any may be the twelfth.
        sorted(retell(crystal, seed)).forEach((d, i) => expect(d).toBeCloseTo(expected[i] as number, 5));
      }
    }),
    { numRuns: 40 },
  );
});

test('nearest neighbours are the first of all, by rising distance', () => {
  fc.assert(
    fc.property(anyCrystal(), (crystal) => {
      const nearest = nearestNeighbours(crystal, 8);
      const all = neighboursWithin(crystal, 12);
      for (let i = 0; i < crystal.atomicNumbers.length; i++) {
        const expected = all.distanceAngstrom
          .slice(all.start[i], all.start[i + 1])
          .sort()
          .subarray(0, 8);
        const found = nearest.distanceAngstrom.subarray(8 * i, 8 * i + 8);
        found.forEach((d, k) => expect(d).toBeCloseTo(expected[k] as number, 5));
      }
    }),
    { numRuns: 30 },
  );
});

test('a very skewed cell, a large cell and the plain cell have the same neighbours', () => {
  fc.assert(
    fc.property(anyCrystal(), fc.integer({ min: 20, max: 60 }), (crystal, shear) => {
      const told = (change: readonly number[]): string => {
        const of = supercell(crystal, change);
        const list = neighboursWithin(of, 5.05);
        const vectors = pairVectorsAngstrom(of, list);
        const copies = of.atomicNumbers.length / crystal.atomicNumbers.length;
        let checked = 0;
        list.distanceAngstrom.forEach((d, p) => {
          expect(Math.abs(Math.hypot(...vectors.subarray(3 * p, 3 * p + 3)) - d)).toBeLessThan(1e-7);
          if (d < 5) checked += 1 / d ** 6;
          // By neighbour, then c, b, a, within each centre.
          if (p > 0 && list.centre[p] === list.centre[p - 1]) {
            const key = (q: number): number[] => [
              list.neighbour[q] as number,
              ...Array.from(list.image.subarray(3 * q, 3 * q + 3)).toReversed(),
            ];
            const before = key(p - 1);
            const step = key(p).map((x, k) => x - (before[k] as number));
            expect(step.find((x) => x !== 0)).toBeGreaterThan(0);
          }
        });
        return (checked / copies).toFixed(7);
      };
      const expected = told([1, 1, 1]);
      expect(told([1, shear, shear, 0, 1, shear, 0, 0, 1])).toBe(expected);
      expect(told([5, 4, 4])).toBe(expected);
    }),
    { numRuns: 15 },
  );
});

test('ties of the nearest neighbours stand in a fixed order', () => {
  const cube = {
    latticeAngstrom: [3, 0, 0, 0, 3, 0, 0, 0, 3],
    fractionalCoordinates: [0.1, 0.2, 0.3],
    atomicNumbers: [84],
  };
  const images = (k: number): number[] => Array.from(nearestNeighbours(cube, k).image);
  expect(images(6)).toEqual([0, 0, -1, 0, -1, 0, -1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
  expect(images(4)).toEqual(images(6).slice(0, 12));
});

test('a neighbour exactly on the cutoff counts', () => {
  for (const edge of [0.1 + 0.2, 1.1 * 3, 4]) {
    const cube = {
      latticeAngstrom: [edge, 0, 0, 0, edge, 0, 0, 0, edge],
      fractionalCoordinates: [0.7, 0.7, 0.7],
      atomicNumbers: [84],
    };
    expect(neighboursWithin(cube, 3 * edge).centre).toHaveLength(122);
  }
});

test('refuses a cutoff of 0', () => {
  const crystal = (reference.cells[0] as (typeof reference.cells)[0]).crystal;
  expect(() => neighboursWithin(crystal, 0)).toThrow('give a positive cutoff');
});
