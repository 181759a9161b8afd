import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Composition } from '../../../src/crystal/chemistry/composition.ts';
import { elementCounts } from '../../../src/crystal/chemistry/composition.ts';
import { parseFormula } from '../../../src/crystal/chemistry/formula.ts';
import {
  MAGPIE_LENGTH,
  MAGPIE_NAMES,
  magpieDescriptors,
  magpieDescriptorsOf,
} from '../../../src/crystal/chemistry/magpie.ts';
import { readReference, variedCrystals } from '../reference.ts';
import { anyComposition } from './any-composition.ts';

const matminer = readReference<{
  readonly names: readonly string[];
  readonly formulas: readonly string[];
  readonly descriptors: readonly (readonly number[])[];
}>('magpie');

test('names the 132 descriptors as matminer does', () => {
  expect(MAGPIE_LENGTH).toBe(132);
  expect(MAGPIE_NAMES).toEqual(matminer.names);
});

test('agrees with matminer on every composition, those with missing values and ties of the mode too', () => {
  const descriptors = magpieDescriptorsOf(matminer.formulas.map(parseFormula));
  const expected = matminer.descriptors.flat();
  expect(descriptors).toHaveLength(expected.length);
  // The average deviation of a pure element is 0 to rounding, hence the absolute part.
  const worst = expected.reduce(
    (worst, value, i) =>
      Math.max(worst, Math.abs((descriptors[i] as number) - value) / (Math.abs(value) + 1e-3)),
    0,
  );
  expect(worst).toBeLessThan(1e-9);
});

test('the compared compositions are those of the 2,000 varied crystals', () => {
  const key = (composition: Composition): string =>
    JSON.stringify([...composition].sort(([l], [r]) => l - r));
  const compared = new Set(matminer.formulas.map((formula) => key(parseFormula(formula))));
  const crystals = variedCrystals();
  expect(crystals).toHaveLength(2000);
  expect(crystals.filter((crystal) => !compared.has(key(elementCounts(crystal))))).toEqual([]);
});

test('only the proportions count', () => {
  fc.assert(
    fc.property(anyComposition(), fc.double({ min: 0.01, max: 100, noNaN: true }), (counts, factor) => {
      const scaled = magpieDescriptors(new Map([...counts].map(([z, count]) => [z, count * factor])));
      magpieDescriptors(counts).forEach((value, i) => expect(scaled[i]).toBeCloseTo(value, 6));
    }),
  );
});

test('many at once are one after the other', () => {
  fc.assert(
    fc.property(fc.array(anyComposition(), { maxLength: 5 }), (compositions) => {
      const apart = compositions.flatMap((counts) => [...magpieDescriptors(counts)]);
      expect([...magpieDescriptorsOf(compositions)]).toEqual(apart);
    }),
  );
});

test('refuses what is no composition, with the remedy', () => {
  expect(() => magpieDescriptors(new Map())).toThrow('the composition is empty: give at least one element');
  expect(() => magpieDescriptors(new Map([[26, 0]]))).toThrow('a count of 0 for Fe: give a positive number');
  expect(() => magpieDescriptors(new Map([[104, 1]]))).toThrow('unknown atomic number 104');
});
