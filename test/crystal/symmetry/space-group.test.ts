import { expect, test } from 'vitest';
import { wrap } from '../../../src/crystal/geometry/torus.ts';
import { applyOperation } from '../../../src/crystal/symmetry/operation.ts';
import {
  spaceGroupType,
  symmetryOperations,
  wyckoffPositions,
} from '../../../src/crystal/symmetry/space-group.ts';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';

loadSymmetryFinder();

/** A point as an exact text: all translations are multiples of 1/24, and so are the coordinates given here. */
const key = (point: readonly number[]): string => point.map((x) => Math.round(wrap(x) * 1e6) % 1e6).join();

test('every Wyckoff position of the 230 groups has as many points as its multiplicity says', () => {
  for (let number = 1; number <= 230; number++) {
    const operations = symmetryOperations(number);
    for (const { multiplicity, letter, representative } of wyckoffPositions(number)) {
      const first = applyOperation(representative, [0.137911, 0.241553, 0.386719]);
      const points = new Set(operations.map((operation) => key(applyOperation(operation, first))));
      expect(`${number}${letter} ${points.size}`).toBe(`${number}${letter} ${multiplicity}`);
    }
  }
});

test('diamond sits on 8a of Fd-3m, in either setting', () => {
  const type = spaceGroupType(227);
  expect(type).toEqual({
    number: 227,
    symbol: 'Fd-3m',
    hallNumber: 526,
    crystalSystem: 'cubic',
    bravaisLattice: 'cF',
  });
  const site = (hallNumber?: number): string | undefined =>
    wyckoffPositions(227, hallNumber).find(({ letter }) => letter === 'a')?.coordinates;
  expect([site(), site(525)]).toEqual(['1/8,1/8,1/8', '0,0,0']);
});

test.each([
  [() => spaceGroupType(231), 'no space group has the number 231: give an integer from 1 to 230'],
  [() => symmetryOperations(225, 531), 'no setting has the Hall number 531: give an integer from 1 to 530'],
  [() => wyckoffPositions(225, 81), 'Hall number 81 is a setting of space group 14, not 225'],
])('refuses a group or setting that does not exist', (ask, message) => {
  expect(ask).toThrow(message);
});
