import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeCrystal, volumeAngstrom3 } from '../../../src/crystal/crystal.ts';
import { niggliCell } from '../../../src/crystal/geometry/niggli.ts';
import { primitiveByTranslation } from '../../../src/crystal/geometry/primitive.ts';
import { supercell } from '../../../src/crystal/geometry/supercell.ts';
import { fingerprintDistance } from '../../../src/crystal/identity/fingerprint.ts';
import { anyCrystal, rattle, retold } from '../variants.ts';

const rockSalt = makeCrystal({
  latticeAngstrom: [5.64, 0, 0, 0, 5.64, 0, 0, 0, 5.64],
  fractionalCoordinates: [
    0, 0, 0, 0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0.5, 0, 0, 0, 0.5,
  ],
  atomicNumbers: [11, 11, 11, 11, 17, 17, 17, 17],
});

test('a conventional cell of rock salt, repeated 2 × 3 × 1, has two atoms', () => {
  const primitive = primitiveByTranslation(niggliCell(supercell(rockSalt, [2, 3, 1])));
  expect(primitive.atomicNumbers).toEqual([17, 11]);
  expect(volumeAngstrom3(primitive)).toBeCloseTo(5.64 ** 3 / 4, 9);
});

test('equal atoms that no translation takes to each other stay', () => {
  const diamond = makeCrystal({
    latticeAngstrom: [0, 1.8, 1.8, 1.8, 0, 1.8, 1.8, 1.8, 0],
    fractionalCoordinates: [0, 0, 0, 0.25, 0.25, 0.25],
    atomicNumbers: [6, 6],
  });
  expect(primitiveByTranslation(diamond)).toBe(diamond);
});

test('noise within the tolerance is averaged, beyond it the larger cell stays', () => {
  const noisy = rattle(niggliCell(rockSalt), 0.05, 1);
  expect(primitiveByTranslation(noisy).atomicNumbers).toHaveLength(2);
  expect(primitiveByTranslation(noisy, 1e-3)).toBe(noisy);
});

test('every telling of a crystal leads back to as many atoms, with the same distances', () => {
  fc.assert(
    fc.property(anyCrystal(), fc.nat(9999), (crystal, seed) => {
      const smallest = primitiveByTranslation(niggliCell(crystal));
      const found = primitiveByTranslation(niggliCell(retold(crystal, seed)));
      expect(found.atomicNumbers).toHaveLength(smallest.atomicNumbers.length);
      expect(fingerprintDistance(found, crystal)).toBeLessThan(1e-6);
    }),
    { numRuns: 40 },
  );
});

test('refuses a tolerance that is not positive', () => {
  expect(() => primitiveByTranslation(rockSalt, 0)).toThrow(
    'cannot compare atoms within 0 Å: give a positive tolerance',
  );
});
