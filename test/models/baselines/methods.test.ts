import { describe, expect, test } from 'vitest';
import { random } from '../../../src/crystal/random.ts';
import type { MethodName } from '../../../src/models/baselines/methods.ts';
import { METHOD_NAMES, METHODS } from '../../../src/models/baselines/methods.ts';
import type { Table } from '../../../src/models/baselines/table.ts';
import { standardise, standardiserOf } from '../../../src/models/baselines/table.ts';

const WIDTH = 12;

/** Standardised rows of which three columns matter: one linearly, one in a bend, one by its sign. */
function problem(rows: number, seed: number): { table: Table; values: Float64Array } {
  const source = random(seed, 'problem');
  const values = Float32Array.from({ length: rows * WIDTH }, () => 2 * source.uniform() - 1);
  const raw = { rows, width: WIDTH, values };
  const truth = Float64Array.from({ length: rows }, (_, row) => {
    const [a, b, c] = values.subarray(row * WIDTH, row * WIDTH + 3) as unknown as [number, number, number];
    return a + Math.sin(3 * b) + (c > 0 ? 0.5 : -0.5) + 0.05 * source.normal();
  });
  return { table: standardise(standardiserOf(raw), raw), values: truth };
}

const training = problem(300, 1);
const asked = problem(200, 2);
const others = METHOD_NAMES.filter((name) => name !== 'mean');

function errorOf(mean: Float64Array, values: Float64Array): number {
  return mean.reduce((sum, x, i) => sum + Math.abs(x - values[i]!), 0) / values.length;
}

describe.each(others)('%s', (name) => {
  const method = METHODS[name];
  const fitted = method.fit(training.table, training.values, { seed: 4 });
  const predicted = method.predict(fitted, asked.table);

  test('errs far less than the mean on rows it never saw', () => {
    const mean = METHODS.mean.predict(
      METHODS.mean.fit(training.table, training.values, { seed: 4 }),
      asked.table,
    );
    const share: Record<MethodName, number> = {
      mean: 1,
      ridge: 0.6,
      lasso: 0.6,
      'nearest neighbours': 0.8,
      'extra trees': 0.5,
      'gradient boosting': 0.4,
      'Gaussian process': 0.6,
    };
    expect(errorOf(predicted.mean, asked.values)).toBeLessThan(
      share[name] * errorOf(mean.mean, asked.values),
    );
  });

  test('gives a finite mean and a positive spread for every row, far out too', () => {
    const far = { ...asked.table, values: asked.table.values.map((x) => 8 * x) };
    for (const { mean, sigma } of [predicted, method.predict(fitted, far)]) {
      expect(mean.every(Number.isFinite)).toBe(true);
      expect(sigma.every((s) => Number.isFinite(s) && s > 0)).toBe(true);
    }
  });

  test('is the same for the same seed', () => {
    expect(method.fit(training.table, training.values, { seed: 4 })).toEqual(fitted);
  });

  test('does not hang on the order of the rows it is asked about', () => {
    const values = new Float32Array(asked.table.values.length);
    for (let row = 0; row < asked.table.rows; row++) {
      const from = asked.table.values.subarray(row * WIDTH, (row + 1) * WIDTH);
      values.set(from, (asked.table.rows - 1 - row) * WIDTH);
    }
    const turned = method.predict(fitted, { ...asked.table, values });
    expect([...turned.mean].toReversed()).toEqual([...predicted.mean]);
  });

  test.each([1, 2, 3])('learns from %i rows', (rows) => {
    const few = { rows, width: WIDTH, values: training.table.values.slice(0, rows * WIDTH) };
    const own = method.fit(few, training.values.slice(0, rows), { seed: 1 });
    const { mean, sigma } = method.predict(own, asked.table);
    expect(mean.every(Number.isFinite)).toBe(true);
    expect(sigma.every((s) => Number.isFinite(s) && s > 0)).toBe(true);
  });

  test('learns equal values and constant columns', () => {
    const flat = { rows: 6, width: WIDTH, values: new Float32Array(6 * WIDTH) };
    const own = method.fit(flat, new Float64Array(6), { seed: 1 });
    const { mean } = method.predict(own, flat);
    mean.forEach((x) => expect(x).toBeCloseTo(0, 6));
  });

  test('refuses to learn from nothing, or from rows without values', () => {
    const none = { rows: 0, width: WIDTH, values: new Float32Array(0) };
    expect(() => method.fit(none, new Float64Array(0), { seed: 1 })).toThrow(/at least one row/);
    expect(() => method.fit(training.table, new Float64Array(3), { seed: 1 })).toThrow(
      /300 rows and 3 values/,
    );
  });
});

test.each(['ridge', 'extra trees', 'Gaussian process', 'lasso', 'gradient boosting'] as const)(
  'the spread of %s is wider away from what was seen',
  (name) => {
    const fitted = METHODS[name].fit(training.table, training.values, { seed: 1 });
    const near = METHODS[name].predict(fitted, training.table).sigma;
    const far = METHODS[name].predict(fitted, {
      ...asked.table,
      values: asked.table.values.map((x) => 4 * x),
    }).sigma;
    const mean = (x: Float64Array): number => x.reduce((sum, y) => sum + y, 0) / x.length;
    expect(mean(far)).toBeGreaterThan(mean(near));
  },
);

test.each(['nearest neighbours', 'extra trees', 'gradient boosting'] as const)(
  '%s gives probabilities of a class',
  (name) => {
    const classes = (values: Float64Array): Float64Array => values.map((y) => Number(y > 0));
    const fitted = METHODS[name].fit(training.table, classes(training.values), { seed: 1, kind: 'class' });
    const { mean } = METHODS[name].predict(fitted, asked.table);
    expect(mean.every((p) => p >= 0 && p <= 1)).toBe(true);
    const truth = classes(asked.values);
    const right = mean.reduce((count, p, i) => count + Number(p > 0.5 === (truth[i] === 1)), 0);
    expect(right / truth.length).toBeGreaterThan(0.7);
  },
);

test('LASSO leaves out the columns that do not matter', () => {
  const { weights } = METHODS.lasso.fit(training.table, training.values, { seed: 1 });
  const [first, second, third, ...idle] = [...weights!].map(Math.abs);
  expect(Math.min(first!, second!, third!)).toBeGreaterThan(5 * Math.max(...idle));
  expect(idle.filter((w) => w === 0).length).toBeGreaterThan(0);
});
