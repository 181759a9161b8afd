import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Crystal, makeCrystal } from '../../../src/crystal/crystal.ts';
import {
  detectFormat,
  type Format,
  FORMATS,
  readCrystals,
  writeCrystal,
} from '../../../src/crystal/formats/formats.ts';
import { variedCrystals } from '../reference.ts';
import { anyCrystal } from '../variants.ts';
import { differenceBetween, type Kept } from './same-crystal.ts';

const all: Kept = { orientation: true, order: true, charge: true, oxidationStates: true, moments: true };
const kept: Readonly<Record<Format, Kept>> = {
  cif: { ...all, orientation: false, charge: false },
  poscar: { ...all, order: false, charge: false, oxidationStates: false, moments: false },
  extxyz: all,
  pymatgen: all,
  ase: all,
  optimade: all,
};

/** Largest difference that a round trip may leave: Å, degrees, fractions, elementary charges, Bohr magnetons. */
const TOLERANCE = 1e-8;

const crystals: readonly Crystal[] = variedCrystals().map(({ id: _, ...crystal }) => crystal);

const number = fc.double({ min: -9, max: 9, noNaN: true }).map((x) => x + 0);

/** Any crystal, left-handed ones too, with or without charge, oxidation states and moments. */
const decorated = anyCrystal([1, 8, 26, 92]).chain((crystal) => {
  const n = crystal.atomicNumbers.length;
  const list = (length: number): fc.Arbitrary<number[]> =>
    fc.array(number, { minLength: length, maxLength: length });
  // Collinear, or vectors that do not all lie along c: those along c are read as collinear.
  const vectors = list(3 * n).map((moments) => moments.map((x, i) => (i === 0 ? 1 + Math.abs(x) : x)));
  return fc
    .record(
      {
        chargeE: number,
        oxidationStates: list(n),
        magneticMomentsMuB: fc.oneof(list(n), vectors),
        flip: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .map(({ flip, ...decorations }) => {
      const { latticeAngstrom } = crystal;
      const turned = [
        ...latticeAngstrom.slice(3, 6),
        ...latticeAngstrom.slice(0, 3),
        ...latticeAngstrom.slice(6),
      ];
      return makeCrystal({
        ...crystal,
        ...decorations,
        latticeAngstrom: flip === true ? turned : latticeAngstrom,
      });
    });
});

describe.each(FORMATS)('%s', (format) => {
  test('gives back any crystal, and is told from its content', () => {
    fc.assert(
      fc.property(decorated, (crystal) => {
        const text = writeCrystal(crystal, format);
        expect(detectFormat(text)).toBe(format);
        const [again, ...others] = readCrystals(text);
        expect(others).toEqual([]);
        expect(differenceBetween(again as Crystal, crystal, kept[format])).toBeLessThan(TOLERANCE);
      }),
      { numRuns: 60 },
    );
  });

  test('gives back the 2,000 varied crystals', () => {
    const differences = crystals.map((crystal) => {
      const [again] = readCrystals(writeCrystal(crystal, format), { format });
      return differenceBetween(again as Crystal, crystal, kept[format]);
    });
    expect(Math.max(...differences)).toBeLessThan(TOLERANCE);
  });
});

test('from CIF through every format and back', () => {
  for (const crystal of crystals.filter((__, i) => i % 10 === 0)) {
    const [first] = readCrystals(writeCrystal(crystal, 'cif')) as [Crystal];
    const differences = FORMATS.map((format) => {
      const [again] = readCrystals(writeCrystal(first, format)) as [Crystal];
      return differenceBetween(again, first, kept[format]);
    });
    expect(Math.max(...differences)).toBeLessThan(TOLERANCE);
  }
});
