import { setImmediate } from 'node:timers/promises';
import type { Scalar } from '@tensorflow/tfjs';
import { random } from '../../crystal/random.ts';
import type { TensorFlow } from '../backend.ts';
import { bucketBySize, denseBatch } from '../dense-batch.ts';
import type { PairFeatures } from '../pair-features.ts';
import { stopGradient } from '../operations.ts';
import { disposeInput, forward, networkInput } from './network.ts';
import { Optimiser } from './optimiser.ts';
import type { OptimiserState } from './optimiser.ts';
import type { Architecture } from './parameters.ts';

export interface FitOptions {
  readonly architecture: Architecture;
  readonly members: number;
  /** Where to begin: `freshState` of the starting weights at epoch 0, or what `onEpoch` once gave. */
  readonly from: { readonly epoch: number; readonly state: OptimiserState };
  /** Called for each row as a batch is made: may return a freshly disturbed copy. */
  readonly featuresOf: (row: number) => PairFeatures;
  readonly atomsOf: (row: number) => number;
  /** Standardised targets [rows, targets], NaN where not measured. */
  readonly values: Float32Array;
  /** The rows each member trains on; none is empty. */
  readonly rowsOfMember: readonly (readonly number[])[];
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly seed: number;
  /** Called after each epoch with the averaged weights; returning 'stop' ends the training. */
  readonly onEpoch: (
    epoch: number,
    now: { loss: number; weights: Float32Array; state: () => OptimiserState },
  ) => 'go on' | 'stop';
}

/** Trains all members in one pass, each on its own rows in its own order. The weights are handed to `onEpoch`. */
export async function fit(tf: TensorFlow, options: FitOptions): Promise<void> {
  const { architecture, members, rowsOfMember, batchSize } = options;
  const longest = Math.max(...rowsOfMember.map((rows) => rows.length));
  const stepsPerEpoch = Math.ceil(longest / batchSize);
  const optimiser = new Optimiser(tf, architecture, {
    state: options.from.state,
    members,
    learningRate: options.learningRate,
    weightDecay: options.weightDecay,
    steps: options.epochs * stepsPerEpoch,
  });
  for (let epoch = options.from.epoch + 1; epoch <= options.epochs; epoch++) {
    const plans = rowsOfMember.map((rows, member) =>
      epochPlan(rows, { ...options, stepsPerEpoch, stream: [options.seed, 'batches', member, epoch] }),
    );
    const order = random(options.seed, 'batch order', epoch).shuffle(plans[0]?.map((_, i) => i) ?? []);
    let loss = 0;
    for (const step of order) {
      const rows = plans.flatMap((plan) => plan[step] as number[]);
      loss += trainStep(tf, { ...options, optimiser, rows }) / order.length / members;
      // Lets messages and timers of the process in between steps.
      await setImmediate();
    }
    const now = { loss, weights: optimiser.average, state: () => optimiser.state() };
    if (options.onEpoch(epoch, now) === 'stop') break;
  }
}

/** A member's rows in random order, cut into batches of one length and of like atom counts, smallest first. */
function epochPlan(
  rows: readonly number[],
  {
    stepsPerEpoch,
    batchSize,
    atomsOf,
    stream,
  }: {
    stepsPerEpoch: number;
    batchSize: number;
    atomsOf: (row: number) => number;
    stream: readonly (number | string)[];
  },
): number[][] {
  const shuffled = random(...stream).shuffle(rows);
  const filled = Array.from(
    { length: stepsPerEpoch * batchSize },
    (_, i) => shuffled[i % shuffled.length] as number,
  );
  return bucketBySize(filled, atomsOf, {
    maxItems: batchSize,
    maxPairs: Infinity,
    window: 8 * batchSize,
  });
}

/** `rows` are members · batch: each member's batch after the other. */
function trainStep(
  tf: TensorFlow,
  {
    architecture,
    members,
    featuresOf,
    values,
    optimiser,
    rows,
  }: FitOptions & { optimiser: Optimiser; rows: readonly number[] },
): number {
  const { targets } = architecture;
  const batch = denseBatch(rows.map(featuresOf));
  const target = new Float32Array(rows.length * targets);
  const known = new Float32Array(rows.length * targets);
  rows.forEach((row, index) => {
    for (let k = 0; k < targets; k++) {
      const value = values[row * targets + k] as number;
      if (Number.isNaN(value)) continue;
      target[index * targets + k] = value;
      known[index * targets + k] = 1;
    }
  });
  const input = networkInput(tf, batch, { members, shared: false });
  const shape: [number, number, number] = [members, rows.length / members, targets];
  const [y, mask] = [tf.tensor3d(target, shape), tf.tensor3d(known, shape)];
  const loss = optimiser.step((parameters) => {
    const { mean, logVariance } = forward(tf, architecture, { parameters, input });
    const residual = tf.mul(tf.sub(mean, y), mask);
    // Pseudo-Huber: absolute beyond a tenth of the target's spread.
    const error = tf.sub(tf.sqrt(tf.add(tf.square(residual), 0.01)), 0.1);
    // Gaussian likelihood of the variance given the residual; its gradient never reaches the mean.
    const settled = stopGradient(tf, tf.square(residual));
    const likelihood = tf.mul(
      tf.mul(tf.add(logVariance, tf.mul(settled, tf.exp(tf.neg(logVariance)))), mask),
      0.5,
    );
    const count = tf.maximum(tf.sum(mask, [1, 2]), 1);
    return tf.sum<Scalar>(tf.div(tf.sum(tf.add(error, likelihood), [1, 2]), count));
  });
  disposeInput(input);
  tf.dispose([y, mask]);
  return loss;
}
