import type { TensorFlow } from '../backend.ts';
import { bucketBySize, denseBatch } from '../dense-batch.ts';
import type { Sites } from '../sites.ts';
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
  /** [members, crystals, targets]: the probability that a two-part target is not zero; 1 for any other target. */
  readonly present: Float32Array;
  /** [crystals, width]: the pooled last hidden layer, mean of the members. */
  readonly embedding: Float32Array;
}

/**
 * Runs all members over all crystals. `weights` is [members, memberSize] flat. `zeros` holds, per target, where zero
 * stands on the standardised scale of a two-part target: its mean and variance are those of the mixture of zero and the
 * value where there is one. null for any other target.
 */
export function predictMembers(
  tf: TensorFlow,
  architecture: Architecture,
  {
    weights,
    crystals,
    zeros,
  }: { weights: Float32Array; crystals: readonly Sites[]; zeros: readonly (number | null)[] },
): MemberPredictions {
  const { targets, width } = architecture;
  const size = memberSize(architecture);
  const members = weights.length / size;
  const n = crystals.length;
  const [mean, variance, present] = [0, 1, 2].map(() => new Float32Array(members * n * targets)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const embedding = new Float32Array(n * width);
  const parameters = tf.tensor2d(weights, [members, size]);
  for (const batch of scoringBatches(crystals, members)) {
    const dense = denseBatch(batch.map((item) => crystals[item] as Sites));
    const input = networkInput(tf, dense, { members, shared: true });
    const out = tf.tidy(() => {
      const output = forward(tf, architecture, { parameters, input });
      return {
        mean: output.mean,
        variance: tf.exp(output.logVariance),
        present: tf.sigmoid(output.present),
        embedding: tf.mean(output.embedding, 0),
      };
    });
    const values = {
      mean: out.mean.dataSync(),
      variance: out.variance.dataSync(),
      present: out.present.dataSync(),
    };
    const pooled = out.embedding.dataSync();
    disposeInput(input);
    tf.dispose(out);
    batch.forEach((item, row) => {
      for (let member = 0; member < members; member++) {
        const from = (member * batch.length + row) * targets;
        const to = (member * n + item) * targets;
        for (let target = 0; target < targets; target++) {
          const zero = zeros[target] ?? null;
          const p = zero === null ? 1 : (values.present[from + target] as number);
          const above = (values.mean[from + target] as number) - (zero ?? 0);
          mean[to + target] = (zero ?? 0) + p * above;
          variance[to + target] = p * (values.variance[from + target] as number) + p * (1 - p) * above ** 2;
          present[to + target] = p;
        }
      }
      embedding.set(pooled.subarray(row * width, (row + 1) * width), item * width);
    });
  }
  parameters.dispose();
  return { members, crystals: n, targets, mean, variance, present, embedding };
}

/** Batches of like size, with few enough atoms that a layer's activations stay within the processor's cache. */
function scoringBatches(crystals: readonly Sites[], members: number): number[][] {
  const sitesOf = (item: number): number => (crystals[item] as Sites).shares.length;
  const order = crystals.map((_, index) => index);
  return bucketBySize(order, sitesOf, {
    maxItems: 256,
    maxPairs: Math.max(400, Math.floor(8192 / members)),
    window: crystals.length,
  });
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
