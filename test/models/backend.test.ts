import { afterAll, describe, expect, test } from 'vitest';
import { BackendError, loadBackend } from '../../src/models/backend.ts';
import type { Backend } from '../../src/models/backend.ts';
import { matMul, silu, stopGradient } from '../../src/models/operations.ts';
import { availableBackends } from './backends.ts';

describe('loadBackend', () => {
  test('names the allowed values when asked for an unknown backend', async () => {
    await expect(loadBackend('abacus')).rejects.toThrow(BackendError);
    await expect(loadBackend('abacus')).rejects.toThrow(/'tensorflow' or 'wasm'/);
  });

  test('describes what it loaded', async () => {
    const { tf, description } = await loadBackend('wasm');
    expect(description).toEqual({ backend: 'wasm', version: '4.22.0', device: 'cpu' });
    expect(tf.getBackend()).toBe('wasm');
  });
});

describe.each(await availableBackends())('operations on %s', (name) => {
  let backend: Backend;
  afterAll(() => expect(backend.tf.memory().numTensors).toBe(0));

  test('matMul agrees with sums of products, for one matrix and for one per member, gradients too', async () => {
    backend = await loadBackend(name);
    const { tf } = backend;
    const [a, b] = [Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)), new Float32Array(40)];
    b.forEach((_, i) => (b[i] = Math.cos(2 * i)));
    tf.tidy(() => {
      const [left, right] = [tf.tensor(a, [2, 3, 4]), tf.tensor(b, [2, 4, 5])];
      const product = matMul(tf, left, right).dataSync();
      const expected = [];
      for (let m = 0; m < 2; m++)
        for (let i = 0; i < 3; i++)
          for (let j = 0; j < 5; j++) {
            let sum = 0;
            for (let k = 0; k < 4; k++) sum += a[12 * m + 4 * i + k]! * b[20 * m + 5 * k + j]!;
            expected.push(sum);
          }
      expected.forEach((value, i) => expect(product[i]).toBeCloseTo(value, 5));
      const [da, db] = tf.grads((x, y) => tf.sum(tf.square(matMul(tf, x, y))))([left, right]);
      const [ea, eb] = tf.grads((x, y) =>
        tf.sum(tf.square(tf.sum(tf.mul(tf.expandDims(x, 3), tf.expandDims(y, 1)), 2))),
      )([left, right]);
      expect(tf.max(tf.abs(tf.sub(da!, ea!))).dataSync()[0]).toBeLessThan(1e-4);
      expect(tf.max(tf.abs(tf.sub(db!, eb!))).dataSync()[0]).toBeLessThan(1e-4);
      const flat = matMul(tf, tf.reshape(left, [6, 4]), tf.slice(tf.reshape(right, [8, 5]), 0, 4));
      expect(flat.dataSync()[0]).toBeCloseTo(expected[0]!, 5);
    });
  });

  test('silu has the gradient of x · sigmoid(x); stopGradient lets none through', async () => {
    backend = await loadBackend(name);
    const { tf } = backend;
    tf.tidy(() => {
      const x = tf.tensor1d([-3, -0.5, 0, 1, 4]);
      const found = tf
        .grad((y) => tf.sum(silu(tf, y)))(x)
        .dataSync();
      const expected = tf
        .grad((y) => tf.sum(tf.mul(y, tf.sigmoid(y))))(x)
        .dataSync();
      expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 5));
      const stopped = tf
        .grad((y) => tf.sum(tf.mul(y, stopGradient(tf, y))))(x)
        .dataSync();
      expect(Array.from(stopped)).toEqual([-3, -0.5, 0, 1, 4]);
    });
  });
});
