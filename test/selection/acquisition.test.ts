import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '../../src/crystal/random.ts';
import { expectedImprovementBelow, hullWorth, probabilityInside } from '../../src/selection/acquisition.ts';
import { distribution } from '../../src/selection/normal.ts';

const mean = fc.double({ min: -3, max: 3, noNaN: true });
const sigma = fc.double({ min: 0.01, max: 2, noNaN: true });

describe('normal distribution', () => {
  test('agrees with tabulated values', () => {
    // Abramowitz and Stegun, table 26.1.
    for (const [z, p] of [
      [0, 0.5],
      [1, 0.841344746],
      [1.96, 0.975002105],
      [-2.5, 0.006209665],
    ] as const) {
      expect(distribution(z)).toBeCloseTo(p, 6);
    }
  });
});

describe('expected improvement', () => {
  test('agrees with sampling', () => {
    const source = random(7);
    const samples = Array.from({ length: 200_000 }, () => Math.max(0, 0.1 - (0.05 + 0.2 * source.normal())));
    const sampled = samples.reduce((sum, x) => sum + x, 0) / samples.length;
    expect(expectedImprovementBelow({ mean: 0.05, sigma: 0.2 }, 0.1)).toBeCloseTo(sampled, 2);
  });

  test('is at least the improvement of the mean, and grows with sigma and with the limit', () => {
    fc.assert(
      fc.property(mean, sigma, mean, (mu, s, limit) => {
        const value = expectedImprovementBelow({ mean: mu, sigma: s }, limit);
        expect(value).toBeGreaterThanOrEqual(Math.max(0, limit - mu) - 1e-6);
        expect(expectedImprovementBelow({ mean: mu, sigma: 1.5 * s }, limit)).toBeGreaterThanOrEqual(
          value - 1e-6,
        );
        expect(expectedImprovementBelow({ mean: mu, sigma: s }, limit + 0.1)).toBeGreaterThanOrEqual(
          value - 1e-6,
        );
      }),
    );
  });

  test('without uncertainty it is the plain improvement', () => {
    expect(expectedImprovementBelow({ mean: -0.2, sigma: 0 }, 0)).toBeCloseTo(0.2);
    expect(expectedImprovementBelow({ mean: 0.2, sigma: 0 }, 0)).toBe(0);
  });
});

describe('worth to a hull', () => {
  test('near the limit the surer candidate counts; far below it the deeper one', () => {
    const near = (mu: number, s: number) => hullWorth({ mean: mu, sigma: s }, 0);
    expect(near(-0.01, 0.005)).toBeGreaterThan(near(0.02, 0.1));
    expect(near(-0.5, 0.05)).toBeGreaterThan(near(-0.3, 0.05));
  });
});

describe('probability inside windows', () => {
  test('is a probability; a wider window never holds less', () => {
    fc.assert(
      fc.property(mean, sigma, mean, fc.double({ min: 0, max: 2, noNaN: true }), (mu, s, min, width) => {
        const belief = [{ mean: mu, sigma: s }];
        const narrow = probabilityInside(belief, [{ min, max: min + width }]);
        const wide = probabilityInside(belief, [{ min: min - 0.5, max: min + width + 0.5 }]);
        expect(narrow).toBeGreaterThanOrEqual(0);
        expect(wide).toBeLessThanOrEqual(1);
        expect(wide).toBeGreaterThanOrEqual(narrow - 1e-6);
      }),
    );
  });

  test('one-sided windows on both sides of the mean sum to one', () => {
    const belief = [{ mean: 0.3, sigma: 0.4 }];
    const below = probabilityInside(belief, [{ min: -Infinity, max: 0.1 }]);
    const above = probabilityInside(belief, [{ min: 0.1, max: Infinity }]);
    expect(below + above).toBeCloseTo(1, 6);
  });
});
