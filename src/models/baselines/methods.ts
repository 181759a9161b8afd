import { boosting } from './boosting.ts';
import { extraTrees } from './extra-trees.ts';
import { gaussianProcess } from './gaussian-process.ts';
import { lasso } from './lasso.ts';
import type { Method } from './method.ts';
import { meanOf, requireRows, scalar } from './method.ts';
import { nearestNeighbours } from './nearest-neighbours.ts';
import { ridge } from './ridge.ts';

/** Says the same of everything: what any model must beat. */
const mean: Method = {
  fit(table, values) {
    requireRows(table, values, 'a mean');
    return { mean: Float32Array.of(meanOf(values)) };
  },
  predict: (fitted, { rows }) => ({
    mean: new Float64Array(rows).fill(scalar(fitted, 'mean')),
    sigma: new Float64Array(rows).fill(1),
  }),
};

/** The simple models, by the name that reports and checkpoints give them. */
export const METHODS = {
  mean,
  ridge,
  lasso,
  'nearest neighbours': nearestNeighbours,
  'extra trees': extraTrees,
  'gradient boosting': boosting,
  'Gaussian process': gaussianProcess,
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof METHODS;

export const METHOD_NAMES = Object.keys(METHODS) as readonly MethodName[];
