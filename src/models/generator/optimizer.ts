import type { Weights } from './denoiser.ts';

/** Settings of a training run. */
export interface OptimizerOptions {
  readonly peakRate: number;
  readonly totalSteps: number;
  /** Share of the steps in which the rate rises. */
  readonly warmup: number;
  readonly weightDecay: number;
  /** Largest Euclidean norm of the whole gradient. */
  readonly clipNorm: number;
  /** Decay of the averaged weights per step, late in training. */
  readonly averageDecay: number;
}

/** Everything that changes while training; plain arrays, so that it can be written to a file and read back. */
export interface OptimizerState {
  step: number;
  readonly weights: Weights;
  readonly averaged: Weights;
  readonly momentum: Weights;
  readonly variance: Weights;
}

const BETA1 = 0.9;
const BETA2 = 0.98;
const EPSILON = 1e-8;

export function copyWeights(weights: Weights, fill?: number): Weights {
  return new Map(
    [...weights].map(([name, { shape, values }]) => [
      name,
      { shape, values: fill === undefined ? values.slice() : new Float32Array(values.length).fill(fill) },
    ]),
  );
}

export function startOptimizer(weights: Weights): OptimizerState {
  return {
    step: 0,
    weights: copyWeights(weights),
    averaged: copyWeights(weights),
    momentum: copyWeights(weights, 0),
    variance: copyWeights(weights, 0),
  };
}

/** The learning rate of a step: linear rise, then half a cosine down to zero (one cycle, Smith and Topin 2018). */
export function learningRate(step: number, options: OptimizerOptions): number {
  const rise = options.warmup * options.totalSteps;
  if (step < rise) return (options.peakRate * (step + 1)) / rise;
  const fall = Math.min(1, (step - rise) / (options.totalSteps - rise));
  return (options.peakRate * (1 + Math.cos(Math.PI * fall))) / 2;
}

/**
 * One AdamW step (Loshchilov and Hutter, ICLR 2019) in place, with the averaged weights that are used for sampling.
 * In plain arrays: at a million weights it costs milliseconds, on every backend alike. Returns the gradient's norm.
 */
export function optimizerStep(
  state: OptimizerState,
  gradients: ReadonlyMap<string, Float32Array>,
  options: OptimizerOptions,
): number {
  let squared = 0;
  for (const gradient of gradients.values()) for (const g of gradient) squared += g * g;
  const norm = Math.sqrt(squared);
  if (!Number.isFinite(norm)) return norm;
  const clip = Math.min(1, options.clipNorm / (norm + 1e-12));
  const rate = learningRate(state.step, options);
  state.step++;
  const correct1 = 1 - BETA1 ** state.step;
  const correct2 = 1 - BETA2 ** state.step;
  const keep = Math.min(options.averageDecay, (1 + state.step) / (10 + state.step));
  for (const [name, gradient] of gradients) {
    const { shape, values } = entry(state.weights, name);
    const averaged = entry(state.averaged, name).values;
    const momentum = entry(state.momentum, name).values;
    const variance = entry(state.variance, name).values;
    const decay = shape.length > 1 ? rate * options.weightDecay : 0;
    for (let i = 0; i < values.length; i++) {
      const g = (gradient[i] as number) * clip;
      const m = (momentum[i] = BETA1 * (momentum[i] as number) + (1 - BETA1) * g);
      const v = (variance[i] = BETA2 * (variance[i] as number) + (1 - BETA2) * g * g);
      const x =
        (values[i] as number) * (1 - decay) - (rate * m) / correct1 / (Math.sqrt(v / correct2) + EPSILON);
      values[i] = x;
      averaged[i] = keep * (averaged[i] as number) + (1 - keep) * x;
    }
  }
  return norm;
}

function entry(weights: Weights, name: string): { shape: readonly number[]; values: Float32Array } {
  const found = weights.get(name);
  if (found === undefined) throw new RangeError(`there are no weights '${name}'`);
  return found;
}
