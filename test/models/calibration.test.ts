import { describe, expect, test } from 'vitest';
import { distribution } from '../../src/selection/normal.ts';
import { random } from '../../src/crystal/random.ts';
import {
  coverage,
  expectedNormalisedCalibrationError,
  fitRecalibration,
  meanSquaredZ,
  miscalibrationArea,
  rankedProbabilityScore,
} from '../../src/models/calibration.ts';
import type { Predicted } from '../../src/models/calibration.ts';

/** Values drawn around their means with `truth` standard deviations, while σ claims another. */
function drawn(count: number, claim: (truth: number) => number): Predicted {
  const source = random(3, 'drawn');
  const truths = Array.from({ length: count }, () => 0.1 + source.uniform());
  const mean = truths.map(() => 10 * source.normal());
  return {
    mean,
    value: mean.map((m, i) => m + (truths[i] as number) * source.normal()),
    sigma: truths.map(claim),
  };
}

describe('calibration figures', () => {
  test('an honest σ is perfect within sampling error', () => {
    const honest = drawn(20_000, (truth) => truth);
    expect(miscalibrationArea(honest)).toBeLessThan(0.01);
    expect(coverage(honest, 0.9)).toBeCloseTo(0.9, 1.9);
    expect(meanSquaredZ(honest)).toBeCloseTo(1, 1);
    expect(expectedNormalisedCalibrationError(honest, 10)).toBeLessThan(0.03);
  });

  test('a σ twice too small shows in every figure as theory says', () => {
    const bold = drawn(20_000, (truth) => truth / 2);
    expect(meanSquaredZ(bold)).toBeCloseTo(4, 0);
    expect(coverage(bold, 0.9)).toBeCloseTo(2 * distribution(1.6449 / 2) - 1, 1.9);
    // RMV is half the RMSE in each bin: |1/2 - 1| / (1/2) = 1.
    expect(expectedNormalisedCalibrationError(bold, 10)).toBeCloseTo(1, 1);
    expect(miscalibrationArea(bold)).toBeGreaterThan(0.15);
  });

  test('the worst area is one half', () => {
    const never = { value: [1, 2, 3], mean: [0, 0, 0], sigma: [1e-9, 1e-9, 1e-9] };
    expect(miscalibrationArea(never)).toBeCloseTo(0.49, 1);
  });

  test('the ranked probability score is the distance to the value without uncertainty, and known at the mean', () => {
    const sharp = { value: [1], mean: [0.4], sigma: [1e-9] };
    expect(rankedProbabilityScore(sharp)[0]).toBeCloseTo(0.6, 6);
    // σ (√2 − 1) / √π at the mean.
    expect(rankedProbabilityScore({ value: [0], mean: [0], sigma: [2] })[0]).toBeCloseTo(0.46739, 5);
  });
});

describe('fitRecalibration', () => {
  test('recovers a scale and a floor', () => {
    const { scale, floor } = fitRecalibration(drawn(2000, (truth) => (truth - 0.1) / 2));
    expect(scale).toBeGreaterThan(1.8);
    expect(scale).toBeLessThan(2.2);
    expect(floor).toBeGreaterThan(0.06);
    expect(floor).toBeLessThan(0.14);
  });

  test('leaves an honest σ nearly alone, also with few residuals', () => {
    // Three standard errors of a spread estimated from so many residuals, 3 / √(2n).
    for (const count of [8, 500]) {
      const { scale, floor } = fitRecalibration(drawn(count, (truth) => truth));
      const middling = (0.6 * scale + floor) / 0.6;
      expect(Math.abs(Math.log(middling))).toBeLessThan(3 / Math.sqrt(2 * count));
    }
    expect(fitRecalibration({ value: [], mean: [], sigma: [] })).toEqual({ scale: 1, floor: 0 });
  });

  test('one perfect guess does not make σ vanish', () => {
    const { scale, floor } = fitRecalibration({ value: [0, 1], mean: [0, 0], sigma: [0.1, 0.1] });
    expect(scale * 0.1 + floor).toBeGreaterThan(0.1);
  });
});
