import { describe, expect, test } from 'vitest';
import { random } from '../../src/crystal/random.ts';
import { type AdamWArrays, normOf, oneCycle, stepAdamW } from '../../src/models/adamw.ts';

function arraysOf(weights: readonly number[]): AdamWArrays {
  const zeros = (): Float32Array => new Float32Array(weights.length);
  return {
    weights: Float32Array.from(weights),
    averaged: Float32Array.from(weights),
    momentum: zeros(),
    variance: zeros(),
  };
}

describe('AdamW', () => {
  test('its first step has the length of the rate against the gradient, whatever the gradient’s size', () => {
    for (const size of [1e-3, 1, 1e3]) {
      const arrays = arraysOf([0, 0]);
      const gradient = Float32Array.from([size, -size]);
      stepAdamW(arrays, gradient, { from: 0, to: 2 }, { step: 1, rate: 0.1, clip: 1, decay: 0, keep: 0.9 });
      expect(arrays.weights[0]).toBeCloseTo(-0.1, 4);
      expect(arrays.weights[1]).toBeCloseTo(0.1, 4);
    }
  });

  test('finds the minimum of a badly scaled quadratic, and its average too', () => {
    const source = random('quadratic');
    const target = Array.from({ length: 5 }, () => source.normal());
    const arrays = arraysOf([0, 0, 0, 0, 0]);
    for (let step = 1; step <= 2000; step++) {
      const gradient = arrays.weights.map((x, i) => 10 ** (2 * (i - 2)) * (x - (target[i] as number)));
      const rate = 0.05 * oneCycle(step / 2000, 0.1);
      stepAdamW(arrays, gradient, { from: 0, to: 5 }, { step, rate, clip: 1, decay: 0, keep: 0.98 });
    }
    target.forEach((x, i) => {
      expect(arrays.weights[i]).toBeCloseTo(x, 2);
      expect(arrays.averaged[i]).toBeCloseTo(x, 2);
    });
  });

  test('decays weights by rate times decay where the gradient is zero, and touches no other part', () => {
    const arrays = arraysOf([2, 2, 2]);
    const part = { from: 1, to: 2 };
    stepAdamW(arrays, new Float32Array(3), part, { step: 1, rate: 0.1, clip: 1, decay: 0.5, keep: 0 });
    expect([...arrays.weights]).toEqual([2, Math.fround(1.9), 2]);
    expect(arrays.averaged[1]).toBe(arrays.weights[1]);
  });

  test('a norm is of the part alone', () => {
    expect(normOf(Float32Array.from([9, 3, 4, 9]), { from: 1, to: 3 })).toBe(5);
  });

  test('the rate rises to its peak at the end of the warm-up and falls to zero', () => {
    expect(oneCycle(0.05, 0.1)).toBeCloseTo(0.5);
    expect(oneCycle(0.1, 0.1)).toBe(1);
    expect(oneCycle(0.55, 0.1)).toBeCloseTo(0.5);
    expect(oneCycle(1, 0.1)).toBeCloseTo(0);
    expect(oneCycle(1.1, 0.1)).toBeCloseTo(0);
  });
});
