import { random } from '../../crystal/random.ts';
import { cholesky, solveCholesky, solveLower, squaredDistance } from './linear-algebra.ts';
import type { Method } from './method.ts';
import { meanOf, part, requireRows, scalar } from './method.ts';
import type { Table } from './table.ts';
import { pickRows } from './table.ts';

/** Exact up to so many rows; of more, so many are drawn: a fit costs their cube, a prediction their square. */
const MOST_ROWS = 1000;
/** Rows that the kernel is chosen on. */
const MOST_CHOICE_ROWS = 300;
/** In units of the median distance between rows. */
const LENGTHS = [0.25, 0.5, 1, 2, 4, 8];
/** Variance of the noise over that of the function. */
const NOISES = [1e-4, 1e-3, 1e-2, 5e-2, 0.2, 1];

/**
 * Gaussian process with a Matérn 5/2 kernel: length and noise climb a grid to the largest marginal likelihood,
 * the variance is in closed form (Rasmussen and Williams 2006, algorithm 2.1). The spread is the posterior's, with the noise.
 */
export const gaussianProcess: Method = {
  fit(table, values, { seed }) {
    requireRows(table, values, 'a Gaussian process');
    const order = random(seed, 'rows of a Gaussian process').shuffle(Array.from(values.keys()));
    const chosen = subset(table, values, order.slice(0, MOST_CHOICE_ROWS));
    const distances = squaredDistances(chosen.table);
    const unit = Math.sqrt(medianBelowDiagonal(distances, chosen.table.rows)) || 1;
    const best = mostLikely((length, noise) => ({
      length: length * unit,
      noise,
      ...marginalLikelihood(kernelMatrix(distances, length * unit), chosen.values, noise),
    }));
    const used = subset(
      table,
      values,
      order.slice(0, MOST_ROWS).sort((l, r) => l - r),
    );
    return {
      rows: used.table.values,
      values: Float32Array.from(used.values),
      length: Float32Array.of(best.length),
      noise: Float32Array.of(best.noise),
      variance: Float32Array.of(Math.max(best.variance, 1e-9)),
    };
  },
  predict(fitted, table) {
    const values = Float64Array.from(part(fitted, 'values'));
    const rows = { rows: values.length, width: table.width, values: part(fitted, 'rows') };
    const [length, noise, variance] = ['length', 'noise', 'variance'].map((name) => scalar(fitted, name)) as [
      number,
      number,
      number,
    ];
    const centre = meanOf(values);
    const lower = withNoise(kernelMatrix(squaredDistances(rows), length), rows.rows, noise);
    const weights = solveCholesky(
      lower,
      values.map((y) => y - centre),
    );
    const mean = new Float64Array(table.rows);
    const sigma = new Float64Array(table.rows);
    const covariance = new Float64Array(rows.rows);
    for (let query = 0; query < table.rows; query++) {
      const wanted = table.values.subarray(query * table.width, (query + 1) * table.width);
      let sum = centre;
      for (let i = 0; i < rows.rows; i++) {
        const k = matern(squaredDistance(rows.values, i * table.width, wanted), length);
        covariance[i] = k;
        sum += k * (weights[i] as number);
      }
      mean[query] = sum;
      solveLower(lower, covariance);
      const known = covariance.reduce((total, c) => total + c * c, 0);
      sigma[query] = Math.sqrt(variance * (Math.max(0, 1 - known) + noise));
    }
    return { mean, sigma };
  },
};

interface Likelihood {
  readonly evidence: number;
}

/** Climbs the grid of lengths and noises from its middle, to the best of the four neighbours, until none is better. */
function mostLikely<T extends Likelihood>(evaluate: (length: number, noise: number) => T): T {
  const seen = new Map<string, T>();
  const at = (i: number, j: number): T | null => {
    const [length, noise] = [LENGTHS[i], NOISES[j]];
    if (length === undefined || noise === undefined) return null;
    const key = `${i},${j}`;
    const found = seen.get(key) ?? evaluate(length, noise);
    seen.set(key, found);
    return found;
  };
  let [i, j] = [LENGTHS.length >> 1, NOISES.length >> 1];
  let best = at(i, j) as T;
  for (;;) {
    const [from, to] = [i, j];
    for (const [u, v] of [
      [from - 1, to],
      [from + 1, to],
      [from, to - 1],
      [from, to + 1],
    ] as const) {
      const found = at(u, v);
      if (found !== null && found.evidence > best.evidence) [best, i, j] = [found, u, v];
    }
    if (i === from && j === to) return best;
  }
}

function subset(
  table: Table,
  values: Float64Array,
  rows: readonly number[],
): { table: Table; values: Float64Array } {
  return { table: pickRows(table, rows), values: Float64Array.from(rows, (row) => values[row] as number) };
}

/** (1 + r + r²/3) exp(-r), r = √5 d / length. */
function matern(squared: number, length: number): number {
  const r = Math.sqrt(5 * squared) / length;
  return (1 + r + (r * r) / 3) * Math.exp(-r);
}

/** [n, n], the lower triangle; zeros elsewhere. */
function squaredDistances({ rows, width, values }: Table): Float64Array {
  const distances = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    const row = values.subarray(i * width, (i + 1) * width);
    for (let j = 0; j < i; j++) distances[i * rows + j] = squaredDistance(values, j * width, row);
  }
  return distances;
}

/** [n, n], of which the lower triangle means something. */
function kernelMatrix(distances: Float64Array, length: number): Float64Array {
  return distances.map((squared) => (squared === 0 ? 1 : matern(squared, length)));
}

/** Cholesky factor of kernel + noise, in place of the kernel. */
function withNoise(kernel: Float64Array, rows: number, noise: number): Float64Array {
  for (let i = 0; i < rows; i++) kernel[i * rows + i] = (kernel[i * rows + i] as number) + noise + 1e-8;
  return cholesky(kernel, rows);
}

/** Logarithm of the marginal likelihood, up to a constant, at the best variance; and that variance. Uses up the kernel. */
function marginalLikelihood(
  kernel: Float64Array,
  values: Float64Array,
  noise: number,
): { evidence: number; variance: number } {
  const n = values.length;
  const lower = withNoise(kernel, n, noise);
  const centre = meanOf(values);
  const whitened = solveLower(
    lower,
    values.map((y) => y - centre),
  );
  const variance = Math.max(1e-12, whitened.reduce((sum, u) => sum + u * u, 0) / n);
  let logDeterminant = 0;
  for (let i = 0; i < n; i++) logDeterminant += 2 * Math.log(lower[i * n + i] as number);
  return { evidence: -0.5 * (n * Math.log(variance) + logDeterminant), variance };
}

function medianBelowDiagonal(distances: Float64Array, rows: number): number {
  const below = distances.filter((_, at) => at % rows < Math.floor(at / rows)).sort();
  return below[below.length >> 1] ?? 0;
}
