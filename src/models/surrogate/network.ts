import type { Rank, Tensor, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../backend.ts';
import type { DenseBatch } from '../dense-batch.ts';
import { ELEMENT_FEATURES, ELEMENT_ROWS, elementFeatures } from '../element-features.ts';
import { matMul, matMulOfConstant, pickRows, silu, stopGradient } from '../operations.ts';
import { SHELL_FEATURES } from '../sites.ts';
import { normalise, passMessages } from './layer.ts';
import { parametersOf } from './parameters.ts';
import type { Architecture } from './parameters.ts';

/** What the network reads: the same number of crystals for every member, each member its own or all the same. */
export interface NetworkInput {
  readonly members: number;
  readonly crystals: number;
  readonly sites: number;
  /** [members · crystals · sites]: each site's row among the members' tables of ELEMENT_ROWS elements each. */
  readonly elements: Tensor1D;
  /** [members, crystals · sites · sites, SHELL_FEATURES], with 1 for members when these are shared. */
  readonly shells: Tensor;
  /** [members · crystals, sites, 1]: share of the crystal's atoms, 0 where padded. */
  readonly shares: Tensor;
}

/** In standardised targets. */
export interface NetworkOutput {
  /** [members, crystals, targets] */
  readonly mean: Tensor3D;
  /** [members, crystals, targets]; its gradient stops before the body, so that noise cannot bend the mean. */
  readonly logVariance: Tensor3D;
  /** [members, crystals, targets]: of a two-part target, the log-odds that it is not zero. */
  readonly present: Tensor3D;
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
  const { sites } = batch;
  const tensors = tf.tidy(() => {
    const parts = shared ? 1 : members;
    const spread = (x: Tensor): Tensor => (shared && members > 1 ? tf.tile(x, [members, 1, 1]) : x);
    const own = crystals * sites;
    const rows = Int32Array.from(
      { length: members * own },
      (_, at) =>
        Math.floor(at / own) * ELEMENT_ROWS + (batch.atomicNumbers[shared ? at % own : at] as number),
    );
    return {
      elements: tf.tensor1d(rows, 'int32'),
      shells: tf.tensor3d(batch.shells, [parts, crystals * sites * sites, SHELL_FEATURES]),
      shares: spread(tf.tensor3d(batch.shares, [parts * crystals, sites, 1])),
    };
  });
  return { members, crystals, sites, ...tensors };
}

export function disposeInput({ elements, shells, shares }: NetworkInput): void {
  for (const tensor of [elements, shells, shares]) tensor.dispose();
}

/** What each element looks like before any message, [members, ELEMENT_ROWS, width]: of its properties and its own. */
export function elementTable(tf: TensorFlow, architecture: Architecture, parameters: Tensor2D): Tensor {
  return tableOf(tf, splitParameters(tf, architecture, parameters), parameters.shape[0]);
}

/** Each site's row of `elementTable`, [members, crystals · sites, width]. */
export function siteStates(
  tf: TensorFlow,
  table: Tensor,
  { members, crystals, sites, elements }: NetworkInput,
): Tensor {
  const width = table.shape.at(-1) as number;
  const rows = tf.reshape<Rank.R2>(table, [members * ELEMENT_ROWS, width]);
  return tf.reshape(pickRows(tf, rows, elements), [members, crystals * sites, width]);
}

/**
 * Message passing between the sites of a crystal, all members in one pass (layer.ts), with filters f_ij = V g_ij from the
 * shells g (sites.ts). Padding, where g is zero, needs no mask. Then a hidden layer for each site, the mean over atoms,
 * and the heads. `parameters` is [members, memberSize]; `states`, when given, stand in for those of the input's elements.
 */
export function forward(
  tf: TensorFlow,
  architecture: Architecture,
  { parameters, input, states }: { parameters: Tensor2D; input: NetworkInput; states?: Tensor },
): NetworkOutput {
  const { members, crystals, sites } = input;
  const { width } = architecture;
  const weights = splitParameters(tf, architecture, parameters);
  const weight = (name: string): Tensor => weights.get(name) as Tensor;
  const bias = (x: Tensor, name: string): Tensor => tf.add(x, weight(name));

  let h = states ?? siteStates(tf, tableOf(tf, weights, members), input);
  const layers = Array.from({ length: architecture.layers }, (_, layer) => `layers.${layer}`);
  // The filters of all layers in one product: many small ones would spend their time in overhead.
  const filterWeights = tf.concat(
    layers.map((layer) => weight(`${layer}.filter`)),
    2,
  );
  const allFilters = matMulOfConstant(tf, input.shells, filterWeights);
  const filters = layers.length === 1 ? [allFilters] : tf.split(allFilters, layers.length, 2);
  layers.forEach((layer, index) => {
    const shape = [members * crystals, sites, sites, width];
    h = passMessages(tf, h, tf.reshape(filters[index] as Tensor, shape), {
      ends: weight(`${layer}.ends`),
      gateBias: weight(`${layer}.gateBias`),
      mix: weight(`${layer}.mix`),
      mixBias: weight(`${layer}.mixBias`),
      update: weight(`${layer}.update`),
    });
  });
  const read = silu(tf, bias(matMul(tf, normalise(tf, h), weight('readout.weight')), 'readout.bias'));
  const pooled = tf.sum(tf.mul(tf.reshape(read, [members * crystals, sites, width]), input.shares), 1);
  const embedding = tf.reshape<Rank.R3>(pooled, [members, crystals, width]);
  const mean = bias(matMul(tf, embedding, weight('head.mean')), 'head.meanBias') as Tensor3D;
  const present = bias(matMul(tf, embedding, weight('head.present')), 'head.presentBias') as Tensor3D;
  const detached = stopGradient(tf, embedding);
  const spread = silu(tf, bias(matMul(tf, detached, weight('spread.weight')), 'spread.bias'));
  const logVariance = bias(matMul(tf, spread, weight('head.logVariance')), 'head.logVarianceBias');
  return { mean, present, logVariance: tf.clipByValue(logVariance, -8, 4) as Tensor3D, embedding };
}

function tableOf(tf: TensorFlow, weights: ReadonlyMap<string, Tensor>, members: number): Tensor {
  const properties = tf.tile(tf.tensor3d(elementFeatures(), [1, ELEMENT_ROWS, ELEMENT_FEATURES]), [
    members,
    1,
    1,
  ]);
  const known = matMulOfConstant(tf, properties, weights.get('elements.properties') as Tensor);
  return tf.add(weights.get('elements.embedding') as Tensor, known);
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
