import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs';
import type { TensorFlow } from '../backend.ts';
import { memberSize, parametersOf } from './parameters.ts';
import type { Architecture } from './parameters.ts';

export interface OptimiserOptions {
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly steps: number;
}

/** Everything an interrupted training needs to go on; arrays are [members, memberSize] flat. */
export interface OptimiserState {
  readonly step: number;
  readonly parameters: Float32Array;
  readonly average: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** The state before the first step. */
export function freshState(start: Float32Array): OptimiserState {
  const zeros = new Float32Array(start.length);
  return { step: 0, parameters: start, average: start, first: zeros, second: zeros };
}

const BETA_1 = 0.9;
const BETA_2 = 0.98;
const LARGEST_NORM = 1;
const WARM_UP = 0.15;

/**
 * AdamW (Loshchilov and Hutter 2019) with a one-cycle learning rate and averaged weights, over one flat tensor
 * [members, memberSize]; gradients are clipped member by member, so that members never feel each other.
 */
export class Optimiser {
  readonly #tf: TensorFlow;
  readonly #options: OptimiserOptions;
  readonly #decays: Tensor2D;
  #parameters: Tensor2D;
  #average: Tensor2D;
  #first: Tensor2D;
  #second: Tensor2D;
  #step: number;

  constructor(
    tf: TensorFlow,
    architecture: Architecture,
    { state, members, ...options }: OptimiserOptions & { state: OptimiserState; members: number },
  ) {
    this.#tf = tf;
    this.#options = options;
    const size = memberSize(architecture);
    const decays = new Float32Array(size);
    for (const { offset, size: length, decays: pulled } of parametersOf(architecture)) {
      decays.fill(pulled ? options.weightDecay : 0, offset, offset + length);
    }
    this.#decays = tf.tensor2d(decays, [1, size]);
    this.#step = state.step;
    this.#parameters = tf.tensor2d(state.parameters, [members, size]);
    this.#average = tf.tensor2d(state.average, [members, size]);
    this.#first = tf.tensor2d(state.first, [members, size]);
    this.#second = tf.tensor2d(state.second, [members, size]);
  }

  /** Weights averaged over the last steps, [members, memberSize]; valid until the next step. */
  get average(): Tensor2D {
    return this.#average;
  }

  /** A copy of the state, to go on from later. */
  state(): OptimiserState {
    const copy = (tensor: Tensor2D): Float32Array => tensor.dataSync() as Float32Array;
    return {
      step: this.#step,
      parameters: copy(this.#parameters),
      average: copy(this.#average),
      first: copy(this.#first),
      second: copy(this.#second),
    };
  }

  /** One step down the loss; returns its value before the step. */
  step(loss: (parameters: Tensor2D) => Scalar): number {
    const tf = this.#tf;
    const t = ++this.#step;
    const rate = this.#options.learningRate * oneCycle(t / this.#options.steps);
    const averaging = Math.min(0.98, t / (t + 10));
    const { value, next } = tf.tidy(() => {
      const { value, grad } = tf.valueAndGrad((x: Tensor) => loss(x as Tensor2D))(this.#parameters);
      const norm = tf.sqrt(tf.sum(tf.square(grad), 1, true));
      const clipped = tf.mul(grad, tf.div(LARGEST_NORM, tf.maximum(norm, LARGEST_NORM)));
      const first = tf.add(tf.mul(this.#first, BETA_1), tf.mul(clipped, 1 - BETA_1));
      const second = tf.add(tf.mul(this.#second, BETA_2), tf.mul(tf.square(clipped), 1 - BETA_2));
      const scaled = tf.div(
        tf.div(first, 1 - BETA_1 ** t),
        tf.add(tf.sqrt(tf.div(second, 1 - BETA_2 ** t)), 1e-8),
      );
      const change = tf.add(scaled, tf.mul(this.#parameters, this.#decays));
      const parameters = tf.sub(this.#parameters, tf.mul(change, rate));
      const average = tf.add(tf.mul(this.#average, averaging), tf.mul(parameters, 1 - averaging));
      return { value, next: [parameters, average, first, second] as Tensor2D[] };
    });
    const [parameters, average, first, second] = next as [Tensor2D, Tensor2D, Tensor2D, Tensor2D];
    tf.dispose([this.#parameters, this.#average, this.#first, this.#second]);
    this.#parameters = parameters;
    this.#average = average;
    this.#first = first;
    this.#second = second;
    const [number] = value.dataSync() as Float32Array;
    value.dispose();
    return number as number;
  }

  dispose(): void {
    this.#tf.dispose([this.#decays, this.#parameters, this.#average, this.#first, this.#second]);
  }
}

/** Linear rise to 1 over the warm-up, then half a cosine down to zero. */
function oneCycle(progress: number): number {
  if (progress < WARM_UP) return progress / WARM_UP;
  return 0.5 * (1 + Math.cos((Math.PI * (progress - WARM_UP)) / (1 - WARM_UP)));
}
