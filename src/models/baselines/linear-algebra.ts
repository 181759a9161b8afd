/** Symmetric positive definite systems, on flat row-major [n, n] matrices, and distances between rows. */

type Floats = Float32Array | Float64Array;

/** Sum of m[p + k] m[q + k] over k < length. Four sums, so that the processor overlaps them. */
export function dotWithin(m: Floats, p: number, q: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < length; k += 4) {
    s0 += (m[p + k] as number) * (m[q + k] as number);
    s1 += (m[p + k + 1] as number) * (m[q + k + 1] as number);
    s2 += (m[p + k + 2] as number) * (m[q + k + 2] as number);
    s3 += (m[p + k + 3] as number) * (m[q + k + 3] as number);
  }
  for (; k < length; k++) s0 += (m[p + k] as number) * (m[q + k] as number);
  return s0 + s1 + s2 + s3;
}

/** Squared Euclidean distance of the query from the row that starts at `from`. */
export function squaredDistance(rows: Floats, from: number, query: Floats): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < query.length; k += 4) {
    const d0 = (rows[from + k] as number) - (query[k] as number);
    const d1 = (rows[from + k + 1] as number) - (query[k + 1] as number);
    const d2 = (rows[from + k + 2] as number) - (query[k + 2] as number);
    const d3 = (rows[from + k + 3] as number) - (query[k + 3] as number);
    s0 += d0 * d0;
    s1 += d1 * d1;
    s2 += d2 * d2;
    s3 += d3 * d3;
  }
  for (; k < query.length; k++) s0 += ((rows[from + k] as number) - (query[k] as number)) ** 2;
  return s0 + s1 + s2 + s3;
}

/**
 * Lower triangle L with L Lᵀ = m, in place (what stands above the diagonal is left alone). Throws a RangeError when m
 * is not positive definite.
 */
export function cholesky(m: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    const p = i * n;
    for (let j = 0; j < i; j++) {
      const q = j * n;
      m[p + j] = ((m[p + j] as number) - dotWithin(m, p, q, j)) / (m[q + j] as number);
    }
    const pivot = (m[p + i] as number) - dotWithin(m, p, p, i);
    if (!(pivot > 0)) throw new RangeError(`the matrix is not positive definite (pivot ${i} is ${pivot})`);
    m[p + i] = Math.sqrt(pivot);
  }
  return m;
}

/** x with L x = b, in place of b. */
export function solveLower(lower: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  for (let i = 0; i < n; i++) {
    const p = i * n;
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let k = 0;
    for (; k + 3 < i; k += 4) {
      s0 += (lower[p + k] as number) * (b[k] as number);
      s1 += (lower[p + k + 1] as number) * (b[k + 1] as number);
      s2 += (lower[p + k + 2] as number) * (b[k + 2] as number);
      s3 += (lower[p + k + 3] as number) * (b[k + 3] as number);
    }
    for (; k < i; k++) s0 += (lower[p + k] as number) * (b[k] as number);
    b[i] = ((b[i] as number) - s0 - s1 - s2 - s3) / (lower[p + i] as number);
  }
  return b;
}

/** x with L Lᵀ x = b, in place of b. */
export function solveCholesky(lower: Float64Array, b: Float64Array): Float64Array {
  solveLower(lower, b);
  const n = b.length;
  for (let i = n - 1; i >= 0; i--) {
    const x = (b[i] as number) / (lower[i * n + i] as number);
    b[i] = x;
    for (let k = 0; k < i; k++) b[k] = (b[k] as number) - (lower[i * n + k] as number) * x;
  }
  return b;
}

/** Trace of (L Lᵀ)⁻¹: the squares of the entries of L⁻¹. */
export function traceOfInverse(lower: Float64Array, n: number): number {
  let trace = 0;
  const column = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = i === j ? 1 : 0;
      for (let k = j; k < i; k++) sum -= (lower[i * n + k] as number) * (column[k] as number);
      column[i] = sum / (lower[i * n + i] as number);
      trace += (column[i] as number) ** 2;
    }
  }
  return trace;
}
