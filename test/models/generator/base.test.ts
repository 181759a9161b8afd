import { expect, test } from 'vitest';
import { identity } from '../../../src/crystal/identity/fingerprint.ts';
import { isValid } from '../../../src/crystal/validity.ts';
import { loadBackend } from '../../../src/models/backend.ts';
import { generate } from '../../../src/models/generator/index.ts';

test('the shipped base makes valid, different alloys', async () => {
  const { crystals } = await generate(await loadBackend(), {
    checkpoint: 'checkpoints/generator-base.safetensors',
    count: 40,
    allowedAtomicNumbers: [29, 46, 79],
    minAtoms: 2,
    maxAtoms: 8,
    minElements: 2,
    maxElements: 3,
    seed: 1,
  });
  expect(crystals.filter(isValid).length).toBeGreaterThanOrEqual(36);
  expect(new Set(crystals.map(identity)).size).toBeGreaterThanOrEqual(38);
}, 60_000);
