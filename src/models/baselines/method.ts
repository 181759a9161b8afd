import type { Table } from './table.ts';

/** Everything a fitted model is: named float32 arrays, so that a model read back is the same to the last bit. */
export type Fitted = Readonly<Record<string, Float32Array>>;

/** What a model says of n rows. */
export interface Prediction {
  /** [n] */
  readonly mean: Float64Array;
  /** [n], positive: how sure it is of each, before calibration. */
  readonly sigma: Float64Array;
}

export interface FitOptions {
  readonly seed: number;
  /** 'class': values are 0 or 1, and the mean is the probability of 1. */
  readonly kind?: 'value' | 'class';
}

/** A way to learn one value from standardised descriptors. Values are standardised too, except classes. */
export interface Method {
  /** Throws a RangeError without rows. */
  fit(table: Table, values: Float64Array, options: FitOptions): Fitted;
  predict(fitted: Fitted, table: Table): Prediction;
}

/** Where the values of the rows a model was fitted on are needed, they must be there. */
export function requireRows(table: Table, values: Float64Array, what: string): void {
  if (table.rows === 0) throw new RangeError(`${what} needs at least one row`);
  if (table.rows !== values.length) {
    throw new RangeError(
      `${what} was given ${table.rows} rows and ${values.length} values: give one for each`,
    );
  }
}

/** An array of a fitted model. Throws a RangeError when it is absent. */
export function part(fitted: Fitted, name: string): Float32Array {
  const values = fitted[name];
  if (!values) throw new RangeError(`the fitted model has no '${name}': it is of another method`);
  return values;
}

export function scalar(fitted: Fitted, name: string): number {
  return part(fitted, name)[0] as number;
}

export function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}
