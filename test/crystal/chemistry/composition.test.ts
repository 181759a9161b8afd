import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  anonymousFormula,
  formulaOf,
  reduceComposition,
  reducedFormula,
} from '../../../src/crystal/chemistry/composition.ts';
import { anyComposition } from './any-composition.ts';

test('the reduced formula does not depend on how often the cell is repeated', () => {
  const repeats = fc.integer({ min: 1, max: 6 });
  fc.assert(
    fc.property(anyComposition(), repeats, (composition, times) => {
      const atoms = [...composition].flatMap(([z, count]) => new Array<number>(count).fill(z));
      const cell = { latticeAngstrom: [], fractionalCoordinates: [], atomicNumbers: atoms };
      const larger = { ...cell, atomicNumbers: new Array<number[]>(times).fill(atoms).flat() };
      expect(reducedFormula(larger)).toBe(reducedFormula(cell));
    }),
  );
});

test('counts that are not whole stay as they are', () => {
  const alloy = new Map([
    [26, 0.1 + 0.2],
    [28, 0.7],
  ]);
  expect(reduceComposition(alloy)).toEqual(alloy);
  expect(formulaOf(alloy)).toBe('Fe0.3Ni0.7');
  expect(anonymousFormula(alloy)).toBe('A0.3B0.7');
});

test('anonymises by rising count, not by element', () => {
  expect(
    anonymousFormula(
      new Map([
        [13, 6],
        [29, 2],
      ]),
    ),
  ).toBe('AB3');
  expect(anonymousFormula(new Map([[26, 4]]))).toBe('A');
});

test('refuses to name more than 26 elements', () => {
  const many = new Map(Array.from({ length: 27 }, (_, i) => [i + 1, 1]));
  expect(() => anonymousFormula(many)).toThrow('27 elements have no anonymous formula: give at most 26');
});
