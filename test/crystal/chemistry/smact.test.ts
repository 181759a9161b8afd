import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Composition } from '../../../src/crystal/chemistry/composition.ts';
import { parseFormula } from '../../../src/crystal/chemistry/formula.ts';
import { isSmactValid, type SmactList } from '../../../src/crystal/chemistry/smact.ts';
import { readReference } from '../reference.ts';
import { anyComposition } from './any-composition.ts';

const smact = readReference<{
  readonly lists: readonly SmactList[];
  readonly formulas: readonly string[];
  /** One digit for each list: 1 valid, +2 valid without alloys, +4 valid without Pauling's test. */
  readonly verdicts: readonly string[];
}>('smact');

test.each(smact.lists.map((list, place) => [list, place] as const))(
  'decides as SMACT does with its list %s, for every composition and set of rules',
  (list, place) => {
    const disagreeing = smact.formulas.filter((formula, i) => {
      const composition = parseFormula(formula);
      const verdict =
        Number(isSmactValid(composition, { list })) +
        2 * Number(isSmactValid(composition, { list, includeAlloys: false })) +
        4 * Number(isSmactValid(composition, { list, usePaulingTest: false }));
      return String(verdict) !== smact.verdicts[i]?.[place];
    });
    expect(disagreeing).toEqual([]);
  },
);

test('the compared compositions are many, and both verdicts are common', () => {
  expect(smact.formulas).toHaveLength(5793);
  const valid = smact.lists.map(
    (_, place) => smact.verdicts.filter((verdict) => Number(verdict[place]) & 1).length,
  );
  expect(valid).toEqual([2941, 2768, 2980]);
});

test('neither the order of the elements nor the size of the cell counts', () => {
  fc.assert(
    fc.property(anyComposition(), fc.integer({ min: 2, max: 30 }), (composition, times) => {
      const retold: Composition = new Map(
        [...composition].map(([z, n]) => [z, n * times] as const).toReversed(),
      );
      for (const list of smact.lists) {
        expect(isSmactValid(retold, { list })).toBe(isSmactValid(composition, { list }));
      }
    }),
  );
});

test('a composition of a hundred elements and thousands of atoms takes no time', () => {
  const all = new Map(Array.from({ length: 100 }, (_, i) => [i + 1, 37 + i]));
  // Noble gases have no oxidation states; without them the answer needs the whole table of sums.
  for (const z of [2, 10, 18, 36, 54, 85, 86, 87, 61, 88, 89, 96, 97, 98, 99, 100]) all.delete(z);
  const start = performance.now();
  const verdict = isSmactValid(all, { list: 'smact14', includeAlloys: false, usePaulingTest: false });
  expect(verdict).toBe(true);
  expect(performance.now() - start).toBeLessThan(2000);
});

test('refuses what is no composition, with the remedy', () => {
  expect(() => isSmactValid(new Map(), { list: 'smact14' })).toThrow('the composition is empty');
  expect(() =>
    isSmactValid(
      new Map([
        [26, 0.5],
        [8, 1],
      ]),
      { list: 'smact14' },
    ),
  ).toThrow("a count of 0.5 for Fe: give whole counts, as in 'Fe2O3'");
});
