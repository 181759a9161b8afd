import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reduceComposition } from '../../../src/crystal/chemistry/composition.ts';
import { symbolOf } from '../../../src/crystal/chemistry/elements.ts';
import { parseFormula } from '../../../src/crystal/chemistry/formula.ts';
import {
  guessOxidationStates,
  type OxidationGuess,
  withOxidationStates,
} from '../../../src/crystal/chemistry/oxidation-states.ts';
import { readReference } from '../reference.ts';
import { anyComposition } from './any-composition.ts';

const pymatgen = readReference<{
  readonly formulas: readonly string[];
  /** How many guesses there are in all, and the mean states of the first five. */
  readonly guesses: readonly (readonly [number, readonly Readonly<Record<string, number>>[]])[];
}>('oxidation-states');

function meansOf(guess: OxidationGuess): Record<string, number> {
  return Object.fromEntries([...guess.means].map(([z, mean]) => [symbolOf(z), Number(mean.toFixed(6))]));
}

function statesOf(formula: string, chargeE = 0): Record<string, readonly number[]> | undefined {
  const [guess] = guessOxidationStates(parseFormula(formula), { chargeE });
  return guess && Object.fromEntries([...guess.states].map(([z, states]) => [symbolOf(z), states]));
}

describe('against pymatgen, on the reduced compositions of the varied crystals', () => {
  const compared = pymatgen.formulas.map((formula, i) => {
    const [count, theirs] = pymatgen.guesses[i] as (typeof pymatgen.guesses)[number];
    const composition = reduceComposition(parseFormula(formula));
    return { formula, count, theirs, ours: guessOxidationStates(composition, { limit: 5 }).map(meansOf) };
  });

  test('the likeliest guess is the same for all 1,636, none where pymatgen has none', () => {
    expect(compared).toHaveLength(1636);
    expect(compared.filter(({ count }) => count === 0)).toHaveLength(924);
    for (const { ours, theirs } of compared) expect(ours[0]).toEqual(theirs[0]);
  });

  test('the first five guesses are the same for all but InSbSe3, whose fifth and sixth are equally likely', () => {
    const differing = compared.filter(({ ours, theirs }) => {
      const same = ours.every((guess, i) =>
        Object.entries(guess).every(([symbol, mean]) => theirs[i]?.[symbol] === mean),
      );
      return !same || ours.length !== theirs.length;
    });
    expect(differing.map(({ formula }) => formula)).toEqual(['InSbSe3']);
    const six = guessOxidationStates(parseFormula('InSbSe3'), { limit: 6 });
    expect(six[4]?.score).toBe(six[5]?.score);
    expect(meansOf(six[5] as OxidationGuess)).toEqual(differing[0]?.theirs[4]);
  });
});

test.each([
  ['Fe3O4', 0, { Fe: [2, 3, 3], O: [-2, -2, -2, -2] }],
  ['BaTiO3', 0, { Ba: [2], Ti: [4], O: [-2, -2, -2] }],
  ['SO4', -2, { S: [6], O: [-2, -2, -2, -2] }],
  ['Cu4', 0, { Cu: [0, 0, 0, 0] }],
  ['Al2Cu', 0, undefined],
  ['XeHe', 0, undefined],
])('the likeliest states of %s with charge %d', (formula, charge, states) => {
  expect(statesOf(formula, charge)).toEqual(states);
});

test('every guess has the charge and as many states as atoms', () => {
  fc.assert(
    fc.property(anyComposition(), fc.integer({ min: -2, max: 2 }), (composition, chargeE) => {
      const guesses = guessOxidationStates(composition, { chargeE, limit: 3 });
      if (composition.size === 1) return;
      for (const { states } of guesses) {
        expect([...states].map(([z, list]) => [z, list.length])).toEqual(
          [...composition].sort(([l], [r]) => l - r),
        );
        expect([...states.values()].flat().reduce((sum, state) => sum + state, 0)).toBe(chargeE);
      }
      const scores = guesses.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((l, r) => r - l));
    }),
  );
});

test('a cell of 500 atoms has a guess within seconds', () => {
  const start = performance.now();
  expect(statesOf('Fe90Mn80V60Li20O250')).toBeDefined();
  expect(performance.now() - start).toBeLessThan(5000);
});

test('puts the mean states on a crystal, whatever its cell', () => {
  const cell = {
    latticeAngstrom: [8.4, 0, 0, 0, 8.4, 0, 0, 0, 8.4],
    fractionalCoordinates: new Array<number>(21).fill(0),
    atomicNumbers: [26, 8, 8, 26, 26, 8, 8],
  };
  const mean = 8 / 3;
  expect(withOxidationStates(cell)?.oxidationStates).toEqual([mean, -2, -2, mean, mean, -2, -2]);
  const twice = { ...cell, atomicNumbers: [...cell.atomicNumbers, ...cell.atomicNumbers] };
  expect(withOxidationStates(twice)?.oxidationStates?.slice(0, 7)).toEqual([
    mean,
    -2,
    -2,
    mean,
    mean,
    -2,
    -2,
  ]);
  expect(
    withOxidationStates({ ...cell, atomicNumbers: [16, 8, 8, 8, 8], chargeE: -2 })?.oxidationStates,
  ).toEqual([6, -2, -2, -2, -2]);
  expect(withOxidationStates({ ...cell, atomicNumbers: [13, 29] })).toBeNull();
});

test('refuses counts that are not whole', () => {
  expect(() => guessOxidationStates(parseFormula('Fe0.5O'))).toThrow(
    "a count of 0.5 for Fe: give whole counts, as in 'Fe2O3'",
  );
});
