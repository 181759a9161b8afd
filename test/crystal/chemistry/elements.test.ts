import { expect, test } from 'vitest';
import {
  atomicNumberOf,
  elementOf,
  ELEMENTS,
  isMetal,
  placeInTable,
  symbolOf,
} from '../../../src/crystal/chemistry/elements.ts';

test('symbols and atomic numbers name the same 103 elements', () => {
  expect(ELEMENTS).toHaveLength(103);
  for (const { atomicNumber, symbol } of ELEMENTS) {
    expect(atomicNumberOf(symbol)).toBe(atomicNumber);
    expect(symbolOf(atomicNumber)).toBe(symbol);
  }
});

test.each([0, 104, 2.5, Number.NaN])('refuses the atomic number %d', (atomicNumber) => {
  expect(() => elementOf(atomicNumber)).toThrow(
    `unknown atomic number ${atomicNumber}: give an integer from 1 to 103`,
  );
});

test.each(['Rf', 'Og', 'D', 'fe', 'Xx', ''])('refuses the symbol %j', (symbol) => {
  expect(() => atomicNumberOf(symbol)).toThrow(
    `unknown element '${symbol}': give a symbol from H to Lr, as in 'Cu'`,
  );
});

test('78 elements are metals', () => {
  expect(ELEMENTS.filter(({ atomicNumber }) => isMetal(atomicNumber))).toHaveLength(78);
  expect(['Al', 'Ga', 'Bi', 'U'].every((symbol) => isMetal(atomicNumberOf(symbol)))).toBe(true);
  expect(['Ge', 'Sb', 'Te', 'H'].some((symbol) => isMetal(atomicNumberOf(symbol)))).toBe(false);
});

test.each([
  ['H', { period: 1, group: 1, fElectrons: 0 }],
  ['He', { period: 1, group: 18, fElectrons: 0 }],
  ['B', { period: 2, group: 13, fElectrons: 0 }],
  ['Sc', { period: 4, group: 3, fElectrons: 0 }],
  ['Gd', { period: 6, group: null, fElectrons: 7 }],
  ['Lu', { period: 6, group: 3, fElectrons: 0 }],
  ['Hf', { period: 6, group: 4, fElectrons: 0 }],
  ['U', { period: 7, group: null, fElectrons: 3 }],
])('places %s in the periodic table', (symbol, place) => {
  expect(placeInTable(atomicNumberOf(symbol))).toEqual(place);
});
