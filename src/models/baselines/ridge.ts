/** A linear model y = intercept + x · weights. */
export interface Ridge {
  predict(row: readonly number[]): number;
}

/**
 * Ridge regression on standardised rows, the penalty (per row) chosen from a few by generalised cross-validation
 * (Golub, Heath and Wahba 1979). Throws a RangeError without rows.
 */
export function fitRidge(rows: readonly (readonly number[])[], values: readonly number[]): Ridge {
  if (rows.length === 0) throw new RangeError('ridge regression needs at least one row');
  const intercept = values.reduce((sum, value) => sum + value, 0) / values.length;
  const width = (rows[0] as readonly number[]).length;
  const gram = Array.from({ length: width }, (_, i) =>
    Array.from({ length: width }, (_, j) =>
      rows.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), 0),
    ),
  );
  const target = Array.from({ length: width }, (_, i) =>
    rows.reduce((sum, row, k) => sum + (row[i] as number) * ((values[k] as number) - intercept), 0),
  );
  let best: { score: number; weights: number[] } | null = null;
  for (const penalty of [1e-3, 1e-2, 1e-1, 1, 10]) {
    const damped = gram.map((line, i) => line.map((x, j) => (i === j ? x + penalty * rows.length : x)));
    const factor = cholesky(damped);
    const weights = solve(factor, target);
    const error = rows.reduce(
      (sum, row, k) => sum + ((values[k] as number) - intercept - dot(row, weights)) ** 2,
      0,
    );
    // Trace of the hat matrix: trace(G (G + λI)⁻¹), one for the intercept.
    let freedom = 1;
    for (let i = 0; i < width; i++) freedom += solve(factor, gram[i] as number[])[i] as number;
    const score = error / Math.max(1e-6, 1 - freedom / rows.length) ** 2;
    if (best === null || score < best.score) best = { score, weights };
  }
  const { weights } = best as { weights: number[] };
  return { predict: (row) => intercept + dot(row, weights) };
}

function dot(l: readonly number[], r: readonly number[]): number {
  return l.reduce((sum, x, i) => sum + x * (r[i] as number), 0);
}

/** Lower triangle L with L Lᵀ = m, for a positive definite m. */
function cholesky(m: readonly (readonly number[])[]): number[][] {
  const lower: number[][] = m.map((row) => row.map(() => 0));
  m.forEach((row, i) => {
    const target = lower[i] as number[];
    for (let j = 0; j <= i; j++) {
      const other = lower[j] as number[];
      let sum = row[j] as number;
      for (let k = 0; k < j; k++) sum -= (target[k] as number) * (other[k] as number);
      target[j] = i === j ? Math.sqrt(sum) : sum / (other[j] as number);
    }
  });
  return lower;
}

/** x with L Lᵀ x = b. */
function solve(lower: readonly (readonly number[])[], b: readonly number[]): number[] {
  const x = [...b];
  const at = (i: number, j: number): number => (lower[i] as readonly number[])[j] as number;
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i] = (x[i] as number) - at(i, k) * (x[k] as number);
    x[i] = (x[i] as number) / at(i, i);
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i] = (x[i] as number) - at(k, i) * (x[k] as number);
    x[i] = (x[i] as number) / at(i, i);
  }
  return x;
}
