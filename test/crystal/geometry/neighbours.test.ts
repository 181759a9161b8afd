import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  minimumDistanceAngstrom,
  nearestNeighbours,
  neighboursWithin,
  pairVectorsAngstrom,
} from '../../../src/crystal/geometry/neighbours.ts';
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
        sorted(retell(crystal, seed)).forEach((d, i) => expect(d).toBeCloseTo(expected[i] as number, 8));
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

test('refuses a cutoff of 0', () => {
  const crystal = (reference.cells[0] as (typeof reference.cells)[0]).crystal;
  expect(() => neighboursWithin(crystal, 0)).toThrow('give a positive cutoff');
});
