import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Crystal, makeCrystal, volumeAngstrom3 } from '../../../src/crystal/crystal.ts';
import { deform, rotate, strain } from '../../../src/crystal/geometry/deformation.ts';
import { determinant } from '../../../src/crystal/geometry/lattice.ts';
import { neighboursWithin } from '../../../src/crystal/geometry/neighbours.ts';
import { niggliCell } from '../../../src/crystal/geometry/niggli.ts';
import { supercell } from '../../../src/crystal/geometry/supercell.ts';
import { anyCrystal } from '../variants.ts';

const decorated = makeCrystal({
  latticeAngstrom: [3, 0, 0, 0, 4, 0, 0, 1, 5],
  fractionalCoordinates: [0, 0, 0, 0.5, 0.5, 0.5],
  atomicNumbers: [26, 8],
  chargeE: -1,
  oxidationStates: [2, -2],
  magneticMomentsMuB: [0, 0, 4, 0.1, 0, 0],
});

const matrices = fc
  .array(fc.integer({ min: -2, max: 2 }), { minLength: 9, maxLength: 9 })
  .filter((matrix) => determinant(matrix) !== 0);

function distances(crystal: Crystal): number[] {
  const found = Array.from(neighboursWithin(crystal, 4.2).distanceAngstrom).sort((l, r) => l - r);
  return found.filter((d) => d < 4);
}

test('a supercell by any integer matrix has all copies of each distance and no others', () => {
  fc.assert(
    fc.property(anyCrystal(), matrices, (crystal, matrix) => {
      const copies = Math.abs(determinant(matrix));
      const large = supercell(crystal, matrix);
      expect(large.atomicNumbers).toHaveLength(copies * crystal.atomicNumbers.length);
      expect(volumeAngstrom3(large)).toBeCloseTo(copies * volumeAngstrom3(crystal), 6);
      const expected = distances(crystal).flatMap((d) => new Array<number>(copies).fill(d));
      const found = distances(large);
      expect(found).toHaveLength(expected.length);
      found.forEach((d, i) => expect(d).toBeCloseTo(expected[i] as number, 7));
    }),
    { numRuns: 40 },
  );
});

test('three repeats are a diagonal matrix', () => {
  expect(supercell(decorated, [2, 1, 3])).toEqual(supercell(decorated, [2, 0, 0, 0, 1, 0, 0, 0, 3]));
});

test('the net charge grows with the cell; oxidation states and moments repeat', () => {
  const large = supercell(decorated, [1, 1, 0, -1, 1, 0, 0, 0, 1]);
  expect(large.chargeE).toBe(-2);
  expect(large.oxidationStates).toEqual([2, -2, 2, -2]);
  expect(large.magneticMomentsMuB).toEqual([0, 0, 4, 0.1, 0, 0, 0, 0, 4, 0.1, 0, 0]);
});

test.each([
  [[0, 1, 1], 'cannot repeat a cell 0 × 1 × 1 times: give three positive integers'],
  [[1, 0, 0, 0, 1, 0, 1, 1, 0], 'a 3×3 matrix of integers (flat, by rows) whose determinant is not 0'],
  [[1.5, 0, 0, 0, 1, 0, 0, 0, 1], 'give three repeats, or a 3×3 matrix of integers'],
])('refuses the change of cell %j', (change, message) => {
  expect(() => supercell(decorated, change)).toThrow(message);
});

describe('deformations', () => {
  test('a strain stretches lengths along its axis and leaves everything else', () => {
    const stretched = strain(decorated, [0.1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(stretched.latticeAngstrom.slice(0, 3)).toEqual([expect.closeTo(3.3, 12), 0, 0]);
    expect({ ...stretched, latticeAngstrom: decorated.latticeAngstrom }).toEqual(decorated);
  });

  test('a simple shear moves c along x by its height', () => {
    const sheared = deform(decorated, [1, 0, 0.2, 0, 1, 0, 0, 0, 1]);
    expect(sheared.latticeAngstrom.slice(6)).toEqual([1, 1, 5]);
  });

  test('vector moments turn with the crystal, and as axial vectors under a mirror', () => {
    const quarter = rotate(decorated, [1, 0, 0, 0, 0, -1, 0, 1, 0]);
    expect(quarter.magneticMomentsMuB?.slice(0, 3)).toEqual([0, -4, 0]);
    const mirrored = rotate(decorated, [1, 0, 0, 0, 1, 0, 0, 0, -1]);
    expect(mirrored.magneticMomentsMuB?.slice(0, 3).map((m) => m + 0)).toEqual([0, 0, 4]);
  });

  test('the Niggli cell keeps charge and moments', () => {
    const { chargeE, oxidationStates, magneticMomentsMuB } = niggliCell(decorated);
    expect({ chargeE, oxidationStates, magneticMomentsMuB }).toEqual({
      chargeE: -1,
      oxidationStates: [2, -2],
      magneticMomentsMuB: decorated.magneticMomentsMuB,
    });
  });

  test.each([
    [() => strain(decorated, [0, 0.1, 0, 0, 0, 0, 0, 0, 0]), 'is not symmetric: give its symmetric part'],
    [
      () => deform(decorated, [1, 0, 0, 0, 1, 0, 0, 0, -1]),
      'determinant is -1: give one that keeps a positive',
    ],
    [() => rotate(decorated, [2, 0, 0, 0, 1, 0, 0, 0, 1]), 'is no rotation: give a matrix whose inverse'],
    [() => deform(decorated, [1, 0, 0]), 'give 9 finite numbers, row by row'],
  ])('refuses what is none', (act, message) => {
    expect(act).toThrow(message);
  });
});
