import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../backend.ts';

/**
 * Σ_j silu(pair_ij + receiver_i + sender_j) ∘ gate_ij, [n, atoms, width], from pair and gate [n, atoms, atoms, width],
 * receiver [n, atoms, 1, width] and sender [n, 1, atoms, width]. Its gradient is written out: a third of the passes
 * over pair-sized memory that automatic differentiation makes.
 */
export function sumMessages(
  tf: TensorFlow,
  { pair, gate, receiver, sender }: { pair: Tensor; gate: Tensor; receiver: Tensor; sender: Tensor },
): Tensor {
  const operation = tf.customGrad((...inputs) => {
    const save = inputs.pop() as unknown as (saved: Tensor[]) => void;
    const [p, g, r, s] = inputs as [Tensor, Tensor, Tensor, Tensor];
    const x = tf.add(tf.add(p, r), s);
    const sigmoid = tf.sigmoid(x);
    const activated = tf.mul(x, sigmoid);
    save([sigmoid, activated, g]);
    return {
      value: tf.sum(tf.mul(activated, g), 2),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [sg, a, gateSaved] = saved as [Tensor, Tensor, Tensor];
        const each = tf.expandDims(dy, 2);
        // silu' = s + a (1 - s) with a = x s.
        const slope = tf.add(sg, tf.sub(a, tf.mul(a, sg)));
        const dx = tf.mul(tf.mul(gateSaved, each), slope);
        return [dx, tf.mul(a, each), tf.sum(dx, 2, true), tf.sum(dx, 1, true)];
      },
    };
  });
  return operation(pair, gate, receiver, sender);
}

/** x / rms(x) · gain over the last axis (Zhang and Sennrich 2019); gain is [members, 1, width]. */
export function normalise(tf: TensorFlow, x: Tensor, gain: Tensor): Tensor {
  const operation = tf.customGrad((...inputs) => {
    const save = inputs.pop() as unknown as (saved: Tensor[]) => void;
    const [input, weight] = inputs as [Tensor, Tensor];
    const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(input), -1, true), 1e-5));
    const unit = tf.mul(input, inverse);
    save([unit, inverse, weight]);
    return {
      value: tf.mul(unit, weight),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [u, r, w] = saved as [Tensor, Tensor, Tensor];
        const du = tf.mul(dy, w);
        const along = tf.mean(tf.mul(du, u), -1, true);
        return [tf.mul(r, tf.sub(du, tf.mul(u, along))), tf.sum(tf.mul(dy, u), 1, true)];
      },
    };
  });
  return operation(x, gain);
}
