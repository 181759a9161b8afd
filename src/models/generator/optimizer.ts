import { oneCycle, stepAdamW } from '../adamw.ts';
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

/** The learning rate after so many steps. */
export function learningRate(step: number, { peakRate, totalSteps, warmup }: OptimizerOptions): number {
  return peakRate * oneCycle(step / totalSteps, warmup);
}

/**
 * One AdamW step in place, with the averaged weights that are used for sampling; matrices decay, vectors do not.
 * Returns the gradient's norm; a step whose gradient is not finite is left out.
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
  state.step++;
  const step = {
    step: state.step,
    rate: learningRate(state.step, options),
    clip: Math.min(1, options.clipNorm / (norm + 1e-12)),
    keep: options.averageDecay,
  };
  for (const [name, gradient] of gradients) {
    const { shape, values: weights } = entry(state.weights, name);
    const arrays = {
      weights,
      averaged: entry(state.averaged, name).values,
      momentum: entry(state.momentum, name).values,
      variance: entry(state.variance, name).values,
    };
    const decay = shape.length > 1 ? options.weightDecay : 0;
    stepAdamW(arrays, gradient, { from: 0, to: weights.length }, { ...step, decay });
  }
  return norm;
}

function entry(weights: Weights, name: string): { shape: readonly number[]; values: Float32Array } {
  const found = weights.get(name);
  if (found === undefined) throw new RangeError(`there are no weights '${name}'`);
  return found;
}
