import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  anonymousFormula,
  formulaOf,
  reduceComposition,
} from '../../../src/crystal/chemistry/composition.ts';
import { parseFormula } from '../../../src/crystal/chemistry/formula.ts';
import { readReference } from '../reference.ts';
import { anyComposition } from './any-composition.ts';

test.each([
  ['Ca(OH)2', 'CaH2O2'],
  ['Cu3Al', 'AlCu3'],
  ['((Al)2Cu)2Ni', 'Al4Cu2Ni'],
  ['K4[Fe(CN)6]', 'K4FeC6N6'],
  ['OFe', 'FeO'],
  ['Fe 2 O 3', 'Fe2O3'],
  ['Fe.5Ni0.5', 'Fe0.5Ni0.5'],
  ['CuSO4·5H2O', 'CuH10SO9'],
  ['CuSO4 * 5 H2O', 'CuH10SO9'],
  ['2MgO·SiO2', 'Mg2SiO4'],
  ['D2O', 'H2O'],
])('reads %s and writes it by electronegativity as %s', (formula, ordered) => {
  expect(formulaOf(parseFormula(formula))).toBe(ordered);
});

test.each([
  ['', /cannot read the formula '': write it as in 'AlCu3', 'Ca\(OH\)2' or 'CuSO4·5H2O'/],
  ['cu', /from 'cu'/],
  ['Cu)', /from '\)'/],
  ['(Cu', /cannot read the formula '\(Cu'/],
  ['(Cu]2', /from '\]2'/],
  ['Cu()2', /from '\)2'/],
  ['CuSO4·', /cannot read/],
  ['Xx2', /unknown element 'Xx': give a symbol from H to Lr/],
  ['Og', /unknown element 'Og'/],
  ['Fe0O2', /a count of 0: give a positive number, or leave out what is not there/],
  ['Fe(OH)0', /a count of 0/],
  [`Fe${'9'.repeat(400)}`, /a count of 9+: give a positive number/],
  ['Cu-3', /gives a charge \('-3'\): leave it out/],
  ['Fe3+', /gives a charge \('\+'\)/],
  ['SO4^2-', /gives a charge \('\^2-'\)/],
  ['Ca²⁺', /gives a charge \('²⁺'\)/],
])('refuses %j with the reason', (formula, message) => {
  expect(() => parseFormula(formula)).toThrow(RangeError);
  expect(() => parseFormula(formula)).toThrow(message);
});

test('a formula that is written reads back as the same composition', () => {
  fc.assert(
    fc.property(anyComposition(), (composition) => {
      expect(parseFormula(formulaOf(composition))).toEqual(composition);
    }),
  );
});

test('any text is read or refused by a RangeError', () => {
  const text = fc.string({ unit: fc.constantFrom(...'FeOHXD()[]{}0123.·*+-^ \n'.split('')), maxLength: 12 });
  fc.assert(
    fc.property(text, (formula) => {
      try {
        for (const count of parseFormula(formula).values()) expect(count).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 2000 },
  );
});

const pymatgen = readReference<{
  readonly given: readonly string[];
  readonly written: readonly string[];
  readonly reduced: readonly string[];
  readonly anonymous: readonly string[];
}>('formulas');

test('reads and writes every formula of MP-20 and of the varied crystals as pymatgen does', () => {
  const read = pymatgen.given.map(parseFormula);
  // pymatgen writes a count of 1 here: 'Al1 Cu3'.
  const written = pymatgen.written.map((formula) => formula.replaceAll(/(?<=[A-Za-z])1(?![\d.])/g, ''));
  expect(read.map(formulaOf)).toEqual(written);
  expect(read.map(anonymousFormula)).toEqual(pymatgen.anonymous);
});

test('reduces as pymatgen does, except for its names of molecules and its brackets', () => {
  const ours = pymatgen.given.map((formula) => formulaOf(reduceComposition(parseFormula(formula))));
  const disagreeing = ours.flatMap((formula, i) =>
    formula === pymatgen.reduced[i] ? [] : [[formula, pymatgen.reduced[i] as string] as const],
  );
  const bracketed = disagreeing.filter(([, theirs]) => theirs.includes('('));
  // A polyanion in brackets is the same formula.
  for (const [formula, theirs] of bracketed) expect(formulaOf(parseFormula(theirs))).toBe(formula);
  // O2, Li2O2, Hg2Cl2, … are kept whole by pymatgen: what is left is twice ours.
  const whole = disagreeing.filter(([, theirs]) => !theirs.includes('('));
  for (const [formula, theirs] of whole) {
    expect(formulaOf(reduceComposition(parseFormula(theirs)))).toBe(formula);
  }
  expect({ all: ours.length, bracketed: bracketed.length, whole: whole.length }).toEqual({
    all: 14652,
    bracketed: 1383,
    whole: 6,
  });
});
