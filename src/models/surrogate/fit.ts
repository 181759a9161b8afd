import { setImmediate } from 'node:timers/promises';
import type { Rank, Scalar, Tensor, Tensor3D } from '@tensorflow/tfjs';
import { random } from '../../crystal/random.ts';
import type { TensorFlow } from '../backend.ts';
import { bucketBySize, denseBatch } from '../dense-batch.ts';
import type { Sites } from '../sites.ts';
import { stopGradient } from '../operations.ts';
import { disposeInput, forward, networkInput } from './network.ts';
import type { NetworkOutput } from './network.ts';
import { Optimiser } from './optimiser.ts';
import type { OptimiserState } from './optimiser.ts';
import type { Architecture } from './parameters.ts';
import type { Labels } from './targets.ts';

export interface FitOptions {
  readonly architecture: Architecture;
  readonly members: number;
  /** Where to begin: `freshState` of the starting weights at epoch 0, or what `onEpoch` once gave. */
  readonly from: { readonly epoch: number; readonly state: OptimiserState };
  /** Called for each row as a batch is made: may return a freshly disturbed copy. */
  readonly featuresOf: (row: number) => Sites;
  readonly sitesOf: (row: number) => number;
  readonly labels: Labels;
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
    sitesOf,
    stream,
  }: {
    stepsPerEpoch: number;
    batchSize: number;
    sitesOf: (row: number) => number;
    stream: readonly (number | string)[];
  },
): number[][] {
  const shuffled = random(...stream).shuffle(rows);
  const filled = Array.from(
    { length: stepsPerEpoch * batchSize },
    (_, i) => shuffled[i % shuffled.length] as number,
  );
  return bucketBySize(filled, sitesOf, {
    maxItems: batchSize,
    maxPairs: Infinity,
    window: 8 * batchSize,
  });
}

/** Below this residual, in standard deviations of a target, the loss is quadratic rather than absolute. */
const QUADRATIC_BELOW = 0.03;

/** `rows` are members · batch: each member's batch after the other. */
function trainStep(
  tf: TensorFlow,
  {
    architecture,
    members,
    featuresOf,
    labels,
    optimiser,
    rows,
  }: FitOptions & { optimiser: Optimiser; rows: readonly number[] },
): number {
  const { targets } = architecture;
  const input = networkInput(tf, denseBatch(rows.map(featuresOf)), { members, shared: false });
  const shape: [number, number, number] = [members, rows.length / members, targets];
  const [values, known] = masked(tf, labels.values, { rows, shape });
  const [present, classed] = masked(tf, labels.present, { rows, shape });
  const twoPart = labels.present.some((x) => !Number.isNaN(x));
  const loss = optimiser.step((parameters) => {
    const output = forward(tf, architecture, { parameters, input });
    const regression = perMember(tf, regressionLoss(tf, output, values), known);
    if (!twoPart) return tf.sum<Scalar>(regression);
    return tf.sum<Scalar>(
      tf.add(regression, perMember(tf, crossEntropy(tf, output.present, present), classed)),
    );
  });
  disposeInput(input);
  tf.dispose([values, known, present, classed]);
  return loss;
}

/** The labels of the rows with zeros for what is NaN, and 1 where there is one. */
function masked(
  tf: TensorFlow,
  labels: Float32Array,
  { rows, shape }: { rows: readonly number[]; shape: [number, number, number] },
): [Tensor3D, Tensor3D] {
  const targets = shape[2];
  const value = new Float32Array(rows.length * targets);
  const known = new Float32Array(rows.length * targets);
  rows.forEach((row, index) => {
    for (let k = 0; k < targets; k++) {
      const label = labels[row * targets + k] as number;
      if (Number.isNaN(label)) continue;
      value[index * targets + k] = label;
      known[index * targets + k] = 1;
    }
  });
  return [tf.tensor3d(value, shape), tf.tensor3d(known, shape)];
}

/** Mean over the known entries, for each member. */
function perMember(tf: TensorFlow, loss: Tensor, known: Tensor3D): Tensor {
  return tf.div(tf.sum(tf.mul(loss, known), [1, 2]), tf.maximum(tf.sum(known, [1, 2]), 1));
}

/** Pseudo-Huber error of the mean, and the Gaussian likelihood of the variance, whose gradient never reaches the mean. */
function regressionLoss(tf: TensorFlow, { mean, logVariance }: NetworkOutput, values: Tensor): Tensor {
  const residual = tf.sub(mean, values);
  const square = tf.square(residual);
  const error = tf.sub(tf.sqrt(tf.add(square, QUADRATIC_BELOW ** 2)), QUADRATIC_BELOW);
  const likelihood = tf.add(logVariance, tf.mul(stopGradient(tf, square), tf.exp(tf.neg(logVariance))));
  return tf.add(error, tf.mul(likelihood, 0.5));
}

/** -log of the probability given to what is, from log-odds x: softplus(x) - x · present. */
function crossEntropy(tf: TensorFlow, logOdds: Tensor, present: Tensor): Tensor {
  return tf.sub(tf.softplus<Tensor<Rank>>(logOdds), tf.mul(logOdds, present));
}
