import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Crystal, scaleToVolume, volumeAngstrom3 } from '../../src/crystal/crystal.ts';
import { parseCif } from '../../src/crystal/formats/cif.ts';
import { supercell } from '../../src/crystal/geometry/supercell.ts';
import {
  checkCharge,
  checkValidity,
  describeCheck,
  isStructurallyValid,
  isValid,
} from '../../src/crystal/validity.ts';
import excerpt from '../fixtures/crystal/mp-20-excerpt.json' with { type: 'json' };
import { readReference, variedCrystals } from './reference.ts';
import { anyCrystal } from './variants.ts';

const crystals = excerpt.rows.map((row) => parseCif(row.cif));
const cubic = (edge: number, atomicNumbers: readonly number[], x: readonly number[]): Crystal => ({
  latticeAngstrom: [edge, 0, 0, 0, edge, 0, 0, 0, edge],
  fractionalCoordinates: x,
  atomicNumbers,
});
const sodiumChloride = cubic(5.64, [11, 17], [0, 0, 0, 0.5, 0.5, 0.5]);
const valueOf = (crystal: Crystal, name: string): number =>
  checkValidity(crystal).find((check) => check.name === name)?.value ?? NaN;

test('known crystals are valid', () => {
  expect(crystals.filter((crystal) => !isValid(crystal))).toEqual([]);
});

test('crushed and blown-up crystals are not, and the checks say why', () => {
  for (const crystal of crystals) {
    const failed = (factor: number): string[] =>
      checkValidity(scaleToVolume(crystal, factor * volumeAngstrom3(crystal)))
        .filter((check) => !check.passed)
        .map((check) => check.name);
    expect(failed(0.05)).toContain('shortestDistanceOverRadii');
    expect(failed(100)).toContain('volumePerAtomAngstrom3');
  }
});

describe('against pymatgen, on 2,000 varied crystals', () => {
  const reference = readReference<{
    scales: readonly number[];
    crystals: readonly {
      shortestAngstrom: number;
      volumePerAtomAngstrom3: number;
      densityGramPerCm3: number;
      valid: readonly boolean[];
    }[];
  }>('validity');
  const varied = variedCrystals();

  test.each([
    ['shortestDistanceAngstrom', 'shortestAngstrom', 1e-8],
    ['volumePerAtomAngstrom3', 'volumePerAtomAngstrom3', 1e-8],
    ['densityGramPerCm3', 'densityGramPerCm3', 1e-4],
  ] as const)('%s', (name, key, within) => {
    const differences = varied.map((crystal, i) => {
      const value = reference.crystals[i]?.[key] as number;
      return Math.abs(valueOf(crystal, name) - value) / value;
    });
    expect(differences).toHaveLength(2000);
    expect(Math.max(...differences)).toBeLessThan(within);
  });

  test('structural validity in CDVAE’s meaning, as they are and crushed', () => {
    const verdicts = varied.flatMap((crystal, i) =>
      reference.scales.map((scale, s) => [
        isStructurallyValid(scaleToVolume(crystal, scale * volumeAngstrom3(crystal))),
        reference.crystals[i]?.valid[s],
      ]),
    );
    expect(verdicts).toHaveLength(10_000);
    expect(verdicts.filter(([, there]) => there)).toHaveLength(7103);
    expect(verdicts.filter(([here, there]) => here !== there)).toEqual([]);
  });
});

test('values do not depend on the choice of cell', () => {
  fc.assert(
    fc.property(anyCrystal([1, 8, 55, 79]), (crystal) => {
      const doubled = supercell(crystal, [2, 1, 2]);
      for (const { name, value } of checkValidity(crystal))
        expect(valueOf(doubled, name)).toBeCloseTo(value, 9);
    }),
    { numRuns: 50 },
  );
});

describe('atoms that are too near', () => {
  test('on one site fail, are named, and the line says what to do', () => {
    const crystal = cubic(4, [29, 79, 8], [0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
    const [first] = checkValidity(crystal);
    expect(first).toMatchObject({ value: 0, passed: false, atoms: [1, 2] });
    expect(first && describeCheck(first, crystal)).toBe(
      'shortest distance 0 Å between atoms 1 (Au) and 2 (O), allowed at least 0.5 Å: ' +
        'move the atoms apart, remove one that lies on another, or check that lengths are in Å',
    );
  });

  test('an atom can be too near to its own image, however flat the cell', () => {
    const crystal = { ...cubic(30, [29], [0, 0, 0]), latticeAngstrom: [30, 0, 0, 0, 30, 0, 0, 0, 1e-3] };
    const [first] = checkValidity(crystal);
    expect(first).toMatchObject({ value: expect.closeTo(1e-3, 12), passed: false, atoms: [0, 0] });
    expect(first && describeCheck(first, crystal)).toContain('between atom 0 (Cu) and its own image');
    expect(isStructurallyValid(crystal)).toBe(true);
  });

  test('how near is near depends on the radii: the pair furthest below them need not be the nearest', () => {
    const crystal = cubic(12, [1, 1, 55, 55], [0, 0, 0, 0.06, 0, 0, 0.5, 0.5, 0.5, 0.66, 0.5, 0.5]);
    const [distance, ratio] = checkValidity(crystal);
    expect(distance).toMatchObject({ atoms: [0, 1], passed: true });
    expect(ratio).toMatchObject({ atoms: [2, 3], passed: false });
    expect(ratio?.value).toBeCloseTo((0.16 * 12) / (2 * 2.6), 9);
  });
});

test('a passed check says what was found and what is allowed, and gives no advice', () => {
  expect(checkValidity(sodiumChloride).map((check) => describeCheck(check, sodiumChloride))).toEqual([
    'shortest distance 4.88 Å between atoms 0 (Na) and 1 (Cl), allowed at least 0.5 Å',
    'shortest distance over the sum of the atomic radii 1.57 between atom 0 (Na) and its own image, allowed at least 0.5',
    'volume per atom 89.7 Å³, allowed 2 to 250 Å³',
    'density 0.541 g/cm³, allowed 0.05 to 30 g/cm³',
  ]);
});

test('500 atoms are checked', () => {
  const large = supercell(sodiumChloride, [5, 10, 5]);
  expect(large.atomicNumbers).toHaveLength(500);
  expect(isValid(large)).toBe(true);
});

describe('charge', () => {
  const of = (...atomicNumbers: number[]): Crystal =>
    cubic(
      10,
      atomicNumbers,
      atomicNumbers.flatMap((_, i) => [i / atomicNumbers.length, 0, 0]),
    );

  test.each([
    ['NaCl', of(11, 17), true],
    ['NaCl2', of(11, 17, 17), false],
    ['Fe3O4, of mixed valence', of(26, 26, 26, 8, 8, 8, 8), true],
    ['the alloy AuCu3', of(79, 29, 29, 29), true],
    ['silicon', of(14, 14), true],
    ['HeNa, without states of helium', of(2, 11), false],
  ])('%s', (_, crystal, passed) => {
    expect(checkCharge(crystal)).toMatchObject({ passed, value: passed ? 1 : 0 });
  });

  test('given oxidation states and the cell’s charge count as they are', () => {
    expect(checkCharge({ ...of(11, 17), oxidationStates: [1, -1] }).passed).toBe(true);
    expect(checkCharge({ ...of(11, 17), oxidationStates: [1, -2] }).passed).toBe(false);
    expect(checkCharge({ ...of(11, 17), oxidationStates: [1, -2], chargeE: -1 }).passed).toBe(true);
    expect(checkCharge({ ...of(11, 17, 17), chargeE: -1 }).passed).toBe(true);
  });

  test('its line says what to do', () => {
    const crystal = of(11, 17, 17);
    expect(describeCheck(checkCharge(crystal), crystal)).toBe(
      'ways found to give the atoms known oxidation states without a net charge 0, allowed at least 1: ' +
        'change the composition so that charges can balance, or leave this check out for what is not ionic',
    );
  });
});
