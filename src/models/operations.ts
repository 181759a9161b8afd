import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs';
import type { TensorFlow } from './backend.ts';

/**
 * Matrix product a[…, n, k] · b[…, k, m], of rank 2, or of rank 3 with one matrix per member in front.
 * On WebAssembly only the plain rank-2 product is fast (transposed or batched ones take 4 to 9 times as long), so
 * there the product and its gradient are written as plain products with explicit transposes.
 */
export function matMul(tf: TensorFlow, a: Tensor, b: Tensor): Tensor {
  if (tf.getBackend() !== 'wasm') return tf.matMul(a, b);
  return tf.customGrad((left, right, save) => {
    const [x, y] = [left as Tensor, right as Tensor];
    (save as (saved: Tensor[]) => void)([x, y]);
    return {
      value: plainMatMul(tf, x, y),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [savedX, savedY] = saved as [Tensor, Tensor];
        return [plainMatMul(tf, dy, swapLastAxes(tf, savedY)), plainMatMul(tf, swapLastAxes(tf, savedX), dy)];
      },
    };
  })(a, b);
}

/** As matMul, where a is data, maybe the same for all members ([1, n, k]): its gradient is not computed. */
export function matMulOfConstant(tf: TensorFlow, a: Tensor, b: Tensor): Tensor {
  if (tf.getBackend() !== 'wasm') return tf.matMul(a, b);
  return tf.customGrad((right, save) => {
    // Kept by saving: what the forward pass made is disposed of before the gradient runs.
    (save as (saved: Tensor[]) => void)([a]);
    return {
      value: plainMatMul(tf, a, right as Tensor),
      gradFunc: (dy: Tensor, saved: Tensor[]) => plainMatMul(tf, swapLastAxes(tf, saved[0] as Tensor), dy),
    };
  })(b);
}

/** As matMul, with either side transposed over its last two axes, and without a gradient. */
export function product(
  tf: TensorFlow,
  a: Tensor,
  b: Tensor,
  transposed: { readonly a?: boolean; readonly b?: boolean } = {},
): Tensor {
  if (tf.getBackend() !== 'wasm') return tf.matMul(a, b, transposed.a ?? false, transposed.b ?? false);
  return plainMatMul(
    tf,
    transposed.a === true ? swapLastAxes(tf, a) : a,
    transposed.b === true ? swapLastAxes(tf, b) : b,
  );
}

function plainMatMul(tf: TensorFlow, a: Tensor, b: Tensor): Tensor {
  if (a.rank === 2) return tf.matMul(a, b);
  const left = tf.unstack(a);
  const right = tf.unstack(b);
  return tf.stack(
    right.map((matrix, member) => tf.matMul(left[left.length === 1 ? 0 : member] as Tensor, matrix)),
  );
}

function swapLastAxes(tf: TensorFlow, x: Tensor): Tensor {
  return tf.transpose(x, x.rank === 2 ? [1, 0] : [0, 2, 1]);
}

/** Rows of a table, by index. Its gradient is a product with one-hot rows: WebAssembly has none for a gather. */
export function pickRows(tf: TensorFlow, table: Tensor2D, rows: Tensor1D): Tensor {
  const operation = tf.customGrad((input) => ({
    value: tf.gather(input as Tensor, rows),
    gradFunc: (dy: Tensor) =>
      product(tf, tf.cast(tf.oneHot(rows, table.shape[0]), 'float32'), dy, { a: true }),
  }));
  return operation(table);
}

/** SiLU, x · sigmoid(x), with its gradient in few passes over memory: s + y · (1 - s). */
export function silu(tf: TensorFlow, x: Tensor): Tensor {
  const operation = tf.customGrad((input, save) => {
    const sigmoid = tf.sigmoid(input as Tensor);
    const value = tf.mul(input as Tensor, sigmoid);
    (save as (saved: Tensor[]) => void)([sigmoid, value]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [s, y] = saved as [Tensor, Tensor];
        return tf.mul(dy, tf.add(s, tf.sub(y, tf.mul(y, s))));
      },
    };
  });
  return operation(x);
}

/** The value itself, through which no gradient flows. */
export function stopGradient(tf: TensorFlow, x: Tensor): Tensor {
  return tf.customGrad((input) => ({
    value: tf.clone(input as Tensor),
    gradFunc: (dy: Tensor) => tf.zerosLike(dy),
  }))(x);
}
