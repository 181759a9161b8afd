import type { Fitted, Method } from './method.ts';
import { requireRows } from './method.ts';
import type { NormalEquations } from './normal-equations.ts';
import { interceptOf, meanSquaredResidual, normalEquations } from './normal-equations.ts';
import { linearMean } from './ridge.ts';
import { distanceSpread, spreadByDistance } from './spread.ts';
import type { Table } from './table.ts';

/** Penalties tried: from the one that leaves no weight down to a thousandth of it. */
const PENALTIES = 20;
const SMALLEST = 1e-3;
const SWEEPS = 50;

/**
 * LASSO: coordinate descent on the normal equations along a path of falling penalties (Friedman, Hastie and
 * Tibshirani, J. Stat. Softw. 33 (2010)), the penalty chosen by generalised cross-validation with the number of
 * weights in use as degrees of freedom (Zou, Hastie and Tibshirani 2007).
 */
export const lasso: Method = {
  fit(table: Table, values: Float64Array): Fitted {
    requireRows(table, values, 'LASSO');
    const equations = normalEquations(table, values);
    const { rows, width, moment } = equations;
    const largest = moment.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const weights = new Float64Array(width);
    let best = { score: Infinity, weights: weights.slice() };
    for (let step = 0; step < PENALTIES; step++) {
      descend(equations, weights, largest * SMALLEST ** (step / (PENALTIES - 1)));
      const used = 1 + weights.reduce((count, w) => count + (w === 0 ? 0 : 1), 0);
      if (used >= rows) break;
      const score = meanSquaredResidual(equations, weights) / (1 - used / rows) ** 2;
      if (score < best.score) best = { score, weights: weights.slice() };
    }
    return {
      weights: Float32Array.from(best.weights),
      intercept: Float32Array.of(interceptOf(equations, best.weights)),
      ...distanceSpread(table),
    };
  },
  predict: (fitted, table) => ({ mean: linearMean(fitted, table), sigma: spreadByDistance(fitted, table) }),
};

/** Cyclic descent, in place, until no weight moves by more than a thousandth of the values' deviation. */
function descend(
  { width, gram, moment, square }: NormalEquations,
  weights: Float64Array,
  penalty: number,
): void {
  // moment - gram · weights: what each column still sees of the residual.
  const gradient = moment.slice();
  const shift = (k: number, by: number): void => {
    for (let j = 0; j < width; j++)
      gradient[j] = (gradient[j] as number) - by * (gram[k * width + j] as number);
  };
  weights.forEach((w, k) => w !== 0 && shift(k, w));
  const tolerance = 1e-3 * Math.sqrt(square);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = 0;
    for (let k = 0; k < width; k++) {
      const norm = gram[k * width + k] as number;
      if (norm < 1e-9) continue;
      const old = weights[k] as number;
      const seen = (gradient[k] as number) + norm * old;
      const updated = (Math.sign(seen) * Math.max(0, Math.abs(seen) - penalty)) / norm;
      if (updated === old) continue;
      weights[k] = updated;
      shift(k, updated - old);
      moved = Math.max(moved, Math.abs(updated - old) * Math.sqrt(norm));
    }
    if (moved <= tolerance) break;
  }
}
