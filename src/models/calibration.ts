import { density, distribution } from '../selection/normal.ts';

/** Predictions beside what was measured; three arrays of one length, one unit. */
export interface Predicted {
  readonly value: readonly number[];
  readonly mean: readonly number[];
  readonly sigma: readonly number[];
}

/** σ' = scale · σ + floor, in the unit of σ. */
export interface Recalibration {
  readonly scale: number;
  readonly floor: number;
}

/**
 * The recalibration of largest likelihood on honest residuals (Palmer et al. 2022), held near scale 1 and floor 0 by
 * a weak log-normal prior that only matters when there are few. No residuals: no change.
 */
export function fitRecalibration({ value, mean, sigma }: Predicted): Recalibration {
  if (value.length === 0) return { scale: 1, floor: 0 };
  const residual = value.map((y, i) => y - (mean[i] as number));
  const typical = Math.sqrt(residual.reduce((sum, r) => sum + r * r, 0) / residual.length) || 1e-6;
  const cost = (logScale: number, floor: number): number => {
    let sum = 0.5 * logScale ** 2;
    residual.forEach((r, i) => {
      const s = Math.max(Math.exp(logScale) * (sigma[i] as number) + floor, 1e-3 * typical);
      sum += Math.log(s) + 0.5 * (r / s) ** 2;
    });
    return sum;
  };
  const floors = [0, ...Array.from({ length: 31 }, (_, i) => typical * 10 ** (-2.5 + i / 10))];
  let best = { cost: Infinity, scale: 1, floor: 0 };
  for (const floor of floors) {
    const logScale = minimise((x) => cost(x, floor), { from: -4, to: 3 });
    const found = cost(logScale, floor);
    if (found < best.cost) best = { cost: found, scale: Math.exp(logScale), floor };
  }
  return { scale: best.scale, floor: best.floor };
}

/**
 * What to divide log-odds by so that probabilities are most likely (Guo et al., ICML 2017), held near 1 by a weak
 * log-normal prior that only matters when there are few. A probability is the mean over its log-odds, one a member.
 */
export function fitTemperature(
  logOdds: readonly (readonly number[])[],
  happened: readonly boolean[],
): number {
  const cost = (logTemperature: number): number => {
    const factor = Math.exp(-logTemperature);
    let sum = 0.5 * logTemperature ** 2;
    logOdds.forEach((members, i) => {
      const mean = members.reduce((total, x) => total + 1 / (1 + Math.exp(-factor * x)), 0) / members.length;
      sum -= Math.log(Math.max(1e-9, happened[i] === true ? mean : 1 - mean));
    });
    return sum;
  };
  return Math.exp(minimise(cost, { from: -3, to: 4 }));
}

/** Golden-section search, after a coarse scan that finds the right valley. */
function minimise(cost: (x: number) => number, { from, to }: { from: number; to: number }): number {
  const SCAN = 28;
  const step = (to - from) / SCAN;
  let lowest = from;
  for (let i = 1; i <= SCAN; i++) if (cost(from + i * step) < cost(lowest)) lowest = from + i * step;
  let [left, right] = [lowest - step, lowest + step];
  const golden = (Math.sqrt(5) - 1) / 2;
  for (let i = 0; i < 24; i++) {
    const [l, r] = [right - golden * (right - left), left + golden * (right - left)];
    if (cost(l) < cost(r)) right = r;
    else left = l;
  }
  return (left + right) / 2;
}

/** |value - mean| / σ. */
function absoluteZ({ value, mean, sigma }: Predicted): number[] {
  return value.map((y, i) => Math.abs(y - (mean[i] as number)) / (sigma[i] as number));
}

/**
 * Area between the observed share within the central interval of nominal probability p and p itself, over p in
 * [0, 1] (Uncertainty Toolbox, 100 levels): 0 is perfect, 0.5 the worst.
 */
export function miscalibrationArea(predicted: Predicted): number {
  const LEVELS = 100;
  // The smallest central interval that holds the value has probability 2 Φ(|z|) - 1.
  const needed = absoluteZ(predicted).map((z) => 2 * distribution(z) - 1);
  let area = 0;
  for (let level = 0; level < LEVELS; level++) {
    const p = level / (LEVELS - 1);
    const observed = needed.filter((x) => x <= p).length / needed.length;
    area += Math.abs(observed - p) / LEVELS;
  }
  return area;
}

/** Share of values within the central interval of the nominal probability. */
export function coverage(predicted: Predicted, probability: number): number {
  const z = absoluteZ(predicted);
  return z.filter((x) => 2 * distribution(x) - 1 <= probability).length / z.length;
}

/** Mean of ((value - mean) / σ)²; 1 is perfect. */
export function meanSquaredZ(predicted: Predicted): number {
  const z = absoluteZ(predicted);
  return z.reduce((sum, x) => sum + x * x, 0) / z.length;
}

/** Expected normalised calibration error over `bins` equal bins of rising σ: mean of |RMV - RMSE| / RMV. */
export function expectedNormalisedCalibrationError(predicted: Predicted, bins: number): number {
  const order = predicted.sigma.map((_, i) => i);
  order.sort((l, r) => (predicted.sigma[l] as number) - (predicted.sigma[r] as number));
  let sum = 0;
  for (let bin = 0; bin < bins; bin++) {
    const rows = order.slice(
      Math.floor((bin * order.length) / bins),
      Math.floor(((bin + 1) * order.length) / bins),
    );
    const rootMean = (of: (row: number) => number): number =>
      Math.sqrt(rows.reduce((total, row) => total + of(row) ** 2, 0) / rows.length);
    const rmv = rootMean((row) => predicted.sigma[row] as number);
    const rmse = rootMean((row) => (predicted.value[row] as number) - (predicted.mean[row] as number));
    sum += Math.abs(rmv - rmse) / rmv;
  }
  return sum / bins;
}

/**
 * Continuous ranked probability score of each value under its normal prediction, in the values' unit; lower is better
 * (Gneiting and Raftery 2007, eq. 21): σ [z (2Φ(z) − 1) + 2φ(z) − 1/√π].
 */
export function rankedProbabilityScore({ value, mean, sigma }: Predicted): number[] {
  return value.map((y, i) => {
    const s = sigma[i] as number;
    const z = (y - (mean[i] as number)) / s;
    return s * (z * (2 * distribution(z) - 1) + 2 * density(z) - 1 / Math.sqrt(Math.PI));
  });
}
