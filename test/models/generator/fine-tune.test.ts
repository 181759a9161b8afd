import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadBackend } from '../../../src/models/backend.ts';
import { CheckpointError } from '../../../src/models/checkpoint.ts';
import { fineTuneGenerator, generate } from '../../../src/models/generator/index.ts';
import { readGenerator, writeGenerator } from '../../../src/models/generator/model.ts';
import type { FineTuneGeneratorJob } from '../../../src/models/service.ts';
import { cesiumChlorideType, tinyModel } from './tiny.ts';

const backend = await loadBackend();
const folder = await mkdtemp(join(tmpdir(), 'generator-'));
afterAll(() => rm(folder, { recursive: true }));

const base = join(folder, 'base.safetensors');
const baseCard = await writeGenerator(base, tinyModel(), {
  trainingData: { sha256: 'none', rows: 0, description: 'untrained' },
  metrics: {},
  parents: [],
  licence: 'CC0-1.0',
  attribution: 'nobody',
});
const METALS = [22, 26, 27, 28, 29, 44, 46, 47];

function job(change: Partial<FineTuneGeneratorJob> = {}): FineTuneGeneratorJob {
  const good = METALS.flatMap((first) =>
    METALS.filter((second) => second > first).map((second) => ({
      crystal: cesiumChlorideType(first, second, 3),
      weight: 1,
    })),
  );
  return {
    base,
    current: base,
    good,
    allowedAtomicNumbers: METALS,
    minAtoms: 2,
    maxAtoms: 4,
    seed: 1,
    output: join(folder, 'tuned.safetensors'),
    ...change,
  };
}

describe('a generator checkpoint', () => {
  test('comes back as it was written', async () => {
    const { model, card } = await readGenerator(base);
    expect(model).toEqual(tinyModel());
    expect(card).toEqual(baseCard);
  });

  test('generates through the service contract, and a missing one is named', async () => {
    const wanted = {
      checkpoint: base,
      count: 3,
      allowedAtomicNumbers: [29, 46],
      minAtoms: 2,
      maxAtoms: 4,
      minElements: 1,
      maxElements: 2,
      seed: 1,
    };
    const { crystals, seconds } = await generate(backend, wanted);
    expect(crystals).toHaveLength(3);
    expect(seconds).toBeGreaterThan(0);
    await expect(
      generate(backend, { ...wanted, checkpoint: join(folder, 'absent.safetensors') }),
    ).rejects.toThrow(CheckpointError);
    await expect(generate(backend, { ...wanted, maxAtoms: 40 })).rejects.toThrow(/at most 20 atoms/);
  });
});

describe('fine-tuning', () => {
  test('brings the held-out loss of good crystals down and says so', async () => {
    const details: string[] = [];
    const watch = {
      signal: new AbortController().signal,
      progress: (detail: string) => void details.push(detail),
    };
    const before = backend.tf.memory().numTensors;
    const report = await fineTuneGenerator(backend, job(), watch);
    expect(report.after.heldOutLoss).toBeLessThan(report.before.heldOutLoss as number);
    expect(report.reason).toMatch(/held-out loss \d+\.\d+ to \d+\.\d+/);
    expect(report.promote).toBe(report.reason.startsWith('promoted'));
    expect(details.length).toBeGreaterThanOrEqual(10);
    expect(backend.tf.memory().numTensors).toBe(before);
    const { model, card } = await readGenerator(report.checkpoint);
    expect(card.parents).toEqual([baseCard.sha256]);
    expect(model.weights).not.toEqual(tinyModel().weights);
  }, 60_000);

  test('rolls back what is no better than the generator in use', async () => {
    const watch = { signal: new AbortController().signal, progress: () => {} };
    const inUse = join(folder, 'in-use.safetensors');
    const { promote } = await fineTuneGenerator(backend, job({ output: inUse }), watch);
    expect(promote).toBe(true);
    const report = await fineTuneGenerator(backend, job({ current: inUse }), watch);
    expect(report.after).toEqual(report.before);
    expect(report).toMatchObject({ promote: false, reason: expect.stringMatching(/^rolled back/) });
  }, 60_000);

  test('does not train when nothing can be held out', async () => {
    const watch = { signal: new AbortController().signal, progress: () => {} };
    const report = await fineTuneGenerator(backend, job({ good: job().good.slice(0, 1) }), watch);
    expect(report).toMatchObject({ promote: false, checkpoint: base });
    expect(report.reason).toMatch(/not fine-tuned/);
  });

  test('stops within a step when aborted', async () => {
    const controller = new AbortController();
    const watch = {
      signal: controller.signal,
      progress: (detail: string) => {
        if (detail.startsWith('fine-tuning')) controller.abort(new Error('cancelled'));
      },
    };
    const before = backend.tf.memory().numTensors;
    await expect(fineTuneGenerator(backend, job(), watch)).rejects.toThrow('cancelled');
    expect(backend.tf.memory().numTensors).toBe(before);
  });
});
