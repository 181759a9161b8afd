import type { Tensor } from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { random } from '../../../src/crystal/random.ts';
import { loadBackend } from '../../../src/models/backend.ts';
import { passMessages } from '../../../src/models/surrogate/layer.ts';
import { availableBackends } from '../backends.ts';

const [members, crystals, sites, width] = [2, 3, 4, 5] as const;
const SHAPES = {
  h: [members, crystals * sites, width],
  filters: [members * crystals, sites, sites, width],
  ends: [members, width, 2 * width],
  gateBias: [members, 1, width],
  mix: [members, width, width],
  mixBias: [members, 1, width],
  update: [members, width, width],
};
const NAMES = Object.keys(SHAPES) as (keyof typeof SHAPES)[];
const backends = await availableBackends();

describe.each(backends)('passMessages on %s', (name) => {
  test.each(NAMES)('its written-out gradient by %s is the slope of finite steps', async (input) => {
    const { tf } = await loadBackend(name);
    const source = random('layer', input);
    const normal = (shape: readonly number[]): Tensor =>
      tf.tensor(
        Float32Array.from({ length: shape.reduce((product, x) => product * x, 1) }, () => source.normal()),
        [...shape],
      );
    const inputs = Object.fromEntries(NAMES.map((key) => [key, normal(SHAPES[key])])) as Record<
      keyof typeof SHAPES,
      Tensor
    >;
    const weights = normal(SHAPES.h);
    const value = (x: Tensor): Tensor => {
      const { h, filters, ...rest } = { ...inputs, [input]: x };
      return tf.sum(tf.mul(weights, passMessages(tf, h, filters, rest)));
    };
    const direction = normal(SHAPES[input]);
    const along = (step: number): number =>
      value(tf.add(inputs[input], tf.mul(direction, step))).dataSync()[0]!;
    const slope = tf.sum(tf.mul(tf.grad(value)(inputs[input]), direction)).dataSync()[0]!;
    const STEP = 3e-3;
    const finite = (along(STEP) - along(-STEP)) / (2 * STEP);
    expect(Math.abs(slope - finite)).toBeLessThan(0.02 * Math.max(1, Math.abs(finite)));
    expect(Math.abs(slope)).toBeGreaterThan(0.05);
  });
});
