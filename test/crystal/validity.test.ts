import { expect, test } from 'vitest';
import { scaleToVolume, volumeAngstrom3 } from '../../src/crystal/crystal.ts';
import { parseCif } from '../../src/crystal/formats/cif.ts';
import { checkValidity, isValid } from '../../src/crystal/validity.ts';
import excerpt from '../fixtures/crystal/mp-20-excerpt.json' with { type: 'json' };

const crystals = excerpt.rows.map((row) => parseCif(row.cif));

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
