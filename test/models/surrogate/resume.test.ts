import { existsSync } from 'node:fs';
import { mkdtemp, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { loadBackend } from '../../../src/models/backend.ts';
import type { TrainSurrogateJob } from '../../../src/models/service.ts';
import { trainEnsemble } from '../../../src/models/surrogate/train-ensemble.ts';
import { analyticRows } from '../analytic-rows.ts';
import { availableBackends } from '../backends.ts';
import { writeTinySurrogate } from '../tiny-surrogate.ts';

vi.setConfig({ testTimeout: 60_000 });
const folder = await mkdtemp(join(tmpdir(), 'assayer-'));
const base = join(folder, 'base.safetensors');
await writeTinySurrogate(base);
const backends = await availableBackends();
const [fastest] = backends;
let files = 0;

function job(changes: Partial<TrainSurrogateJob> = {}): TrainSurrogateJob {
  const keep = join(folder, `${files++}.unfinished`);
  const rows = analyticRows(8, 1);
  const targets = ['energyEvPerAtom'];
  return { base, champion: null, rows, targets, members: 2, seed: 1, output: '', keep, ...changes };
}

/** Trains until the epoch that a kill is to fall on, or to the end; answers with the epochs that were reported. */
async function train(one: TrainSurrogateJob, { killAt = Infinity, on = fastest } = {}) {
  const epochs: number[] = [];
  const training = trainEnsemble(await loadBackend(on), one, (detail) => {
    const epoch = Number(/^epoch (\d+) of/.exec(detail)?.[1]);
    epochs.push(epoch);
    if (epoch >= killAt) throw new Error('killed');
  });
  const trained = await training.catch((error: Error) => {
    expect(error.message).toBe('killed');
    return null;
  });
  return { epochs, weights: trained?.ensemble.weights, omitted: trained?.omitted };
}

describe('a training that was killed', () => {
  test.each(backends)(
    'goes on from its last epoch to the same weights, bit by bit, on %s',
    async (on) => {
      const unbroken = await train(job(), { on });
      const broken = job();
      // Before the epoch is kept: the last that counts is the one before.
      const first = await train(broken, { killAt: 8, on });
      const second = await train(broken, { killAt: 16, on });
      const third = await train(broken, { on });
      expect(first.epochs.at(-1)).toBe(second.epochs[0]);
      expect(second.epochs.at(-1)).toBe(third.epochs[0]);
      const epochs = [...first.epochs.slice(0, -1), ...second.epochs.slice(0, -1), ...third.epochs];
      expect({ ...third, epochs }).toEqual(unbroken);
      // Killed after its last epoch, it trains no more.
      expect(await train(broken, { on })).toEqual({ ...unbroken, epochs: [] });
    },
    240_000,
  );

  test.each<[string, Partial<TrainSurrogateJob>]>([
    ['another label', { rows: analyticRows(9, 1) }],
    [
      'another value',
      { rows: analyticRows(8, 1).map((row) => ({ ...row, values: [row.values[0]! + 0.1] })) },
    ],
    ['another seed', { seed: 2 }],
    ['more members', { members: 3 }],
  ])('starts anew with %s', async (_, changes) => {
    const broken = job();
    const { epochs } = await train(broken, { killAt: 12 });
    expect((await train({ ...broken, ...changes }, { killAt: 1 })).epochs).toEqual([epochs[0]]);
  });

  test('starts anew from another base, and from a file that is cut off', async () => {
    const other = join(folder, 'other.safetensors');
    await writeTinySurrogate(other, { seed: 2 });
    const broken = job();
    const { epochs } = await train(broken, { killAt: 12 });
    expect((await train(broken, { killAt: 1 })).epochs).toEqual([epochs.at(-1)]);
    expect((await train({ ...broken, base: other }, { killAt: 1 })).epochs).toEqual([epochs[0]]);
    await truncate(broken.keep!, 200);
    expect((await train(broken, { killAt: 1 })).epochs).toEqual([epochs[0]]);
  });
});

test('without a file to keep it in, nothing is kept', async () => {
  const { keep, ...plain } = job();
  await train(plain, { killAt: 8 });
  expect(existsSync(keep!)).toBe(false);
});
