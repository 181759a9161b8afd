import { describe, expect, test } from 'vitest';
import { random } from '../../src/crystal/random.ts';
import { conformalFactor, conformalMiscalibrationArea } from '../../src/models/conformal.ts';

/** Errors far from normal: most are small, one in ten is ten times larger; σ is wrong by a factor that varies. */
function heavyTailed(count: number, seed: number) {
  const source = random('heavy', seed);
  const rows = Array.from({ length: count }, () => {
    const error = source.normal() * (source.uniform() < 0.1 ? 1 : 0.1);
    return { value: 5 + error, mean: 5, sigma: 0.05 + 0.3 * source.uniform() };
  });
  return {
    value: rows.map(({ value }) => value),
    mean: rows.map(({ mean }) => mean),
    sigma: rows.map(({ sigma }) => sigma),
  };
}

function held(rows: ReturnType<typeof heavyTailed>, factor: number): number {
  const inside = rows.value.filter(
    (y, i) => Math.abs(y - (rows.mean[i] as number)) <= factor * (rows.sigma[i] as number),
  );
  return inside.length / rows.value.length;
}

describe('conformalFactor', () => {
  test('its intervals hold what they promise, however wrong σ and the normal law are', () => {
    const shares = Array.from({ length: 200 }, (_, seed) =>
      held(heavyTailed(400, 1000 + seed), conformalFactor(heavyTailed(60, seed), 0.9)),
    );
    const share = shares.reduce((sum, x) => sum + x, 0) / shares.length;
    // Between p and p + 1 / (n + 1) in expectation, ± 3 standard errors of 200 repetitions.
    expect(share).toBeGreaterThan(0.9 - 0.01);
    expect(share).toBeLessThan(0.9 + 1 / 61 + 0.01);
  });

  test('is the rank that the theory names', () => {
    const score = [0.5, 0.1, 0.4, 0.2, 0.3, 0.9, 0.8, 0.7, 0.6];
    const rows = { value: score, mean: score.map(() => 0), sigma: score.map(() => 1) };
    expect(conformalFactor(rows, 0.5)).toBe(0.5);
    expect(conformalFactor(rows, 0.9)).toBe(0.9);
  });

  test('promises nothing from too few residuals', () => {
    const eight = { value: [1, 2, 3, 4, 5, 6, 7, 8], mean: Array(8).fill(0), sigma: Array(8).fill(1) };
    expect(conformalFactor(eight, 0.9)).toBe(Infinity);
    expect(conformalFactor({ value: [], mean: [], sigma: [] }, 0.9)).toBe(Infinity);
  });

  test('refuses what is no probability', () => {
    expect(() => conformalFactor({ value: [1], mean: [1], sigma: [1] }, 90)).toThrow(/between 0 and 1/);
  });
});

describe('conformalMiscalibrationArea', () => {
  test('is small for rows like the honest ones, large for a σ that is wrong by another factor', () => {
    const [honest, asked] = [heavyTailed(2000, 1), heavyTailed(2000, 2)];
    expect(conformalMiscalibrationArea(honest, asked)).toBeLessThan(0.02);
    const bold = { ...asked, sigma: asked.sigma.map((sigma) => sigma / 3) };
    expect(conformalMiscalibrationArea(honest, bold)).toBeGreaterThan(0.1);
  });
});
