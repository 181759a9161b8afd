import type { Predicted } from './calibration.ts';

/**
 * How many σ on either side of the mean hold a new value with at least this probability, whatever the distribution of
 * the errors, as long as new rows are drawn like these: the ⌈(n + 1) p⌉-th smallest |value − mean| / σ of n honest
 * residuals (split conformal prediction with normalised scores; Angelopoulos and Bates, Found. Trends Mach. Learn. 16,
 * 494 (2023), sections 1 and 2.3.2). Infinite when n < p / (1 − p): so few cannot promise it.
 */
export function conformalFactor({ value, mean, sigma }: Predicted, probability: number): number {
  if (!(probability > 0 && probability < 1))
    throw new RangeError(`no interval holds a share of ${probability}: give a probability between 0 and 1`);
  const scores = value.map((y, i) => Math.abs(y - (mean[i] as number)) / (sigma[i] as number));
  scores.sort((l, r) => l - r);
  return scores[Math.ceil((scores.length + 1) * probability) - 1] ?? Infinity;
}

/**
 * Area between the share of values that conformal intervals of probability p hold and p itself, over p in [0, 1] (100
 * levels, as in `miscalibrationArea`, but with intervals from honest residuals in place of a normal distribution).
 */
export function conformalMiscalibrationArea(honest: Predicted, asked: Predicted): number {
  const LEVELS = 100;
  const scores = asked.value.map(
    (y, i) => Math.abs(y - (asked.mean[i] as number)) / (asked.sigma[i] as number),
  );
  let area = 0;
  for (let level = 1; level < LEVELS - 1; level++) {
    const probability = level / (LEVELS - 1);
    const factor = conformalFactor(honest, probability);
    const held = scores.filter((score) => score <= factor).length / scores.length;
    area += Math.abs(held - probability) / LEVELS;
  }
  return area;
}
