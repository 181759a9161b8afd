import { cholesky, solveCholesky, solveLower, traceOfInverse } from './linear-algebra.ts';
import type { Fitted, Method } from './method.ts';
import { part, requireRows, scalar } from './method.ts';
import { interceptOf, meanSquaredResidual, normalEquations } from './normal-equations.ts';
import type { Table } from './table.ts';

const PENALTIES = [1e-4, 1e-3, 1e-2, 1e-1, 1, 10];

interface RidgeFit {
  readonly score: number;
  readonly noise: number;
  readonly weights: Float64Array;
  /** Cholesky factor of G + λI. */
  readonly lower: Float64Array;
}

/**
 * Ridge regression, the penalty (per row) chosen by generalised cross-validation (Golub, Heath and Wahba 1979). The
 * spread is that of Bayesian linear regression: σ² (1 + xᵀ (XᵀX + λI)⁻¹ x).
 */
export const ridge: Method = {
  fit(table: Table, values: Float64Array): Fitted {
    requireRows(table, values, 'ridge regression');
    const equations = normalEquations(table, values);
    const { rows, width, gram, moment } = equations;
    let best: RidgeFit = { score: Infinity, noise: 0, weights: new Float64Array(width), lower: gram };
    for (const penalty of PENALTIES) {
      const lower = gram.slice();
      for (let k = 0; k < width; k++) lower[k * width + k] = (lower[k * width + k] as number) + penalty;
      cholesky(lower, width);
      const weights = solveCholesky(lower, moment.slice());
      // Trace of the hat matrix, G (G + λI)⁻¹, and one for the mean.
      const freedom = 1 + width - penalty * traceOfInverse(lower, width);
      const left = Math.max(1e-6, 1 - freedom / rows);
      const error = meanSquaredResidual(equations, weights);
      const score = error / left ** 2;
      if (score < best.score) best = { score, noise: error / left, weights, lower };
    }
    return {
      weights: Float32Array.from(best.weights),
      intercept: Float32Array.of(interceptOf(equations, best.weights)),
      centre: Float32Array.from(equations.meanRow),
      noise: Float32Array.of(Math.sqrt(best.noise) || 1e-6),
      lower: Float32Array.from(best.lower),
      rows: Float32Array.of(rows),
    };
  },
  predict(fitted, table) {
    const mean = linearMean(fitted, table);
    const { width } = table;
    const lower = Float64Array.from(part(fitted, 'lower'));
    const centre = part(fitted, 'centre');
    const [noise, rows] = [scalar(fitted, 'noise'), scalar(fitted, 'rows')];
    const sigma = new Float64Array(table.rows);
    const x = new Float64Array(width);
    for (let row = 0; row < table.rows; row++) {
      for (let k = 0; k < width; k++) {
        x[k] = (table.values[row * width + k] as number) - (centre[k] as number);
      }
      solveLower(lower, x);
      const leverage = x.reduce((sum, u) => sum + u * u, 0) / rows;
      sigma[row] = noise * Math.sqrt(1 + 1 / rows + leverage);
    }
    return { mean, sigma };
  },
};

/** intercept + x · weights of each row. */
export function linearMean(fitted: Fitted, { rows, width, values }: Table): Float64Array {
  const weights = part(fitted, 'weights');
  const mean = new Float64Array(rows).fill(scalar(fitted, 'intercept'));
  for (let row = 0; row < rows; row++) {
    let sum = mean[row] as number;
    for (let k = 0; k < width; k++) sum += (values[row * width + k] as number) * (weights[k] as number);
    mean[row] = sum;
  }
  return mean;
}
