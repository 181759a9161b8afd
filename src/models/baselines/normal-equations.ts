import { dotWithin } from './linear-algebra.ts';
import { meanOf } from './method.ts';
import type { Table } from './table.ts';
import { columnsOf } from './table.ts';

/** Least squares in short: everything a linear model needs of its rows. */
export interface NormalEquations {
  readonly rows: number;
  readonly width: number;
  /** XᵀX / n of the centred columns, [width, width]. */
  readonly gram: Float64Array;
  /** Xᵀ(y - ȳ) / n, [width]. */
  readonly moment: Float64Array;
  /** Σ (y - ȳ)² / n. */
  readonly square: number;
  /** ȳ. */
  readonly meanValue: number;
  /** [width] */
  readonly meanRow: Float64Array;
}

export function normalEquations(table: Table, values: Float64Array): NormalEquations {
  const { rows, width } = table;
  const columns = Float64Array.from(columnsOf(table));
  const meanValue = meanOf(values);
  const centred = values.map((y) => y - meanValue);
  const meanRow = new Float64Array(width);
  for (let k = 0; k < width; k++) {
    const column = columns.subarray(k * rows, (k + 1) * rows);
    const mean = meanOf(column);
    meanRow[k] = mean;
    column.forEach((x, row) => (column[row] = x - mean));
  }
  const gram = new Float64Array(width * width);
  const moment = new Float64Array(width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      const product = dotWithin(columns, i * rows, j * rows, rows) / rows;
      gram[i * width + j] = product;
      gram[j * width + i] = product;
    }
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      sum += (columns[i * rows + row] as number) * (centred[row] as number);
    }
    moment[i] = sum / rows;
  }
  const square = centred.reduce((sum, y) => sum + y * y, 0) / rows;
  return { rows, width, gram, moment, square, meanValue, meanRow };
}

/** Σ (y - ȳ - (x - x̄)·w)² / n, from the equations alone. */
export function meanSquaredResidual(
  { width, gram, moment, square }: NormalEquations,
  weights: Float64Array,
): number {
  let sum = square;
  for (let i = 0; i < width; i++) {
    const w = weights[i] as number;
    if (w === 0) continue;
    let product = 0;
    for (let j = 0; j < width; j++) product += (gram[i * width + j] as number) * (weights[j] as number);
    sum += w * (product - 2 * (moment[i] as number));
  }
  return Math.max(sum, 0);
}

/** The intercept that goes with weights on rows that are not centred. */
export function interceptOf({ meanValue, meanRow }: NormalEquations, weights: Float64Array): number {
  return weights.reduce((sum, w, k) => sum - w * (meanRow[k] as number), meanValue);
}
