import { expect, test } from 'vitest';
import type { Crystal } from '../../../src/crystal/crystal.ts';
import { FORMATS, writeCrystal } from '../../../src/crystal/formats/formats.ts';
import { variedCrystals } from '../reference.ts';

/** Every 190th of the varied crystals; the even ones carry a charge, oxidation states and moments, some as vectors. */
function crystalsToWrite(): Crystal[] {
  return variedCrystals()
    .filter((_, i) => i % 190 === 7)
    .map(({ latticeAngstrom, fractionalCoordinates, atomicNumbers }, i) => {
      const plain = { latticeAngstrom, fractionalCoordinates, atomicNumbers };
      if (i % 2 === 1) return plain;
      const moments = i % 4 === 0 ? atomicNumbers : fractionalCoordinates;
      return {
        ...plain,
        chargeE: i - 4,
        oxidationStates: atomicNumbers.map((z) => (z % 7) - 3),
        magneticMomentsMuB: moments.map((x) => Math.round(100 * (x % 3)) / 100),
      };
    });
}

test('what is written stays as the other libraries read it', async () => {
  const files = crystalsToWrite().map((crystal) =>
    Object.fromEntries(FORMATS.map((format) => [format, writeCrystal(crystal, format)])),
  );
  await expect(`${JSON.stringify(files, null, 1)}\n`).toMatchFileSnapshot(
    '../../fixtures/crystal/written.json',
  );
});
