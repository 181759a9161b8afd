import type { Tensor, Tensor2D } from '@tensorflow/tfjs';

import type { Random } from '../../crystal/random.ts';
import type { TensorFlow } from '../backend.ts';
import { matMul } from '../operations.ts';

/** Rows of every table over the elements: row z is atomic number z, row 0 the species that is not decided yet. */
export const SPECIES_ROWS = 101;
/** The largest cell that the network knows. */
export const MOST_ATOMS = 20;

/** Sizes of the network; they stand in the checkpoint's card. */
export interface DenoiserShape {
  readonly width: number;
  readonly layers: number;
  /** Harmonics of each fractional difference. */
  readonly frequencies: number;
  /** Radial basis functions per pair, summed over its periodic images. */
  readonly radialBasis: number;
  /** Columns of the fixed chemistry table. */
  readonly chemistry: number;
}

/** A set of arrays by name, with their shapes: the weights as they are stored and trained. */
export type Weights = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly values: Float32Array }
>;

/** A batch of partly denoised crystals, padded to the largest: B crystals of at most N atoms. */
export interface NoisyBatch {
  /** Time of each crystal: 0 noise, 1 data; [B]. */
  readonly time: Float32Array;
  /** Standardised lattice vectors, [B, 6]. */
  readonly lattice: Float32Array;
  /** The same lattices as cells, rows a, b, c, Å, [B, 3, 3]. */
  readonly cell: Float32Array;
  /** Fractional coordinates, [B, N, 3]. */
  readonly coordinates: Float32Array;
  /** Atomic numbers, 0 where not decided yet or padding, [B, N]. */
  readonly species: Int32Array;
  /** Atoms of each crystal, [B]. */
  readonly atomCount: Int32Array;
  /** 1 where the element may appear, [B, 101]; column 0 is 0. */
  readonly allowed: Float32Array;
}

/** What the network says of a batch. */
export interface Denoised {
  /** Velocity of the standardised lattice vectors, [B, 6]. */
  readonly lattice: Tensor;
  /** Velocity of the fractional coordinates in units of COORDINATE_SCALE, mean zero over the atoms, [B, N, 3]. */
  readonly coordinates: Tensor;
  /** Logits over the rows of the species table, −1e9 where not allowed, [B, N, 101]. */
  readonly species: Tensor;
}

/** Typical length of a coordinate's way from noise to data, in fractions of the cell. */
export const COORDINATE_SCALE = 0.15;

const TIME_FREQUENCIES = 8;
/** Time features, lattice vector, log-count of allowed elements, one-hot atom count. */
const GLOBE_WIDTH = 2 * TIME_FREQUENCIES + 7 + MOST_ATOMS;
const RADIUS_MIN_ANGSTROM = 0.8;
const RADIUS_MAX_ANGSTROM = 7;
const FORBIDDEN = 1e9;

/** Every array of the network: its name, its shape and, where it starts random, the gain of its first values. */
interface WeightPlan {
  readonly name: string;
  readonly shape: readonly number[];
  /** 0 starts at zero. */
  readonly gain: number;
}

/** The arrays that a network of this shape has; 'chemistry' is fixed, the others are trained. */
export function weightPlan(shape: DenoiserShape): WeightPlan[] {
  const { width } = shape;
  const dense = (name: string, inputs: number, outputs: number, gain = 1): WeightPlan => ({
    name,
    shape: [inputs, outputs],
    gain,
  });
  const bias = (name: string, outputs: number): WeightPlan => ({ name, shape: [outputs], gain: 0 });
  const layers = Array.from({ length: shape.layers }, (_, layer) => [
    dense(`layer${layer}.receiver`, width, width),
    dense(`layer${layer}.sender`, width, width),
    dense(`layer${layer}.pair`, 6 * shape.frequencies + shape.radialBasis, width),
    dense(`layer${layer}.globe`, width, width),
    bias(`layer${layer}.message.bias`, width),
    dense(`layer${layer}.update.node`, width, width),
    dense(`layer${layer}.update.message`, width, width),
    bias(`layer${layer}.update.bias`, width),
    dense(`layer${layer}.update.out`, width, width, 0.3),
    bias(`layer${layer}.update.out.bias`, width),
  ]);
  return [
    { name: 'chemistry', shape: [SPECIES_ROWS, shape.chemistry], gain: 0 },
    ...['species', 'allowed', 'logits'].flatMap((table) => [
      dense(`${table}.chemistry`, shape.chemistry, width),
      dense(`${table}.own`, SPECIES_ROWS, width, table === 'species' ? 3 : 1),
    ]),
    dense('globe.in', GLOBE_WIDTH + width, width),
    bias('globe.in.bias', width),
    dense('globe.out', width, width),
    bias('globe.out.bias', width),
    ...layers.flat(),
    dense('coordinates.out', width, 3, 0.1),
    dense('lattice.in', width, width),
    bias('lattice.in.bias', width),
    dense('lattice.out', width, 6, 0.1),
    bias('lattice.out.bias', 6),
    dense('logits.in', width, width),
    bias('logits.bias', SPECIES_ROWS),
  ];
}

/** Fresh weights. `chemistry` is the fixed table of element properties, [101, shape.chemistry]. */
export function initialWeights(shape: DenoiserShape, chemistry: Float32Array, source: Random): Weights {
  return new Map(
    weightPlan(shape).map(({ name, shape: dimensions, gain }) => {
      const length = dimensions.reduce((product, dimension) => product * dimension, 1);
      const bound = gain * Math.sqrt(3 / (dimensions[0] as number));
      const values = Float32Array.from({ length }, () => bound * (2 * source.uniform() - 1));
      return [name, { shape: dimensions, values: trainable(name) ? values : chemistry }];
    }),
  );
}

/** Names of the weights that are trained: all but the fixed chemistry table. */
export function trainable(name: string): boolean {
  return name !== 'chemistry';
}

/**
 * The features of every ordered pair of atoms, [B, N, N, 6·frequencies + radialBasis]: harmonics of the fractional
 * difference (DiffCSP, Jiao et al., NeurIPS 2023) and a Gaussian radial basis summed over the 27 nearest images, which
 * also tells an atom of its own images. Both depend only on differences and repeat with the cell.
 */
export function pairFeatures(
  tf: TensorFlow,
  shape: DenoiserShape,
  coordinates: Tensor,
  cell: Tensor,
): Tensor {
  return tf.tidy(() => {
    const [batch, atoms] = coordinates.shape as [number, number, number];
    const difference = tf.sub(
      coordinates.reshape([batch, 1, atoms, 3]),
      coordinates.reshape([batch, atoms, 1, 3]),
    );
    const harmonics = tf.range(1, shape.frequencies + 1).mul(2 * Math.PI);
    const phase = tf
      .mul(difference.expandDims(-1), harmonics)
      .reshape([batch, atoms, atoms, 3 * shape.frequencies]);

    const nearest = tf.sub(difference, tf.floor(tf.add(difference, 0.5)));
    const inCell = tf
      .matMul(nearest.reshape([batch, atoms * atoms, 3]), cell)
      .reshape([batch, atoms * atoms, 1, 3]);
    const imageShifts = tf.matMul(tf.tensor2d(NEAREST_IMAGES, [27, 3]), cell.reshape([batch, 3, 3]));
    const squared = tf.sum(tf.square(tf.add(inCell, imageShifts.reshape([batch, 1, 27, 3]))), -1);
    const step = (RADIUS_MAX_ANGSTROM - RADIUS_MIN_ANGSTROM) / (shape.radialBasis - 1);
    const centres = Array.from({ length: shape.radialBasis }, (_, k) => RADIUS_MIN_ANGSTROM / step + k);
    const offset = tf.sub(tf.div(tf.sqrt(squared), step).expandDims(-1), tf.tensor1d(centres));
    const radial = tf.sum(tf.exp(tf.neg(tf.square(offset))), 2);
    const basis = tf.log1p(radial).reshape([batch, atoms, atoms, shape.radialBasis]);
    return tf.concat([tf.sin(phase), tf.cos(phase), basis], -1);
  });
}

const NEAREST_IMAGES: number[] = [-1, 0, 1].flatMap((a) =>
  [-1, 0, 1].flatMap((b) => [-1, 0, 1].flatMap((c) => [a, b, c])),
);

/**
 * The denoiser: dense messages between all pairs of a cell, as in DiffCSP's CSPNet, with the time, the lattice, the
 * atom count and the set of allowed elements given to every layer. Invariant to translations and integer shifts of the
 * coordinates and equivariant to permutations by construction; rotations never enter, since the lattice vector has none.
 * `weights` holds tensors or variables under the names of `initialWeights`.
 */
export function denoise(
  tf: TensorFlow,
  shape: DenoiserShape,
  weights: ReadonlyMap<string, Tensor>,
  inputs: DenoiserInputs,
): Denoised {
  const w = (name: string): Tensor => {
    const tensor = weights.get(name);
    if (tensor === undefined) throw new RangeError(`the generator's checkpoint lacks the weights '${name}'`);
    return tensor;
  };
  const [batch, atoms] = inputs.atomMask.shape as [number, number];
  const { width } = shape;
  const linear = (x: Tensor, name: string): Tensor => {
    const matrix = w(name) as Tensor2D;
    const rows = x.size / matrix.shape[0];
    return matMul(tf, x.reshape([rows, matrix.shape[0]]), matrix).reshape([
      ...x.shape.slice(0, -1),
      matrix.shape[1],
    ]);
  };
  const table = (name: string): Tensor =>
    tf.add(matMul(tf, w('chemistry'), w(`${name}.chemistry`)), w(`${name}.own`));
  const nodeMask = inputs.atomMask.reshape([batch, atoms, 1]);
  const inverseCount = inputs.inverseCount.reshape([batch, 1, 1]);

  const allowedMean = tf.mul(matMul(tf, inputs.allowed, table('allowed')), inputs.inverseAllowed);
  const globeIn = tf.concat([inputs.globe, allowedMean], -1);
  const globe = tf.add(
    linear(tf.elu(tf.add(linear(globeIn, 'globe.in'), w('globe.in.bias'))), 'globe.out'),
    w('globe.out.bias'),
  );
  const own = matMul(tf, inputs.species, table('species')).reshape([batch, atoms, width]);
  let node = tf.mul(tf.add(own, globe.expandDims(1)), nodeMask);

  for (let layer = 0; layer < shape.layers; layer++) {
    const at = (part: string): string => `layer${layer}.${part}`;
    const normal = normalise(tf, node);
    const toAll = tf.add(linear(globe, at('globe')), w(at('message.bias'))).expandDims(1);
    const receiver = tf.add(linear(normal, at('receiver')), toAll).expandDims(2);
    const sender = linear(normal, at('sender')).expandDims(1);
    const hidden = tf.elu(tf.add(tf.add(linear(inputs.pairs, at('pair')), sender), receiver));
    const masked = inputs.padded ? tf.mul(hidden, inputs.atomMask.reshape([batch, 1, atoms, 1])) : hidden;
    const gathered = tf.mul(tf.sum(masked, 2), inverseCount);
    const update = tf.add(linear(normal, at('update.node')), linear(gathered, at('update.message')));
    const step = linear(tf.elu(tf.add(update, w(at('update.bias')))), at('update.out'));
    node = tf.add(node, tf.mul(tf.add(step, w(at('update.out.bias'))), nodeMask));
  }

  const last = tf.mul(normalise(tf, node), nodeMask);
  const moved = tf.mul(linear(last, 'coordinates.out'), nodeMask);
  const drift = tf.mul(tf.sum(moved, 1, true), inverseCount);
  const pooled = tf.add(tf.mul(tf.sum(last, 1), inputs.inverseCount), globe);
  const latticeHidden = tf.elu(tf.add(linear(pooled, 'lattice.in'), w('lattice.in.bias')));
  const query = linear(last, 'logits.in').reshape([batch * atoms, width]);
  const logits = tf.add(matMul(tf, query, tf.transpose(table('logits'))), w('logits.bias'));
  return {
    lattice: tf.add(linear(latticeHidden, 'lattice.out'), w('lattice.out.bias')),
    coordinates: tf.mul(tf.sub(moved, drift), nodeMask),
    species: tf.add(logits.reshape([batch, atoms, SPECIES_ROWS]), inputs.forbidden.expandDims(1)),
  };
}

/** Zero mean and unit variance over the last axis, without learned gains: the next linear layer has them. */
function normalise(tf: TensorFlow, x: Tensor): Tensor {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), 1e-5)));
}

/** The tensors that `denoise` reads; made from a NoisyBatch, outside any gradient. */
export interface DenoiserInputs {
  /** Time features, lattice vector, log-count of allowed elements and atom count, [B, …]. */
  readonly globe: Tensor;
  readonly pairs: Tensor;
  /** One-hot species, [B·N, 101]. */
  readonly species: Tensor;
  readonly atomMask: Tensor;
  /** Whether some crystal has fewer atoms than the batch has places. */
  readonly padded: boolean;
  readonly inverseCount: Tensor;
  readonly allowed: Tensor;
  readonly inverseAllowed: Tensor;
  /** 0 where allowed, −1e9 elsewhere, [B, 101]. */
  readonly forbidden: Tensor;
}

/** Uploads a batch and computes what needs no gradient. Dispose of the result with `tf.dispose`. */
export function denoiserInputs(tf: TensorFlow, shape: DenoiserShape, noisy: NoisyBatch): DenoiserInputs {
  const batch = noisy.time.length;
  const atoms = noisy.species.length / batch;
  const globe = new Float32Array(batch * GLOBE_WIDTH);
  const atomMask = new Float32Array(batch * atoms);
  const inverseCount = new Float32Array(batch);
  const inverseAllowed = new Float32Array(batch);
  for (let b = 0; b < batch; b++) {
    const at = b * GLOBE_WIDTH;
    for (let k = 0; k < TIME_FREQUENCIES; k++) {
      const phase = Math.PI * 2 ** (k / 1.5) * (noisy.time[b] as number);
      globe[at + 2 * k] = Math.sin(phase);
      globe[at + 2 * k + 1] = Math.cos(phase);
    }
    for (let k = 0; k < 6; k++) globe[at + 2 * TIME_FREQUENCIES + k] = noisy.lattice[6 * b + k] as number;
    let allowedCount = 0;
    for (let z = 0; z < SPECIES_ROWS; z++) allowedCount += noisy.allowed[b * SPECIES_ROWS + z] as number;
    inverseAllowed[b] = 1 / allowedCount;
    globe[at + 2 * TIME_FREQUENCIES + 6] = Math.log(allowedCount) / 2;
    const count = noisy.atomCount[b] as number;
    globe[at + 2 * TIME_FREQUENCIES + 7 + count - 1] = 1;
    inverseCount[b] = 1 / count;
    atomMask.fill(1, b * atoms, b * atoms + count);
  }
  return tf.tidy(() => {
    const allowed = tf.tensor2d(noisy.allowed, [batch, SPECIES_ROWS]);
    return {
      globe: tf.tensor2d(globe, [batch, GLOBE_WIDTH]),
      pairs: pairFeatures(
        tf,
        shape,
        tf.tensor3d(noisy.coordinates, [batch, atoms, 3]),
        tf.tensor3d(noisy.cell, [batch, 3, 3]),
      ),
      species: tf.oneHot(tf.tensor1d(noisy.species, 'int32'), SPECIES_ROWS).toFloat(),
      atomMask: tf.tensor2d(atomMask, [batch, atoms]),
      padded: atomMask.includes(0),
      inverseCount: tf.tensor2d(inverseCount, [batch, 1]),
      allowed,
      inverseAllowed: tf.tensor2d(inverseAllowed, [batch, 1]),
      forbidden: tf.mul(tf.sub(allowed, 1), FORBIDDEN),
    };
  });
}
