import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { random } from '../../../src/crystal/random.ts';
import { loadBackend } from '../../../src/models/backend.ts';
import { sitesOf } from '../../../src/models/sites.ts';
import { fit } from '../../../src/models/surrogate/fit.ts';
import { freshState } from '../../../src/models/surrogate/optimiser.ts';
import { initialParameters, memberSize } from '../../../src/models/surrogate/parameters.ts';
import { readTrainingState, writeTrainingState } from '../../../src/models/surrogate/training-state.ts';
import type { TrainingState } from '../../../src/models/surrogate/training-state.ts';
import { pairEnergyEvPerAtom, randomCrystal } from '../analytic-rows.ts';
import { availableBackends } from '../backends.ts';

const path = join(await mkdtemp(join(tmpdir(), 'assayer-')), 'training.state');
const [fastest] = await availableBackends();
const architecture = { width: 8, layers: 2, targets: 1 };
const members = 2;
const epochs = 4;
const size = members * memberSize(architecture);

const source = random('training state');
const crystals = Array.from({ length: 12 }, () => randomCrystal(source));
const features = crystals.map(sitesOf);
const rows = crystals.map((_, row) => row);

/** Trains from a state to the end, or until an epoch is done; gives the last state. */
async function train(from: { epoch: number; state: TrainingState['state'] }, until = epochs) {
  let last = from.state;
  const { tf } = await loadBackend(fastest);
  await fit(tf, {
    architecture,
    members,
    from,
    featuresOf: (row) => features[row]!,
    sitesOf: (row) => features[row]!.shares.length,
    labels: {
      values: Float32Array.from(crystals, pairEnergyEvPerAtom),
      present: new Float32Array(rows.length).fill(NaN),
    },
    rowsOfMember: [rows, rows],
    epochs,
    batchSize: 4,
    learningRate: 3e-3,
    weightDecay: 0.02,
    seed: 1,
    onEpoch: (epoch, now) => {
      last = now.state();
      return epoch === until ? 'stop' : 'go on';
    },
  });
  return last;
}

test('a training that was stopped, kept and read again ends where an unbroken one does', async () => {
  const start = { epoch: 0, state: freshState(initialParameters(architecture, members, 1)) };
  const unbroken = await train(start);
  writeTrainingState(path, { epoch: 2, epochs, state: await train(start, 2) });
  const kept = readTrainingState(path, { epochs, size });
  expect(kept?.epoch).toBe(2);
  expect(await train(kept!)).toEqual(unbroken);
}, 60_000);

test('a state of another training is refused, and none is none', () => {
  expect(readTrainingState(`${path}.none`, { epochs, size })).toBeNull();
  const state = freshState(new Float32Array(size));
  writeTrainingState(path, { epoch: 1, epochs, state });
  expect(() => readTrainingState(path, { epochs: 5, size })).toThrow(/of 4 epochs of .* not 5/);
  expect(() => readTrainingState(path, { epochs, size: size + 1 })).toThrow(/remove it/);
});
