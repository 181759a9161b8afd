import { expect, test } from 'vitest';
import { random } from '../../../src/crystal/random.ts';
import { measureBaselines } from '../../../src/models/baselines/baselines.ts';
import { standardiser } from '../../../src/models/baselines/descriptors.ts';
import { fitNearestNeighbours } from '../../../src/models/baselines/nearest-neighbours.ts';
import { fitRidge } from '../../../src/models/baselines/ridge.ts';
import { analyticRows } from '../analytic-rows.ts';

test('ridge finds the line behind noisy rows, also with fewer rows than columns', () => {
  const source = random(1, 'ridge');
  const truth = [2, -1, 0, 0.5];
  const raw = Array.from({ length: 200 }, () => truth.map(() => source.normal()));
  const rows = raw.map(standardiser(raw));
  const line = (row: readonly number[]): number => 3 + row.reduce((sum, x, i) => sum + x * truth[i]!, 0);
  const ridge = fitRidge(
    rows,
    rows.map((row) => line(row) + 0.01 * source.normal()),
  );
  for (const row of rows.slice(0, 5)) expect(Math.abs(ridge.predict(row) - line(row))).toBeLessThan(0.05);
  const wide = fitRidge(rows.slice(0, 3), rows.slice(0, 3).map(line));
  expect(Number.isFinite(wide.predict(rows[7]!))).toBe(true);
});

test('nearest neighbours give back a row that they know', () => {
  const model = fitNearestNeighbours([[0], [1], [2], [3], [4], [5]], [0, 10, 20, 30, 40, 50]);
  expect(model.predict([2])).toBeCloseTo(20, 3);
  expect(model.predict([2.5])).toBeGreaterThan(20);
});

test('baselines are measured on the held-out rows alone, and null where nothing can be', () => {
  const rows = analyticRows(60, 2);
  const all = rows.map((_, row) => row);
  const split = { training: all.slice(0, 40), heldOut: all.slice(40), targets: 1 };
  const figures = new Map(measureBaselines(rows, split).map(({ name, mae }) => [name, mae[0]]));
  expect([...figures.keys()]).toEqual(['mean', 'ridge', 'nearestNeighbours']);
  const mean = split.training.reduce((sum, row) => sum + rows[row]!.values[0]!, 0) / 40;
  const expected = split.heldOut.reduce((sum, row) => sum + Math.abs(rows[row]!.values[0]! - mean), 0) / 20;
  expect(figures.get('mean')).toBeCloseTo(expected);
  const nothing = measureBaselines(rows, { training: all, heldOut: [], targets: 1 });
  expect(nothing.map(({ mae }) => mae)).toEqual([[null], [null], [null]]);
});
