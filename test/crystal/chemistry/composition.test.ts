import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formulaOf, parseFormula, reducedFormula } from '../../../src/crystal/chemistry/composition.ts';
import { supercell } from '../../../src/crystal/crystal.ts';
import { anyCrystal } from '../variants.ts';

test.each([
  ['Ca(OH)2', 'CaH2O2'],
  ['Cu3Al', 'AlCu3'],
  ['((Al)2Cu)2Ni', 'Al4Cu2Ni'],
  ['OFe', 'FeO'],
])('reads %s and writes it by electronegativity as %s', (formula, ordered) => {
  expect(formulaOf(parseFormula(formula))).toBe(ordered);
});

test.each(['', 'cu', 'Cu)', '(Cu', 'Cu-3', 'Xx2'])('refuses %j with what to write instead', (formula) => {
  expect(() => parseFormula(formula)).toThrow(/as in '/);
});

test('a formula that is written reads back as the same composition', () => {
  const composition = fc.uniqueArray(
    fc.tuple(fc.integer({ min: 1, max: 103 }), fc.integer({ min: 1, max: 20 })),
    {
      selector: ([z]) => z,
      minLength: 1,
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(composition, (pairs) => {
      expect(parseFormula(formulaOf(new Map(pairs)))).toEqual(new Map(pairs));
    }),
  );
});

test('the reduced formula does not depend on the supercell', () => {
  fc.assert(
    fc.property(anyCrystal(), (crystal) => {
      expect(reducedFormula(supercell(crystal, [1, 2, 3]))).toBe(reducedFormula(crystal));
    }),
    { numRuns: 30 },
  );
});
