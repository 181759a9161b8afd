import type { Rank, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../backend.ts';
import type { DenseBatch } from '../dense-batch.ts';
import { ELEMENT_FEATURES, ELEMENT_ROWS, elementFeatures } from '../element-features.ts';
import { matMul, matMulOfConstant, silu, stopGradient } from '../operations.ts';
import { PAIR_FEATURES } from '../pair-features.ts';
import { normalise, sumMessages } from './message.ts';
import { parametersOf } from './parameters.ts';
import type { Architecture } from './parameters.ts';

/** What the network reads: the same number of crystals for every member, each member its own or all the same. */
export interface NetworkInput {
  readonly members: number;
  readonly crystals: number;
  readonly atoms: number;
  /** [members, crystals · atoms, ELEMENT_ROWS] */
  readonly elements: Tensor;
  /** [members, crystals · atoms · atoms, PAIR_FEATURES] */
  readonly pairs: Tensor;
  /** [members · crystals, atoms, 1]: 1 / (number of atoms), 0 where padded. */
  readonly meanWeights: Tensor;
}

/** In standardised targets. */
export interface NetworkOutput {
  /** [members, crystals, targets] */
  readonly mean: Tensor3D;
  /** [members, crystals, targets]; its gradient stops before the body, so that noise cannot bend the mean. */
  readonly logVariance: Tensor3D;
  /** [members, crystals, width]: the pooled last hidden layer. */
  readonly embedding: Tensor3D;
}

/** Tensors of a batch. With `shared` every member reads the same crystals; else the batch holds members · crystals. */
export function networkInput(
  tf: TensorFlow,
  batch: DenseBatch,
  { members, shared }: { members: number; shared: boolean },
): NetworkInput {
  const crystals = shared ? batch.crystals : batch.crystals / members;
  const { atoms } = batch;
  const tensors = tf.tidy(() => {
    const parts = shared ? 1 : members;
    const spread = (x: Tensor): Tensor => (shared && members > 1 ? tf.tile(x, [members, 1, 1]) : x);
    const numbers = tf.tensor2d(batch.atomicNumbers, [parts, crystals * atoms], 'int32');
    const pairs = tf.tensor3d(batch.pairs, [parts, crystals * atoms * atoms, PAIR_FEATURES]);
    const meanWeights = tf.tensor3d(batch.meanWeights, [parts * crystals, atoms, 1]);
    return {
      elements: spread(tf.cast(tf.oneHot(numbers, ELEMENT_ROWS), 'float32')),
      pairs: spread(pairs),
      meanWeights: spread(meanWeights),
    };
  });
  return { members, crystals, atoms, ...tensors };
}

export function disposeInput({ elements, pairs, meanWeights }: NetworkInput): void {
  for (const tensor of [elements, pairs, meanWeights]) tensor.dispose();
}

/**
 * Dense message passing over all pairs of atoms of a cell, all members in one pass:
 *   m_i = Σ_j silu(W_r x_i + W_s x_j + W_e g_ij + b) ∘ (V g_ij),  h_i ← h_i + U silu(M m_i + b'),  x = norm(h)
 * with g_ij the merged pair features: g is zero for padding, so no mask is needed. Then the mean over atoms.
 * `parameters` is [members, memberSize].
 */
export function forward(
  tf: TensorFlow,
  architecture: Architecture,
  { parameters, input }: { parameters: Tensor2D; input: NetworkInput },
): NetworkOutput {
  const { members, crystals, atoms } = input;
  const { width } = architecture;
  const weights = splitParameters(tf, architecture, parameters);
  const weight = (name: string): Tensor => weights.get(name) as Tensor;
  const bias = (x: Tensor, name: string): Tensor => tf.add(x, weight(name));
  const asPairs = (x: Tensor, i: number, j: number): Tensor =>
    tf.reshape(x, [members * crystals, i, j, width]);

  const properties = tf.tile(tf.tensor3d(elementFeatures(), [1, ELEMENT_ROWS, ELEMENT_FEATURES]), [
    members,
    1,
    1,
  ]);
  const table = tf.add(
    weight('elements.embedding'),
    matMulOfConstant(tf, properties, weight('elements.properties')),
  );
  let h = matMul(tf, input.elements, table);
  const layers = Array.from({ length: architecture.layers }, (_, layer) => layer);
  // The pair terms of all layers in one product: many small ones would spend their time in overhead.
  const pairWeights = layers.flatMap((layer) => [
    weight(`layers.${layer}.pair`),
    weight(`layers.${layer}.gate`),
  ]);
  const pairTerms = tf.split(
    matMulOfConstant(tf, input.pairs, tf.concat(pairWeights, 2)),
    pairWeights.length,
    2,
  );
  for (const layer of layers) {
    const name = (part: string): string => `layers.${layer}.${part}`;
    const x = normalise(tf, h, weight(name('norm')));
    const receiver = bias(matMul(tf, x, weight(name('receiver'))), name('pairBias'));
    const sender = matMul(tf, x, weight(name('sender')));
    const messages = sumMessages(tf, {
      pair: asPairs(pairTerms[2 * layer] as Tensor, atoms, atoms),
      gate: asPairs(pairTerms[2 * layer + 1] as Tensor, atoms, atoms),
      receiver: asPairs(receiver, atoms, 1),
      sender: asPairs(sender, 1, atoms),
    });
    const perAtom = tf.reshape(messages, [members, crystals * atoms, width]);
    const mixed = silu(tf, bias(matMul(tf, perAtom, weight(name('mix'))), name('mixBias')));
    h = tf.add(h, matMul(tf, mixed, weight(name('update'))));
  }
  const last = normalise(tf, h, weight('readout.norm'));
  const pooled = tf.sum(tf.mul(tf.reshape(last, [members * crystals, atoms, width]), input.meanWeights), 1);
  const embedding = tf.reshape<Rank.R3>(pooled, [members, crystals, width]);
  const hidden = silu(tf, bias(matMul(tf, embedding, weight('readout.weight')), 'readout.bias'));
  const mean = bias(matMul(tf, hidden, weight('head.mean')), 'head.meanBias') as Tensor3D;
  const detached = stopGradient(tf, embedding);
  const spread = silu(tf, bias(matMul(tf, detached, weight('spread.weight')), 'spread.bias'));
  const logVariance = bias(matMul(tf, spread, weight('head.logVariance')), 'head.logVarianceBias');
  return { mean, logVariance: tf.clipByValue(logVariance, -8, 4) as Tensor3D, embedding };
}

/** Each parameter as [members, …shape]; vectors as [members, 1, length], ready to be added. */
function splitParameters(
  tf: TensorFlow,
  architecture: Architecture,
  parameters: Tensor2D,
): Map<string, Tensor> {
  const list = parametersOf(architecture);
  // One split, whose gradient is one concatenation: the optimiser sees a single tensor.
  const parts = tf.split(
    parameters,
    list.map(({ size }) => size),
    1,
  );
  const members = parameters.shape[0];
  return new Map(
    list.map(({ name, shape }, index) => [
      name,
      tf.reshape(parts[index] as Tensor, [members, ...(shape.length === 1 ? [1] : []), ...shape]),
    ]),
  );
}
