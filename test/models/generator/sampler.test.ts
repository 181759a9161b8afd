import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadBackend } from '../../../src/models/backend.ts';
import { sampleCrystals } from '../../../src/models/generator/sampler.ts';
import { tinyModel } from './tiny.ts';

const { tf } = await loadBackend();
const model = tinyModel();

const conditions = fc
  .record({
    allowedAtomicNumbers: fc.uniqueArray(fc.integer({ min: 1, max: 56 }), { minLength: 1, maxLength: 6 }),
    atoms: fc.tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 })),
    elements: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })),
  })
  .map(({ allowedAtomicNumbers, atoms, elements }) => {
    const maxAtoms = Math.max(...atoms);
    const most = Math.min(allowedAtomicNumbers.length, maxAtoms);
    return {
      allowedAtomicNumbers,
      minAtoms: Math.min(...atoms),
      maxAtoms,
      minElements: Math.min(most, ...elements),
      maxElements: Math.max(...elements),
    };
  });

describe('sampling', () => {
  test('obeys elements, sizes and numbers of elements exactly', async () => {
    await fc.assert(
      fc.asyncProperty(conditions, fc.integer(), async (wanted, seed) => {
        const crystals = await sampleCrystals(tf, model, wanted, { count: 12, seed });
        expect(crystals).toHaveLength(12);
        for (const { atomicNumbers, fractionalCoordinates, latticeAngstrom } of crystals) {
          const elements = new Set(atomicNumbers);
          expect(wanted.allowedAtomicNumbers).toEqual(expect.arrayContaining([...elements]));
          expect(elements.size).toBeGreaterThanOrEqual(wanted.minElements);
          expect(elements.size).toBeLessThanOrEqual(wanted.maxElements);
          expect(atomicNumbers.length).toBeGreaterThanOrEqual(wanted.minAtoms);
          expect(atomicNumbers.length).toBeLessThanOrEqual(wanted.maxAtoms);
          for (const x of fractionalCoordinates) {
            expect(x).toBeGreaterThanOrEqual(0);
            expect(x).toBeLessThan(1);
          }
          expect(latticeAngstrom.every(Number.isFinite)).toBe(true);
        }
      }),
      { numRuns: 6 },
    );
  }, 60_000);

  test('same seed, same crystals; another seed, others; no tensor is left', async () => {
    const wanted = {
      allowedAtomicNumbers: [29, 46],
      minAtoms: 2,
      maxAtoms: 8,
      minElements: 2,
      maxElements: 2,
    };
    const before = tf.memory().numTensors;
    const first = await sampleCrystals(tf, model, wanted, { count: 10, seed: 7 });
    const again = await sampleCrystals(tf, model, wanted, { count: 10, seed: 7 });
    const other = await sampleCrystals(tf, model, wanted, { count: 10, seed: 8 });
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('stops when it is told to', async () => {
    const wanted = { allowedAtomicNumbers: [29], minAtoms: 1, maxAtoms: 4, minElements: 1, maxElements: 1 };
    const options = { count: 50, seed: 1, signal: AbortSignal.abort(new Error('enough')) };
    const before = tf.memory().numTensors;
    await expect(sampleCrystals(tf, model, wanted, options)).rejects.toThrow('enough');
    expect(tf.memory().numTensors).toBe(before);
  });
});
