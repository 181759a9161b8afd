import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';
import { makeCrystal } from '../../../src/crystal/crystal.ts';
import {
  fingerprint,
  fingerprintDistance,
  identity,
  largestDifference,
  sameCrystal,
} from '../../../src/crystal/identity/fingerprint.ts';
import { parseCif } from '../../../src/crystal/formats/cif.ts';
import { PROTOTYPES } from '../../../src/crystal/generators/prototypes.ts';
import { occupy } from '../../../src/crystal/generators/substitution.ts';
import { conventionalCell, primitiveCell } from '../../../src/crystal/symmetry/symmetry.ts';
import excerpt from '../../fixtures/crystal/mp-20-excerpt.json' with { type: 'json' };
import { variedCrystals } from '../reference.ts';
import { anyCrystal, rattle, retold } from '../variants.ts';

loadSymmetryFinder();

const known = [
  ...excerpt.rows.map((row) => parseCif(row.cif)),
  ...PROTOTYPES.slice(0, 60).map((prototype) => occupy(prototype, [13, 29, 79])),
];

describe('identity', () => {
  test('is the same however the crystal is told, also for the symmetric ones with their many equal distances', () => {
    known.forEach((crystal, seed) => expect(identity(retold(crystal, seed))).toBe(identity(crystal)));
  });

  test('is kept by all 2,000 varied crystals at moves of 1e-7 Å, lost by 43 at 1e-5 Å', () => {
    const changed = (most: number): number =>
      variedCrystals().filter((crystal, i) => identity(rattle(crystal, most, i)) !== identity(crystal))
        .length;
    expect([1e-7, 1e-5].map(changed)).toEqual([0, 43]);
  });

  test('is the same in the primitive and in the conventional cell', () => {
    for (const crystal of known.filter((_, i) => i % 3 === 0)) {
      const primitive = primitiveCell(crystal, 1e-3);
      expect(identity(conventionalCell(primitive, 1e-3))).toBe(identity(primitive));
    }
  });

  test('differs between all structure types, between orderings on one lattice, and with volume', () => {
    expect(new Set(known.map(identity)).size).toBe(known.length);
    const ordered = (atomicNumbers: number[]): string =>
      identity(
        makeCrystal({
          latticeAngstrom: [4, 0, 0, 0, 4, 0, 0, 0, 8],
          fractionalCoordinates: [
            0, 0, 0, 0.5, 0.5, 0, 0.5, 0, 0.25, 0, 0.5, 0.25, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0, 0.75, 0, 0.5,
            0.75,
          ],
          atomicNumbers,
        }),
      );
    const orders = [
      [29, 29, 29, 29, 79, 79, 79, 79],
      [29, 29, 79, 79, 29, 29, 79, 79],
      [29, 79, 29, 79, 79, 29, 79, 29],
      [29, 79, 29, 79, 29, 79, 79, 29],
    ];
    expect(new Set(orders.map(ordered)).size).toBe(orders.length);
  });
});

describe('fingerprint', () => {
  test('moving atoms by at most ε changes it by at most 2ε', () => {
    fc.assert(
      fc.property(
        anyCrystal(),
        fc.double({ min: 0.001, max: 0.1, noNaN: true }),
        fc.nat(999),
        (crystal, most, seed) => {
          const difference = largestDifference(
            fingerprint(crystal),
            fingerprint(rattle(crystal, most, seed)),
          );
          expect(difference).toBeLessThanOrEqual(2 * most + 1e-9);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('random crystals keep it in any telling', () => {
    fc.assert(
      fc.property(anyCrystal(), fc.nat(999), (crystal, seed) => {
        expect(fingerprintDistance(crystal, retold(crystal, seed))).toBeLessThan(1e-8);
      }),
      { numRuns: 40 },
    );
  });
});

test('sameCrystal tells noise from another phase', () => {
  const [fcc, , hcp] = PROTOTYPES.slice(0, 3).map((prototype) => occupy(prototype, [29]));
  if (fcc === undefined || hcp === undefined) throw new Error('no prototypes');
  expect(sameCrystal(hcp, rattle(hcp, 0.01, 1))).toBe(true);
  expect(sameCrystal(fcc, hcp)).toBe(false);
  expect(sameCrystal(fcc, { ...fcc, atomicNumbers: [79] })).toBe(false);
});
