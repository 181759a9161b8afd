/** Rows of descriptors, flat and row-major. */
export interface Table {
  readonly rows: number;
  readonly width: number;
  /** [rows, width] */
  readonly values: Float32Array;
}

/** The given rows of a table, in the given order. */
export function pickRows({ width, values }: Table, rows: readonly number[]): Table {
  const picked = new Float32Array(rows.length * width);
  rows.forEach((row, index) => picked.set(values.subarray(row * width, (row + 1) * width), index * width));
  return { rows: rows.length, width, values: picked };
}

/** What brings columns to mean 0 and variance 1. */
export interface Standardiser {
  /** [width] */
  readonly mean: Float32Array;
  /** [width], 0 for a column that does not vary: it becomes 0. */
  readonly factor: Float32Array;
}

/** Means and deviations of the table's columns. Throws a RangeError without rows. */
export function standardiserOf({ rows, width, values }: Table): Standardiser {
  if (rows === 0) throw new RangeError('cannot standardise a table without rows: give at least one');
  const sum = new Float64Array(width);
  for (let at = 0; at < values.length; at++)
    sum[at % width] = (sum[at % width] as number) + (values[at] as number);
  const mean = Float32Array.from(sum, (x) => x / rows);
  const squares = new Float64Array(width);
  for (let at = 0; at < values.length; at++) {
    const k = at % width;
    squares[k] = (squares[k] as number) + ((values[at] as number) - (mean[k] as number)) ** 2;
  }
  const factor = Float32Array.from(squares, (square, k) => {
    const deviation = Math.sqrt(square / rows);
    return deviation > 1e-6 * (1 + Math.abs(mean[k] as number)) ? 1 / deviation : 0;
  });
  return { mean, factor };
}

/** How far a standardised value may lie out: a column that barely varied says no more than this of a new row. */
const FARTHEST = 10;

export function standardise({ mean, factor }: Standardiser, table: Table): Table {
  const values = table.values.map((x, at) => {
    const k = at % table.width;
    const z = (x - (mean[k] as number)) * (factor[k] as number);
    return Math.max(-FARTHEST, Math.min(FARTHEST, z));
  });
  return { ...table, values };
}

/** The same numbers column by column, [width, rows] flat. */
export function columnsOf({ rows, width, values }: Table): Float32Array {
  const columns = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < width; k++) columns[k * rows + row] = values[row * width + k] as number;
  }
  return columns;
}
