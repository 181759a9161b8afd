import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { loadBackend } from '../../src/models/backend.ts';
import { createModels } from '../../src/models/process/models.ts';
import { analyticRows } from '../models/analytic-rows.ts';
import { writeTinySurrogate } from '../models/tiny-surrogate.ts';

/** Some 0.1 s of CPU each: among the tests of the stack for its two minutes, though it starts no server. */
const ROUNDS = 1000;
/** Every so-many-th round runs to its end; the others are abandoned at their first look at omitted rows. */
const WHOLE = 100;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('1,000 rounds of training and scoring leave no tensor behind, and take no more memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assayer-'));
  const base = join(folder, 'base.safetensors');
  await writeTinySurrogate(base);
  const models = createModels();
  // The models' own backend: TensorFlow.js is loaded once per process.
  const { tf } = await loadBackend();
  const rows = analyticRows(3, 1);
  const crystals = rows.map(({ crystal }) => crystal);
  const job = { base, champion: null, rows, targets: ['energyEvPerAtom'], members: 1, seed: 1 };

  const { signal } = new AbortController();

  const round = async (number: number): Promise<void> => {
    const progress = (detail: string): void => {
      if (number % WHOLE !== 0 && detail.startsWith('epoch')) throw new Error('abandoned');
    };
    const output = join(folder, 'challenger.safetensors');
    const training = models.trainSurrogate({ ...job, output }, { signal, progress });
    const checkpoint = await training.then(
      (report) => report.checkpoint,
      (error: Error) => {
        expect(error.message).toBe('abandoned');
        return base;
      },
    );
    const { mean } = await models.score({ checkpoint, crystals });
    expect(mean).toHaveLength(crystals.length);
  };
  const memory = (): { rss: number; heap: number } => {
    collectGarbage();
    const { rss, heapUsed, external } = process.memoryUsage();
    return { rss: rss / 2 ** 20, heap: (heapUsed + external) / 2 ** 20 };
  };

  await round(0);
  const { numTensors, numBytes } = tf.memory();
  let halfway = memory();
  for (let number = 1; number <= ROUNDS; number++) {
    await round(number);
    expect(tf.memory()).toMatchObject({ numTensors, numBytes });
    if (number === ROUNDS / 2) halfway = memory();
  }
  const end = memory();
  expect(end.heap - halfway.heap, 'MiB of heap in the second half').toBeLessThan(10);
  expect(end.rss - halfway.rss, 'MiB in the second half').toBeLessThan(60);
}, 1_800_000);
