import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../backend.ts';
import { product } from '../operations.ts';

/** Weights of one layer, each with the members in front. */
export interface LayerWeights {
  /** [members, width, 2 · width]: the receiver's gate and what the sender sends. */
  readonly ends: Tensor;
  /** [members, 1, width] */
  readonly gateBias: Tensor;
  /** [members, width, width] */
  readonly mix: Tensor;
  /** [members, 1, width] */
  readonly mixBias: Tensor;
  /** [members, width, width] */
  readonly update: Tensor;
}

/**
 * One round of messages, h [members, crystals · sites, width] → the same shape:
 *   m_i = silu(R x_i + b) ∘ Σ_j f_ij ∘ S x_j,  h_i + U silu(M m_i + b'),  x = h / rms(h)
 * with the filters f [members · crystals, sites, sites, width]. A message is linear in its filter and takes nothing of a
 * pair of sites but that: only so may a site's atoms be counted as one. The gradient is written out: automatic
 * differentiation needs two thirds more operations and passes over memory for it.
 */
export function passMessages(tf: TensorFlow, h: Tensor, filters: Tensor, weights: LayerWeights): Tensor {
  const [members, rows, width] = h.shape as [number, number, number];
  const [cells, sites] = filters.shape as [number, number];
  const perSite = [members, rows, width];
  const operation = tf.customGrad((...inputs) => {
    const save = inputs.pop() as unknown as (saved: Tensor[]) => void;
    const [h, f, ends, gateBias, mix, mixBias, update] = inputs as unknown as SevenTensors;
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(h), -1, true), 1e-5));
    const x = tf.mul(h, inverse);
    const [receiver, sender] = tf.split(product(tf, x, ends), 2, 2) as [Tensor, Tensor];
    const gate = activation(tf, tf.add(receiver, gateBias));
    const sent = tf.reshape(sender, [cells, 1, sites, width]);
    const summed = tf.reshape(tf.sum(tf.mul(f, sent), 2), perSite);
    const message = tf.mul(gate.value, summed);
    const mixed = activation(tf, tf.add(product(tf, message, mix), mixBias));
    const value = tf.add(h, product(tf, mixed.value, update));
    save([
      f,
      ends,
      mix,
      update,
      inverse,
      x,
      gate.value,
      gate.sigmoid,
      sent,
      summed,
      message,
      mixed.value,
      mixed.sigmoid,
    ]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [
          f,
          ends,
          mix,
          update,
          inverse,
          x,
          gate,
          gateSigmoid,
          sent,
          summed,
          message,
          mixed,
          mixedSigmoid,
        ] = saved as unknown as ThirteenTensors;
        const dUpdate = product(tf, mixed, dy, { a: true });
        const dMixed = tf.mul(product(tf, dy, update, { b: true }), slope(tf, mixed, mixedSigmoid));
        const dMix = product(tf, message, dMixed, { a: true });
        const dMessage = product(tf, dMixed, mix, { b: true });
        const dReceiver = tf.mul(tf.mul(dMessage, summed), slope(tf, gate, gateSigmoid));
        const dSummed = tf.reshape(tf.mul(dMessage, gate), [cells, sites, 1, width]);
        const dFilters = tf.mul(dSummed, sent);
        const dSender = tf.reshape(tf.sum(tf.mul(dSummed, f), 1), perSite);
        const dEnds = tf.concat([dReceiver, dSender], 2);
        const dx = product(tf, dEnds, ends, { b: true });
        const along = tf.mean(tf.mul(dx, x), -1, true);
        const dh = tf.add(dy, tf.mul(inverse, tf.sub(dx, tf.mul(x, along))));
        return [
          dh,
          dFilters,
          product(tf, x, dEnds, { a: true }),
          tf.sum(dReceiver, 1, true),
          dMix,
          tf.sum(dMixed, 1, true),
          dUpdate,
        ];
      },
    };
  });
  const { ends, gateBias, mix, mixBias, update } = weights;
  return operation(h, filters, ends, gateBias, mix, mixBias, update);
}

type SevenTensors = [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
type ThirteenTensors = [...SevenTensors, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];

/** SiLU: v = x s with s = sigmoid(x). */
function activation(tf: TensorFlow, x: Tensor): { value: Tensor; sigmoid: Tensor } {
  const sigmoid = tf.sigmoid(x);
  return { value: tf.mul(x, sigmoid), sigmoid };
}

/** Its slope, s + v (1 - s). */
function slope(tf: TensorFlow, value: Tensor, sigmoid: Tensor): Tensor {
  return tf.add(sigmoid, tf.sub(value, tf.mul(value, sigmoid)));
}

/** x / rms(x) over the last axis (Zhang and Sennrich 2019), without a gain: the products that follow have their own. */
export function normalise(tf: TensorFlow, x: Tensor): Tensor {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5)));
}
