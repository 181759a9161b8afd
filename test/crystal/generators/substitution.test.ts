import { expect, test } from 'vitest';
import { volumeAngstrom3 } from '../../../src/crystal/crystal.ts';
import { atomicNumberOf, elementOf } from '../../../src/crystal/chemistry/elements.ts';
import { identity } from '../../../src/crystal/identity/fingerprint.ts';
import { PROTOTYPES } from '../../../src/crystal/generators/prototypes.ts';
import { random } from '../../../src/crystal/random.ts';
import {
  occupy,
  substitute,
  type SubstitutionOptions,
} from '../../../src/crystal/generators/substitution.ts';
import { learnSubstitution } from '../../../src/crystal/generators/substitution-model.ts';
import { isValid } from '../../../src/crystal/validity.ts';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';

loadSymmetryFinder();

const options: Omit<SubstitutionOptions, 'random'> = {
  prototypes: PROTOTYPES,
  allowedAtomicNumbers: [13, 29, 79],
  minAtoms: 3,
  maxAtoms: 6,
  minElements: 2,
  maxElements: 3,
  count: 200,
};
const model = learnSubstitution(PROTOTYPES);
const correlation = (a: string, b: string): number => model.correlation(atomicNumberOf(a), atomicNumberOf(b));

test('crystals keep to the space, are valid and vary', () => {
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
  }
  expect(crystals.filter(isValid).length).toBeGreaterThan(195);
  expect(new Set(crystals.map(identity)).size).toBeGreaterThan(190);
});

test('the same seed gives the same crystals, another seed others', () => {
  const draw = (seed: number): string =>
    JSON.stringify([...substitute({ ...options, count: 20, random: random(seed) })]);
  expect(draw(1)).toBe(draw(1));
  expect(draw(1)).not.toBe(draw(2));
});

test('a space with little in it is exhausted, each crystal once', () => {
  const small = { ...options, minAtoms: 1, maxAtoms: 1, minElements: 1, maxElements: 1 };
  const names = [...substitute({ ...small, random: random(1) })].map(
    ({ crystal, prototype }) => `${prototype} ${crystal.atomicNumbers.join()}`,
  );
  const expected = ['A cF4 Fm-3m (Cu)', 'A cI2 Im-3m (W)'].flatMap((name) =>
    [13, 29, 79].map((z) => `${name} ${z}`),
  );
  expect(names.sort()).toEqual(expected.sort());
});

test('a space of salts gets salts, of metals alloys; at infinite temperature all alike', () => {
  const share = (allowedAtomicNumbers: number[], temperature: number, name: RegExp): number => {
    const draws = [
      ...substitute({ ...options, minAtoms: 2, allowedAtomicNumbers, temperature, random: random(5) }),
    ];
    const types = PROTOTYPES.filter((prototype) => name.test(prototype.name)).map((p) => p.name);
    return draws.filter(({ prototype }) => types.includes(prototype)).length / draws.length;
  };
  // Share of proposals of types that known oxides and halides have at all.
  const ionic = /\(.*(O|F|Cl|Br|I|S|Se|N)\d*\)$/;
  const salts = [11, 19, 9, 17];
  const metals = [13, 47, 78];
  expect(share(salts, 1, ionic)).toBeGreaterThan(share(salts, Infinity, ionic) + 0.1);
  expect(share(metals, 1, ionic)).toBeLessThan(share(metals, Infinity, ionic) - 0.1);
});

test('elements that chemistry calls alike replace each other, others do not', () => {
  for (const [a, b] of [
    ['Na', 'K'],
    ['Cl', 'Br'],
    ['La', 'Ce'],
    ['Zr', 'Hf'],
    ['Fe', 'Co'],
  ] as const) {
    expect(correlation(a, b)).toBeGreaterThan(1.5);
  }
  for (const [a, b] of [
    ['Na', 'Cl'],
    ['Fe', 'O'],
    ['Cs', 'F'],
    ['Mg', 'O'],
  ] as const) {
    expect(correlation(a, b)).toBeLessThan(-0.5);
  }
  expect(correlation('K', 'Na')).toBe(correlation('Na', 'K'));
});

test('the chances of all replacements of an element sum to 1', () => {
  for (const z of [1, 8, 26, 92, 100]) {
    const total = Array.from({ length: 103 }, (_, i) => model.probability(z, i + 1)).reduce((l, r) => l + r);
    expect(total).toBeCloseTo(1, 9);
  }
});

test('volumes are those of similar known crystals', () => {
  const rocksalt = PROTOTYPES.find(({ name }) => name.startsWith('AB cF8 Fm-3m'));
  if (rocksalt === undefined) throw new Error('no rock salt');
  const volume = (a: string, b: string): number =>
    model.volumePerAtomAngstrom3(rocksalt, [atomicNumberOf(a), atomicNumberOf(b)]);
  // PBE: MgO a = 4.25 Å, NaCl a = 5.69 Å (Materials Project mp-1265, mp-22862).
  expect(Math.abs(volume('Mg', 'O') / (4.25 ** 3 / 8) - 1)).toBeLessThan(0.05);
  expect(Math.abs(volume('Na', 'Cl') / (5.69 ** 3 / 8) - 1)).toBeLessThan(0.05);
  expect(() => volume('Fm', 'O')).toThrow('no volume is known for Fm: leave it out of the space');
});

test('occupy fills a prototype at the volume of the pure elements, or at the one given', () => {
  const [, bcc] = PROTOTYPES;
  if (bcc === undefined) throw new Error('no bcc');
  expect(volumeAngstrom3(occupy(bcc, [26]))).toBeCloseTo(elementOf(26).volumeAngstrom3 ?? NaN, 9);
  expect(volumeAngstrom3(occupy(bcc, [26], 12))).toBeCloseTo(12, 9);
});

test('an impossible space is refused with what to do', () => {
  const impossible = { ...options, minElements: 4, maxElements: 4, random: random(1) };
  expect(() => [...substitute(impossible)]).toThrow(
    /no prototype has 3 to 6 atoms and 4 to 3 elements: widen/,
  );
});
