import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identity } from '../../../src/crystal/identity/fingerprint.ts';
import {
  cellParameters,
  determinant,
  inverse,
  multiply,
  multiplyRows,
} from '../../../src/crystal/geometry/lattice.ts';
import { random } from '../../../src/crystal/random.ts';
import type { Crystal } from '../../../src/crystal/crystal.ts';
import { niggliCell } from '../../../src/crystal/geometry/niggli.ts';
import { wrap } from '../../../src/crystal/geometry/torus.ts';

function randomCrystal(seed: number): Crystal {
  const source = random(seed);
  const lattice = Array.from({ length: 9 }, (_, k) => 0.8 * source.normal() + (k % 4 === 0 ? 4 : 0));
  return {
    latticeAngstrom: lattice,
    fractionalCoordinates: Array.from({ length: 9 }, () => source.uniform()),
    atomicNumbers: [29, 79, 79],
  };
}

/** The same crystal in another cell, by a few random shears. */
function reshaped(crystal: Crystal, seed: number): Crystal {
  const source = random(seed);
  let change = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  for (let k = 0; k < 4; k++) {
    const shear = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    const [row, column] = source.shuffle([0, 1, 2]) as [number, number];
    shear[3 * row + column] = source.pick([-1, 1]);
    change = multiply(shear, change);
  }
  return {
    latticeAngstrom: multiply(change, crystal.latticeAngstrom),
    fractionalCoordinates: multiplyRows(crystal.fractionalCoordinates, inverse(change)).map(wrap),
    atomicNumbers: crystal.atomicNumbers,
  };
}

describe('the Niggli cell', () => {
  test('is the same for every cell of a crystal, which it leaves as it was', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (seed, other) => {
        const crystal = randomCrystal(seed);
        const reduced = niggliCell(crystal);
        const again = niggliCell(reshaped(crystal, other));
        const left = cellParameters(reduced.latticeAngstrom);
        const right = cellParameters(again.latticeAngstrom);
        left.lengthsAngstrom.forEach((x, k) => expect(x).toBeCloseTo(right.lengthsAngstrom[k] as number, 6));
        left.anglesDegree.forEach((x, k) => expect(x).toBeCloseTo(right.anglesDegree[k] as number, 4));
        expect(Math.abs(determinant(reduced.latticeAngstrom))).toBeCloseTo(
          Math.abs(determinant(crystal.latticeAngstrom)),
          6,
        );
        expect(identity(reduced)).toBe(identity(crystal));
        expect(identity(again)).toBe(identity(crystal));
      }),
      { numRuns: 30 },
    );
  });

  test('of a face-centred cubic lattice has three equal edges at 60°', () => {
    const stretched = [0, 2, 2, 2, 2, 4, 2, 2, 0];
    const reduced = niggliCell({
      latticeAngstrom: stretched,
      fractionalCoordinates: [0, 0, 0],
      atomicNumbers: [29],
    });
    const { lengthsAngstrom, anglesDegree } = cellParameters(reduced.latticeAngstrom);
    for (const length of lengthsAngstrom) expect(length).toBeCloseTo(Math.sqrt(8), 8);
    for (const angle of anglesDegree) expect(angle).toBeCloseTo(60, 6);
  });

  test('refuses a lattice without volume', () => {
    const flat = {
      latticeAngstrom: [1, 0, 0, 2, 0, 0, 0, 0, 1],
      fractionalCoordinates: [0, 0, 0],
      atomicNumbers: [29],
    };
    expect(() => niggliCell(flat)).toThrow(/without volume/);
  });
});
