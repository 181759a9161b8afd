/** What AdamW changes, arrays of one length: weights, their average, and the gradient's two running moments. */
export interface AdamWArrays {
  readonly weights: Float32Array;
  readonly averaged: Float32Array;
  readonly momentum: Float32Array;
  readonly variance: Float32Array;
}

export interface AdamWStep {
  /** From 1. */
  readonly step: number;
  readonly rate: number;
  /** Factor on the gradient, at most 1. */
  readonly clip: number;
  /** Weight decay per step is this times the rate. */
  readonly decay: number;
  /** Share of the average that stays, at most: early averages forget faster. */
  readonly keep: number;
}

const BETA_1 = 0.9;
const BETA_2 = 0.98;
const EPSILON = 1e-8;

/**
 * One step of AdamW (Loshchilov and Hutter, ICLR 2019) in place for the numbers from `from` to `to`. One loop over plain
 * arrays: as tensor operations, each with its own pass over memory, it took 8 to 13 ms a step at 228,000 weights.
 */
export function stepAdamW(
  { weights, averaged, momentum, variance }: AdamWArrays,
  gradient: Float32Array,
  { from, to }: { readonly from: number; readonly to: number },
  { step, rate, clip, decay, keep }: AdamWStep,
): void {
  const correct1 = 1 / (1 - BETA_1 ** step);
  const correct2 = 1 / (1 - BETA_2 ** step);
  const kept = Math.min(keep, step / (step + 10));
  const factors = Float64Array.of(clip, rate, decay, correct1, correct2, kept);
  moveWeights([weights, averaged, momentum, variance, gradient], factors, from, to);
}

/**
 * The loop of `stepAdamW`, which takes nothing but arrays and numbers: with the callers' objects as its arguments it ran a
 * dozen times slower from some hundred steps on (Node 20), as if V8 had dropped what it had compiled for their shapes.
 */
function moveWeights(arrays: readonly Float32Array[], factors: Float64Array, from: number, to: number): void {
  const [weights, averaged, momentum, variance, gradient] = arrays as FiveArrays;
  const [clip, rate, decay, correct1, correct2, kept] = factors as unknown as SixNumbers;
  for (let k = from; k < to; k++) {
    const g = clip * (gradient[k] as number);
    const m = BETA_1 * (momentum[k] as number) + (1 - BETA_1) * g;
    const v = BETA_2 * (variance[k] as number) + (1 - BETA_2) * g * g;
    const old = weights[k] as number;
    const now = old - rate * ((m * correct1) / (Math.sqrt(v * correct2) + EPSILON) + decay * old);
    momentum[k] = m;
    variance[k] = v;
    weights[k] = now;
    averaged[k] = kept * (averaged[k] as number) + (1 - kept) * now;
  }
}

type FiveArrays = [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];
type SixNumbers = [number, number, number, number, number, number];

/** Euclidean norm of the numbers from `from` to `to`. */
export function normOf(gradient: Float32Array, { from, to }: { from: number; to: number }): number {
  let square = 0;
  for (let k = from; k < to; k++) square += (gradient[k] as number) ** 2;
  return Math.sqrt(square);
}

/**
 * Share of the peak learning rate after a share `progress` of all steps: a linear rise to 1 over the warm-up, then half
 * a cosine down to zero (one cycle; Smith and Topin 2018).
 */
export function oneCycle(progress: number, warmUp: number): number {
  if (progress < warmUp) return progress / warmUp;
  return 0.5 * (1 + Math.cos((Math.PI * (Math.min(1, progress) - warmUp)) / (1 - warmUp)));
}
