import type { Scalar, Tensor, TensorContainer } from '@tensorflow/tfjs';

import type { Random } from '../../crystal/random.ts';
import type { TensorFlow } from '../backend.ts';
import {
  denoise,
  denoiserInputs,
  SPECIES_ROWS,
  type DenoiserInputs,
  type DenoiserShape,
  type Weights,
} from './denoiser.ts';
import { noise, type Example, type LatticeScale, type Targets } from './process.ts';
import { WeightTensors } from './weight-tensors.ts';
import { optimizerStep, type OptimizerOptions, type OptimizerState } from './optimizer.ts';

/** Parts of the training loss, means over the batch; `total` is what is minimised. */
export interface Loss {
  readonly total: number;
  /** Mean squared error of the standardised lattice velocity. */
  readonly lattice: number;
  /** Mean squared error of the coordinates' velocity, in units of COORDINATE_SCALE². */
  readonly coordinates: number;
  /** Cross-entropy of the undecided species among the allowed ones, nats. */
  readonly species: number;
}

const COORDINATE_WEIGHT = 2;
const SPECIES_WEIGHT = 0.5;

/** What noise and network need to know of the model beside its weights. */
export interface Network {
  readonly shape: DenoiserShape;
  readonly scale: LatticeScale;
}

/** What one step trains on: crystals and, for each, the atomic numbers that may appear. */
export interface TrainingBatch {
  readonly examples: readonly Example[];
  readonly allowed: readonly (readonly number[])[];
}

/** A noised batch, ready for the network. */
interface Prepared {
  readonly inputs: DenoiserInputs;
  readonly targets: Targets;
}

function prepare(tf: TensorFlow, network: Network, batch: TrainingBatch, source: Random): Prepared {
  const { batch: noisy, targets } = noise(batch.examples, batch.allowed, network.scale, source);
  return { inputs: denoiserInputs(tf, network.shape, noisy), targets };
}

/** The loss of a noisy batch as scalars: [total, lattice, coordinates, species]. */
function lossTensors(
  tf: TensorFlow,
  shape: DenoiserShape,
  weights: ReadonlyMap<string, Tensor>,
  { inputs, targets }: Prepared,
): Scalar[] {
  const [batch, atoms] = inputs.atomMask.shape as [number, number];
  const out = denoise(tf, shape, weights, inputs);
  const lattice = tf.mean(tf.square(tf.sub(out.lattice, tf.tensor2d(targets.lattice, [batch, 6]))));
  const wanted = tf.tensor3d(targets.coordinates, [batch, atoms, 3]);
  // Per crystal, then over crystals: a large cell counts as much as a small one.
  const perCrystal = tf.mul(
    tf.sum(tf.square(tf.sub(out.coordinates, wanted)), [1, 2]),
    inputs.inverseCount.flatten(),
  );
  const coordinates = tf.mean(tf.div(perCrystal, 3));
  const logProbability = tf.logSoftmax(out.species.reshape([batch * atoms, SPECIES_ROWS]));
  const chosen = tf.oneHot(tf.tensor1d(targets.species, 'int32'), SPECIES_ROWS).toFloat();
  const entropy = tf.neg(tf.sum(tf.mul(logProbability, chosen), -1));
  const undecided = tf.tensor1d(targets.undecided);
  const species = tf.div(tf.sum(tf.mul(entropy, undecided)), tf.maximum(tf.sum(undecided), 1));
  const total = tf.addN([lattice, tf.mul(coordinates, COORDINATE_WEIGHT), tf.mul(species, SPECIES_WEIGHT)]);
  return [total, lattice, coordinates, species] as Scalar[];
}

/** A network in training: its state in plain arrays, its weights also on the backend. Dispose of it when done. */
export class Trainer {
  readonly state: OptimizerState;
  readonly #tf: TensorFlow;
  readonly #network: Network;
  readonly #weights: WeightTensors;

  constructor(tf: TensorFlow, network: Network, state: OptimizerState) {
    this.#tf = tf;
    this.#network = network;
    this.#weights = new WeightTensors(tf, state.weights);
    this.state = state;
  }

  /** One optimiser step on freshly noised examples. Returns the loss before it. */
  step(batch: TrainingBatch, options: OptimizerOptions, source: Random): Loss {
    const tf = this.#tf;
    const noisy = prepare(tf, this.#network, batch, source);
    let parts: Tensor | undefined;
    const { value, grads } = tf.variableGrads(
      () => {
        const scalars = lossTensors(tf, this.#network.shape, this.#weights.tensors, noisy);
        parts = tf.keep(tf.stack(scalars));
        return scalars[0] as Scalar;
      },
      [...this.#weights.tensors.values()].filter((variable) => variable.trainable),
    );
    const loss = lossOf((parts as Tensor).dataSync());
    const gradients = new Map<string, Float32Array>();
    for (const [name, variable] of this.#weights.tensors) {
      const gradient = grads[variable.name];
      if (gradient !== undefined) gradients.set(name, gradient.dataSync<'float32'>());
    }
    tf.dispose([value, parts, grads, noisy.inputs as unknown as TensorContainer]);
    optimizerStep(this.state, gradients, options);
    this.#weights.assign(this.state.weights);
    return loss;
  }

  dispose(): void {
    this.#weights.dispose();
  }
}

/** The loss without training, averaged over the crystals of all batches. Equal sources give equal noise. */
export function evaluateLoss(
  tf: TensorFlow,
  network: Network & { readonly weights: Weights },
  batches: readonly TrainingBatch[],
  source: Random,
): Loss {
  const weights = new WeightTensors(tf, network.weights);
  const sum = new Float64Array(4);
  for (const batch of batches) {
    const values = tf.tidy(() => {
      const noisy = prepare(tf, network, batch, source);
      return tf.stack(lossTensors(tf, network.shape, weights.tensors, noisy)).dataSync();
    });
    values.forEach((value, k) => (sum[k] = (sum[k] as number) + value * batch.examples.length));
  }
  weights.dispose();
  const crystals = batches.reduce((count, batch) => count + batch.examples.length, 0);
  return lossOf(sum.map((value) => value / crystals));
}

function lossOf(values: ArrayLike<number>): Loss {
  const [total, lattice, coordinates, species] = Array.from(values) as [number, number, number, number];
  return { total, lattice, coordinates, species };
}
