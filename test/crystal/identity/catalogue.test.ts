import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reducedFormula } from '../../../src/crystal/chemistry/composition.ts';
import { type Crystal, makeCrystal, scaleToVolume, volumeAngstrom3 } from '../../../src/crystal/crystal.ts';
import { PhaseCatalogue } from '../../../src/crystal/identity/catalogue.ts';
import { fingerprint, largestDifference } from '../../../src/crystal/identity/fingerprint.ts';
import { random } from '../../../src/crystal/random.ts';
import { variedCrystals } from '../reference.ts';
import { anyCrystal, rattle, retold } from '../variants.ts';

/** Twenty crystals at many volumes each: hundreds of candidates of few formulas. */
function crowd(count: number): Crystal[] {
  const source = random('crowd');
  const known = variedCrystals().slice(0, 20);
  return Array.from({ length: count }, () => {
    const crystal = source.pick(known);
    return scaleToVolume(crystal, volumeAngstrom3(crystal) * (0.9 + 0.2 * source.uniform()));
  });
}

describe('PhaseCatalogue', () => {
  test('finds what a search through all pairs finds, and little else', () => {
    const crystals = crowd(400);
    const prints = crystals.map((crystal) => fingerprint(crystal));
    const formulas = crystals.map(reducedFormula);
    const catalogue = new PhaseCatalogue();
    crystals.forEach((crystal, i) => expect(catalogue.add(crystal)).toBe(i));
    expect(catalogue.size).toBe(400);
    let [equal, others] = [0, 0];
    for (const [i, crystal] of crystals.slice(0, 60).entries()) {
      for (const tolerance of [0, 0.03, 0.1]) {
        const found = new Set(catalogue.find(retold(crystal, i), tolerance + 1e-9));
        for (const id of crystals.keys()) {
          const isEqual =
            formulas[i] === formulas[id] &&
            largestDifference(prints[i] as Float64Array, prints[id] as Float64Array) <= tolerance;
          if (isEqual) expect(found).toContain(id);
          equal += isEqual ? 1 : 0;
          others += !isEqual && found.has(id) ? 1 : 0;
        }
      }
    }
    expect({ equal, others }).toMatchInlineSnapshot(`
      {
        "equal": 697,
        "others": 17,
      }
    `);
  });

  test('never misses a copy, told otherwise or moved within half the tolerance', () => {
    fc.assert(
      fc.property(
        fc.array(anyCrystal(), { minLength: 1, maxLength: 6 }),
        fc.double({ min: 0.001, max: 0.12, noNaN: true }),
        fc.nat(999),
        (crystals, most, seed) => {
          const catalogue = new PhaseCatalogue();
          const ids = crystals.map((crystal) => catalogue.add(crystal));
          crystals.forEach((crystal, i) => {
            expect(catalogue.find(retold(crystal, seed), 1e-8)).toContain(ids[i]);
            const moved = retold(rattle(crystal, most, seed), seed);
            expect(catalogue.find(moved, 2 * most + 1e-8)).toContain(ids[i]);
          });
        },
      ),
      { numRuns: 15 },
    );
  });

  test('tells the 2,000 varied crystals apart as the fingerprints do', () => {
    const crystals = variedCrystals();
    const prints = crystals.map((crystal) => fingerprint(crystal));
    const catalogue = new PhaseCatalogue();
    crystals.forEach((crystal, i) => catalogue.add(crystal, prints[i]));
    let [equal, others] = [0, 0];
    crystals.forEach((crystal, i) => {
      const found = catalogue.find(crystal, 0.05, prints[i]);
      expect(found).toContain(i);
      for (const id of found) {
        const isEqual =
          largestDifference(prints[i] as Float64Array, prints[id] as Float64Array) <= 0.05 &&
          reducedFormula(crystal) === reducedFormula(crystals[id] as Crystal);
        if (isEqual) equal += 1;
        else others += 1;
      }
    });
    expect({ equal, others }).toMatchInlineSnapshot(`
      {
        "equal": 2356,
        "others": 2,
      }
    `);
  });

  test('another formula is not found, nor the same one at another volume', () => {
    const salt = makeCrystal({
      latticeAngstrom: [0, 2.8, 2.8, 2.8, 0, 2.8, 2.8, 2.8, 0],
      fractionalCoordinates: [0, 0, 0, 0.5, 0.5, 0.5],
      atomicNumbers: [11, 17],
    });
    const catalogue = new PhaseCatalogue();
    catalogue.add(salt);
    expect(catalogue.find(salt, 0.1)).toEqual([0]);
    expect(catalogue.find({ ...salt, atomicNumbers: [19, 17] }, 0.1)).toEqual([]);
    expect(catalogue.find(scaleToVolume(salt, 1.2 * volumeAngstrom3(salt)), 0.05)).toEqual([]);
    expect(new PhaseCatalogue().find(salt, 0.1)).toEqual([]);
  });

  test.each([-0.01, 0.3, Number.NaN])('refuses to look within %s Å', (tolerance) => {
    const [crystal] = crowd(1) as [Crystal];
    expect(() => new PhaseCatalogue().find(crystal, tolerance)).toThrow(
      /^cannot look within .* Å: give a tolerance from 0 to 0.25 Å$/,
    );
  });
});
