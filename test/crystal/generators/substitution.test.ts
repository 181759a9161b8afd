import { expect, test } from 'vitest';
import { volumeAngstrom3 } from '../../../src/crystal/crystal.ts';
import { elementOf } from '../../../src/crystal/chemistry/elements.ts';
import { identity } from '../../../src/crystal/identity/fingerprint.ts';
import { PROTOTYPES } from '../../../src/crystal/generators/prototypes.ts';
import { random } from '../../../src/crystal/random.ts';
import { substitute, type SubstitutionOptions } from '../../../src/crystal/generators/substitution.ts';
import { isValid } from '../../../src/crystal/validity.ts';

const options: Omit<SubstitutionOptions, 'random'> = {
  prototypes: PROTOTYPES,
  allowedAtomicNumbers: [13, 29, 79],
  minAtoms: 3,
  maxAtoms: 6,
  minElements: 2,
  maxElements: 3,
  count: 200,
};

test('crystals keep to the space, are valid, have the volume of their elements, and vary', () => {
  const crystals = [...substitute({ ...options, random: random('substitute') })].map(
    ({ crystal }) => crystal,
  );
  expect(crystals).toHaveLength(200);
  for (const crystal of crystals) {
    const elements = new Set(crystal.atomicNumbers);
    expect(crystal.atomicNumbers.length).toBeGreaterThanOrEqual(3);
    expect(crystal.atomicNumbers.length).toBeLessThanOrEqual(6);
    expect([2, 3]).toContain(elements.size);
    expect(options.allowedAtomicNumbers).toEqual(expect.arrayContaining([...elements]));
    const expected = crystal.atomicNumbers.reduce((sum, z) => sum + (elementOf(z).volumeAngstrom3 ?? NaN), 0);
    expect(volumeAngstrom3(crystal)).toBeCloseTo(expected, 8);
    expect(isValid(crystal)).toBe(true);
  }
  expect(new Set(crystals.map(identity)).size).toBeGreaterThan(120);
});

test('the same seed gives the same crystals, another seed others', () => {
  const draw = (seed: number): string =>
    JSON.stringify([...substitute({ ...options, count: 20, random: random(seed) })]);
  expect(draw(1)).toBe(draw(1));
  expect(draw(1)).not.toBe(draw(2));
});

test('an impossible space is refused with what to do', () => {
  const impossible = { ...options, minElements: 4, maxElements: 4, random: random(1) };
  expect(() => [...substitute(impossible)]).toThrow(
    /no prototype has 3 to 6 atoms and 4 to 3 elements: widen/,
  );
});
