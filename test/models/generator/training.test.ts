import { beforeAll, describe, expect, test } from 'vitest';
import { fingerprintDistance } from '../../../src/crystal/identity/fingerprint.ts';
import type { Crystal } from '../../../src/crystal/crystal.ts';
import { random } from '../../../src/crystal/random.ts';
import { loadBackend, type TensorFlow } from '../../../src/models/backend.ts';
import { copyWeights, learningRate, startOptimizer } from '../../../src/models/generator/optimizer.ts';
import { exampleOf, latticeScaleOf } from '../../../src/models/generator/process.ts';
import { sampleCrystals } from '../../../src/models/generator/sampler.ts';
import { evaluateLoss, Trainer, type TrainingBatch } from '../../../src/models/generator/training.ts';
import { availableBackends } from '../backends.ts';
import { cesiumChlorideType, TINY_SHAPE, tinyModel } from './tiny.ts';

const OPTIONS = {
  peakRate: 5e-3,
  totalSteps: 250,
  warmup: 0.1,
  weightDecay: 0,
  clipNorm: 1,
  averageDecay: 0.97,
};

function repeated(crystals: readonly Crystal[], times: number): TrainingBatch {
  const examples = Array.from({ length: times }, () => crystals.map(exampleOf)).flat();
  return { examples, allowed: examples.map((example) => [...new Set(example.species)]) };
}

describe('training', () => {
  let tf: TensorFlow;
  beforeAll(async () => {
    ({ tf } = await loadBackend());
  });

  test('on one crystal, the network learns to make that crystal and no other', async () => {
    const crystal = cesiumChlorideType(29, 46, 3);
    const model = {
      ...tinyModel(),
      scale: { ...latticeScaleOf([exampleOf(crystal)]), deviation: Array(6).fill(0.1) },
    };
    const network = { shape: TINY_SHAPE, scale: model.scale };
    const batch = repeated([crystal], 32);
    const trainer = new Trainer(tf, network, startOptimizer(model.weights));
    const before = evaluateLoss(tf, model, [batch], random('probe'));
    for (let step = 0; step < OPTIONS.totalSteps; step++) trainer.step(batch, OPTIONS, random('step', step));
    trainer.dispose();
    const weights = trainer.state.averaged;
    const after = evaluateLoss(tf, { ...network, weights }, [batch], random('probe'));
    expect(after.lattice).toBeLessThan(0.5 * before.lattice);
    expect(after.coordinates).toBeLessThan(0.5 * before.coordinates);
    expect(after.species).toBeLessThan(0.5 * before.species);

    const wanted = {
      allowedAtomicNumbers: [29, 46],
      minAtoms: 2,
      maxAtoms: 2,
      minElements: 1,
      maxElements: 2,
    };
    const made = await sampleCrystals(tf, { ...model, weights }, wanted, { count: 20, seed: 1 });
    const close = made.filter((one) => fingerprintDistance(one, crystal) < 0.4);
    expect(close.length).toBeGreaterThanOrEqual(16);
  }, 60_000);

  test('goes on exactly where it stopped', () => {
    const batch = repeated([cesiumChlorideType(29, 46, 3), cesiumChlorideType(13, 28, 2.9)], 4);
    const network = { shape: TINY_SHAPE, scale: tinyModel().scale };
    const whole = new Trainer(tf, network, startOptimizer(tinyModel().weights));
    for (let step = 0; step < 4; step++) whole.step(batch, OPTIONS, random('step', step));
    const first = new Trainer(tf, network, startOptimizer(tinyModel().weights));
    for (let step = 0; step < 2; step++) first.step(batch, OPTIONS, random('step', step));
    const { step, weights, averaged, momentum, variance } = first.state;
    const second = new Trainer(tf, network, {
      step,
      weights: copyWeights(weights),
      averaged: copyWeights(averaged),
      momentum: copyWeights(momentum),
      variance: copyWeights(variance),
    });
    for (let next = 2; next < 4; next++) second.step(batch, OPTIONS, random('step', next));
    expect(second.state.weights).toEqual(whole.state.weights);
    for (const trainer of [whole, first, second]) trainer.dispose();
  });

  test('the learning rate rises, then falls to zero', () => {
    expect(learningRate(1, OPTIONS)).toBeCloseTo(OPTIONS.peakRate / 25, 8);
    expect(learningRate(25, OPTIONS)).toBeCloseTo(OPTIONS.peakRate, 8);
    expect(learningRate(250, OPTIONS)).toBeCloseTo(0, 8);
  });
});

describe.each(await availableBackends())('training on %s', (name) => {
  test('lowers the loss of a few crystals and leaves no tensor behind', async () => {
    const { tf } = await loadBackend(name);
    const model = tinyModel();
    const batch = repeated([cesiumChlorideType(29, 46, 3), cesiumChlorideType(13, 28, 2.9)], 8);
    const before = tf.memory().numTensors;
    const start = evaluateLoss(tf, model, [batch], random('probe')).total;
    const trainer = new Trainer(tf, model, startOptimizer(model.weights));
    const kept = tf.memory().numTensors;
    for (let step = 0; step < 20; step++)
      trainer.step(batch, { ...OPTIONS, totalSteps: 20 }, random('step', step));
    expect(tf.memory().numTensors).toBe(kept);
    trainer.dispose();
    const end = evaluateLoss(
      tf,
      { ...model, weights: trainer.state.averaged },
      [batch],
      random('probe'),
    ).total;
    expect(end).toBeLessThan(0.9 * start);
    expect(tf.memory().numTensors).toBe(before);
  });
});
