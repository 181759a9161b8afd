import type { Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../backend.ts';
import { trainable, type Weights } from './denoiser.ts';

/** The weights as variables on the backend. Dispose of them when done. */
export class WeightTensors {
  readonly #tf: TensorFlow;
  readonly tensors = new Map<string, Variable>();

  constructor(tf: TensorFlow, weights: Weights) {
    this.#tf = tf;
    for (const [name, { shape, values }] of weights) {
      const start = tf.tensor(values, [...shape]);
      this.tensors.set(name, tf.variable(start, trainable(name)));
      start.dispose();
    }
  }

  /** Takes over new values of the trained weights. */
  assign(weights: Weights): void {
    for (const [name, { shape, values }] of weights) {
      if (!trainable(name)) continue;
      const value = this.#tf.tensor(values, [...shape]);
      this.tensors.get(name)?.assign(value);
      value.dispose();
    }
  }

  dispose(): void {
    for (const variable of this.tensors.values()) variable.dispose();
  }
}
