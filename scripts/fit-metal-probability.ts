// Builds src/crystal/chemistry/metallicity.json from the data folder: tsc, then
// `node dist/scripts/fit-metal-probability.js`.
import { writeFileSync } from 'node:fs';
import { metalFeatures } from '../src/crystal/chemistry/metallicity.ts';
import { areaUnderCurve, type MetalCase, readMetalCases } from './metal-cases.ts';

/** Of the squared weights of the standardised features, as in C = 0.1 of scikit-learn. */
const PENALTY = 10;
const STEPS = 8;

const { fit, held } = readMetalCases(process.env.ASSAYER_DATA ?? '../shared/data');
const rows = fit.map(({ composition }) => metalFeatures(composition));
const width = (rows[0] as number[]).length;
const means = columns((i) => rows.reduce((sum, row) => sum + at(row, i), 0) / rows.length);
const spreads = columns((i) => {
  const variance = rows.reduce((sum, row) => sum + (at(row, i) - at(means, i)) ** 2, 0) / rows.length;
  return Math.sqrt(variance) || 1;
});
// The last column is the intercept.
const standardised = rows.map((row) => [...row.map((x, i) => (x - at(means, i)) / at(spreads, i)), 1]);
const fitted = fitLogistic(
  standardised,
  fit.map(({ isMetal }) => (isMetal ? 1 : 0)),
);
const weights = columns((i) => Number((at(fitted, i) / at(spreads, i)).toPrecision(7)));
const intercept = at(fitted, width) - weights.reduce((sum, weight, i) => sum + weight * at(means, i), 0);
const measured = measure(held);
const model = {
  source:
    'Logistic regression by scripts/fit-metal-probability.ts on the binary and ternary compositions of the validation ' +
    'part of MP-20 (Materials Project, CC BY 4.0; Jain et al., APL Mater. 1, 011002 (2013); Xie et al., ICLR 2022)',
  measuredOn: 'compositions of the test part of MP-20 that the validation part does not have',
  fitted: fit.length,
  measured,
  intercept: Number(intercept.toPrecision(7)),
  weights,
};
writeFileSync('src/crystal/chemistry/metallicity.json', `${JSON.stringify(model, null, 2)}\n`);
process.stdout.write(`${fit.length} compositions; ${JSON.stringify(measured)}\n`);

/** The area under the ROC curve and the share right at even odds, beside the rule that what balances is no metal. */
function measure(cases: readonly MetalCase[]): Readonly<Record<string, number>> {
  const scored = cases.map(({ composition, isMetal }) => {
    const features = metalFeatures(composition);
    const score = features.reduce((sum, x, i) => sum + x * at(weights, i), intercept);
    return { score, isMetal, balances: at(features, width - 5) === 1 };
  });
  const share = (
    right: (scored: { score: number; isMetal: boolean; balances: boolean }) => boolean,
  ): number => Number((scored.filter(right).length / scored.length).toFixed(4));
  return {
    compositions: cases.length,
    metals: share(({ isMetal }) => isMetal),
    areaUnderCurve: Number(areaUnderCurve(scored).toFixed(4)),
    accuracy: share(({ score, isMetal }) => score > 0 === isMetal),
    accuracyOfBalanceRule: share(({ balances, isMetal }) => balances !== isMetal),
  };
}

/** Newton's method on the penalised log-likelihood, each step by conjugate gradients; the last weight is free. */
function fitLogistic(inputs: readonly (readonly number[])[], targets: readonly number[]): number[] {
  const free = width;
  const penalised = (weights: readonly number[]): number[] =>
    weights.map((weight, i) => (i === free ? 0 : PENALTY * weight));
  let weights = new Array<number>(width + 1).fill(0);
  for (let step = 0; step < STEPS; step++) {
    const odds = inputs.map((row) => 1 / (1 + Math.exp(-dot(row, weights))));
    const misfits = odds.map((p, k) => at(targets, k) - p);
    const downhill = subtract(transposed(inputs, misfits), penalised(weights));
    const curvature = (direction: readonly number[]): number[] => {
      const bent = inputs.map((row, k) => at(odds, k) * (1 - at(odds, k)) * dot(row, direction));
      const pull = penalised(direction);
      return transposed(inputs, bent).map((x, i) => x + at(pull, i));
    };
    const move = conjugateGradients(curvature, downhill);
    weights = weights.map((weight, i) => weight + at(move, i));
  }
  return weights;
}

function conjugateGradients(apply: (x: readonly number[]) => number[], target: readonly number[]): number[] {
  const x = target.map(() => 0);
  let residual = [...target];
  let direction = residual;
  let norm = dot(residual, residual);
  const enough = 1e-10 * norm;
  for (let round = 0; round < 4 * target.length && norm > enough; round++) {
    const image = apply(direction);
    const length = norm / dot(direction, image);
    direction.forEach((d, i) => (x[i] = at(x, i) + length * d));
    residual = residual.map((r, i) => r - length * at(image, i));
    const next = dot(residual, residual);
    direction = residual.map((r, i) => r + (next / norm) * at(direction, i));
    norm = next;
  }
  return x;
}

function transposed(inputs: readonly (readonly number[])[], factors: readonly number[]): number[] {
  const sums = new Array<number>(width + 1).fill(0);
  inputs.forEach((row, k) => row.forEach((x, i) => (sums[i] = at(sums, i) + at(factors, k) * x)));
  return sums;
}

function columns(value: (i: number) => number): number[] {
  return Array.from({ length: width }, (_, i) => value(i));
}

function dot(l: readonly number[], r: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < l.length; i++) sum += at(l, i) * at(r, i);
  return sum;
}

function subtract(l: readonly number[], r: readonly number[]): number[] {
  return l.map((x, i) => x - at(r, i));
}

function at(values: readonly number[], i: number): number {
  return values[i] as number;
}
