import type { TensorFlow } from '../backend.ts';
import { bucketBySize, denseBatch } from '../dense-batch.ts';
import type { PairFeatures } from '../pair-features.ts';
import { disposeInput, forward, networkInput } from './network.ts';
import { memberSize } from './parameters.ts';
import type { Architecture } from './parameters.ts';

/** Every member's view of n crystals, in standardised targets. */
export interface MemberPredictions {
  readonly members: number;
  readonly crystals: number;
  readonly targets: number;
  /** [members, crystals, targets] */
  readonly mean: Float32Array;
  /** [members, crystals, targets] */
  readonly variance: Float32Array;
  /** [crystals, width]: the pooled last hidden layer, mean of the members. */
  readonly embedding: Float32Array;
}

/** Runs all members over all crystals. `weights` is [members, memberSize] flat. */
export function predictMembers(
  tf: TensorFlow,
  architecture: Architecture,
  { weights, crystals }: { weights: Float32Array; crystals: readonly PairFeatures[] },
): MemberPredictions {
  const { targets, width } = architecture;
  const size = memberSize(architecture);
  const members = weights.length / size;
  const parameters = tf.tensor2d(weights, [members, size]);
  const n = crystals.length;
  const mean = new Float32Array(members * n * targets);
  const variance = new Float32Array(members * n * targets);
  const embedding = new Float32Array(n * width);
  const atomsOf = (item: number): number => (crystals[item] as PairFeatures).atomicNumbers.length;
  const order = Array.from({ length: n }, (_, index) => index);
  // Few enough pairs that a layer's activations stay within the processor's cache.
  const limits = { maxItems: 256, maxPairs: Math.max(400, Math.floor(8192 / members)), window: n };
  for (const batch of bucketBySize(order, atomsOf, limits)) {
    const dense = denseBatch(batch.map((item) => crystals[item] as PairFeatures));
    const input = networkInput(tf, dense, { members, shared: true });
    const out = tf.tidy(() => {
      const output = forward(tf, architecture, { parameters, input });
      return {
        mean: output.mean,
        variance: tf.exp(output.logVariance),
        embedding: tf.mean(output.embedding, 0),
      };
    });
    const values = { mean: out.mean.dataSync(), variance: out.variance.dataSync() };
    const pooled = out.embedding.dataSync();
    disposeInput(input);
    tf.dispose(out);
    batch.forEach((item, row) => {
      for (let member = 0; member < members; member++) {
        const from = (member * batch.length + row) * targets;
        const to = (member * n + item) * targets;
        mean.set(values.mean.subarray(from, from + targets), to);
        variance.set(values.variance.subarray(from, from + targets), to);
      }
      embedding.set(pooled.subarray(row * width, (row + 1) * width), item * width);
    });
  }
  parameters.dispose();
  return { members, crystals: n, targets, mean, variance, embedding };
}

/**
 * Mean and standard deviation of some members for one crystal and target: total variance = mean of the variances
 * + their disagreement, the variance of the means (unbiased; 0 for one member).
 */
export function combine(
  predictions: MemberPredictions,
  { crystal, target, members }: { crystal: number; target: number; members: readonly number[] },
): { mean: number; sigma: number; disagreement: number } {
  const at = (member: number): number =>
    (member * predictions.crystals + crystal) * predictions.targets + target;
  let mean = 0;
  let noise = 0;
  for (const member of members) {
    mean += (predictions.mean[at(member)] as number) / members.length;
    noise += (predictions.variance[at(member)] as number) / members.length;
  }
  let disagreement = 0;
  for (const member of members) disagreement += ((predictions.mean[at(member)] as number) - mean) ** 2;
  if (members.length > 1) disagreement /= members.length - 1;
  return { mean, sigma: Math.sqrt(noise + disagreement), disagreement };
}
