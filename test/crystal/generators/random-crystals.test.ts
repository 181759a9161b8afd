import type { ProposalOptions } from '../../../src/crystal/generators/proposal-options.ts';
import { expect, test } from 'vitest';
import { randomCrystals } from '../../../src/crystal/generators/random-crystals.ts';
import { identity } from '../../../src/crystal/identity/fingerprint.ts';
import { random } from '../../../src/crystal/random.ts';
import { spaceGroup } from '../../../src/crystal/symmetry/symmetry.ts';
import { isValid } from '../../../src/crystal/validity.ts';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';

loadSymmetryFinder();

const options: Omit<ProposalOptions, 'random'> = {
  allowedAtomicNumbers: [13, 47, 78],
  minAtoms: 2,
  maxAtoms: 8,
  minElements: 2,
  maxElements: 3,
  count: 200,
};

test('crystals keep to the space, are valid, differ, and have many symmetries', () => {
  const crystals = [...randomCrystals({ ...options, random: random('space') })];
  expect(crystals).toHaveLength(200);
  for (const { atomicNumbers } of crystals) {
    expect(atomicNumbers.length).toBeGreaterThanOrEqual(2);
    expect(atomicNumbers.length).toBeLessThanOrEqual(8);
    expect([2, 3]).toContain(new Set(atomicNumbers).size);
  }
  expect(crystals.filter(isValid).length).toBeGreaterThan(190);
  expect(new Set(crystals.map(identity)).size).toBeGreaterThan(195);
  expect(new Set(crystals.map((crystal) => spaceGroup(crystal, 1e-3).number)).size).toBeGreaterThan(40);
});

test('the same seed gives the same crystals, another seed others', () => {
  const draw = (seed: number): string =>
    JSON.stringify([...randomCrystals({ ...options, count: 10, random: random(seed) })]);
  expect(draw(1)).toBe(draw(1));
  expect(draw(1)).not.toBe(draw(2));
});

test('elements without a tabulated volume, such as ytterbium, are no obstacle', () => {
  const ytterbium = { ...options, allowedAtomicNumbers: [70, 84], count: 5, random: random(1) };
  expect([...randomCrystals(ytterbium)].filter(isValid)).toHaveLength(5);
});

test('an impossible space is refused with what to do', () => {
  const draw = (change: Partial<ProposalOptions>): unknown => [
    ...randomCrystals({ ...options, ...change, random: random(1) }),
  ];
  expect(() => draw({ minElements: 4, maxElements: 4 })).toThrow(
    'no composition has 2 to 8 atoms and 4 to 3 elements: widen the space',
  );
  expect(() => draw({ minElements: 3, minAtoms: 1, maxAtoms: 2 })).toThrow(
    'no composition has 1 to 2 atoms and 3 to 2 elements: widen the space',
  );
});
