import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs';
import { type AdamWArrays, normOf, oneCycle, stepAdamW } from '../adamw.ts';
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

const LARGEST_NORM = 10;
const WARM_UP = 0.15;
const AVERAGE_KEPT = 0.98;

/**
 * AdamW (Loshchilov and Hutter 2019) with a one-cycle learning rate and averaged weights; gradients are clipped member
 * by member, so that members never feel each other.
 */
export class Optimiser {
  readonly #tf: TensorFlow;
  readonly #options: OptimiserOptions;
  readonly #members: number;
  /** Numbers of one member. */
  readonly #size: number;
  /** Where each parameter lies in a member. */
  readonly #parts: readonly { readonly offset: number; readonly size: number; readonly decay: number }[];
  readonly #arrays: AdamWArrays;
  #step: number;

  constructor(
    tf: TensorFlow,
    architecture: Architecture,
    { state, members, ...options }: OptimiserOptions & { state: OptimiserState; members: number },
  ) {
    this.#tf = tf;
    this.#options = options;
    this.#members = members;
    this.#size = memberSize(architecture);
    this.#parts = parametersOf(architecture).map(({ offset, size, decays }) => ({
      offset,
      size,
      decay: decays ? options.weightDecay : 0,
    }));
    this.#step = state.step;
    this.#arrays = {
      weights: state.parameters.slice(),
      averaged: state.average.slice(),
      momentum: state.first.slice(),
      variance: state.second.slice(),
    };
  }

  /** Weights averaged over the last steps, [members, memberSize] flat; the caller's to keep. */
  get average(): Float32Array {
    return this.#arrays.averaged.slice();
  }

  /** A copy of the state, to go on from later. */
  state(): OptimiserState {
    const { weights, averaged, momentum, variance } = this.#arrays;
    return {
      step: this.#step,
      parameters: weights.slice(),
      average: averaged.slice(),
      first: momentum.slice(),
      second: variance.slice(),
    };
  }

  /** One step down the loss; returns its value before the step. */
  step(loss: (parameters: Tensor2D) => Scalar): number {
    const tf = this.#tf;
    const size = this.#size;
    const start = tf.tensor2d(this.#arrays.weights, [this.#members, size]);
    const { value, grad } = tf.tidy(() => tf.valueAndGrad((x: Tensor) => loss(x as Tensor2D))(start));
    const [number] = value.dataSync() as Float32Array;
    const gradient = grad.dataSync() as Float32Array;
    tf.dispose([start, value, grad]);
    this.#step++;
    for (let member = 0; member < this.#members; member++) this.#update(gradient, member * size);
    return number as number;
  }

  /** Moves the member whose numbers begin at `from`. */
  #update(gradient: Float32Array, from: number): void {
    const { learningRate, steps } = this.#options;
    const norm = normOf(gradient, { from, to: from + this.#size });
    const rate = learningRate * oneCycle(this.#step / steps, WARM_UP);
    const clip = LARGEST_NORM / Math.max(LARGEST_NORM, norm);
    for (const { offset, size, decay } of this.#parts) {
      const part = { from: from + offset, to: from + offset + size };
      stepAdamW(this.#arrays, gradient, part, { step: this.#step, rate, clip, decay, keep: AVERAGE_KEPT });
    }
  }
}
