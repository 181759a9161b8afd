import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '../../../src/crystal/random.ts';
import { boosting } from '../../../src/models/baselines/boosting.ts';
import { extraTrees } from '../../../src/models/baselines/extra-trees.ts';
import { part } from '../../../src/models/baselines/method.ts';
import type { Table } from '../../../src/models/baselines/table.ts';
import { TreeBuilder, treesOf } from '../../../src/models/baselines/trees.ts';
import type { Trees } from '../../../src/models/baselines/trees.ts';
import { treeShap } from '../../../src/models/insight/tree-shap.ts';

/** What the trees say when only some columns are known: branches of the others are averaged by cover. */
function conditional(trees: Trees, row: Float32Array, known: (column: number) => boolean): number {
  const at = (node: number): number => {
    const column = trees.feature[node] as number;
    if (column < 0) return trees.value[node] as number;
    const left = trees.child[node] as number;
    if (known(column))
      return at((row[column] as number) <= (trees.threshold[node] as number) ? left : left + 1);
    const [l, r] = [trees.cover[left] as number, trees.cover[left + 1] as number];
    return (l * at(left) + r * at(left + 1)) / (l + r);
  };
  return Array.from(trees.roots, at).reduce((sum, x) => sum + x, 0);
}

/** Shapley's formula, term by term: Σ_S |S|! (n − |S| − 1)! / n! · (v(S ∪ k) − v(S)). */
function bruteForce(trees: Trees, row: Float32Array): number[] {
  const n = row.length;
  const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1));
  return Array.from(row, (_, column) => {
    let sum = 0;
    for (let set = 0; set < 2 ** n; set++) {
      if (set & (1 << column)) continue;
      const size = set.toString(2).replaceAll('0', '').length;
      const value = (members: number): number => conditional(trees, row, (k) => (members & (1 << k)) > 0);
      const weight = (factorial(size) * factorial(n - size - 1)) / factorial(n);
      sum += weight * (value(set | (1 << column)) - value(set));
    }
    return sum;
  });
}

/** Trees split at random, the same columns again and again. */
function randomTrees(count: number, width: number, seed: number): Trees {
  const source = random('trees', seed);
  const builder = new TreeBuilder();
  for (let tree = 0; tree < count; tree++) {
    const grow = (node: number, cover: number, depth: number): void => {
      if (depth === 0 || cover < 2 || source.uniform() < 0.15) return;
      builder.split(node, source.integer(width), source.normal());
      const left = 1 + source.integer(cover - 1);
      const child = builder.leaf(source.normal(), left);
      builder.leaf(source.normal(), cover - left);
      grow(child, left, depth - 1);
      grow(child + 1, cover - left, depth - 1);
    };
    grow(builder.root(source.normal(), 60), 60, 7);
  }
  return builder.build();
}

function randomTable(rows: number, width: number, seed: number): Table {
  const source = random('table', seed);
  return { rows, width, values: Float32Array.from({ length: rows * width }, () => source.normal()) };
}

describe('TreeSHAP', () => {
  test('is what Shapley’s formula says, term by term', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(100_000), (width, seed) => {
        const trees = randomTrees(2, width, seed);
        const table = randomTable(3, width, seed);
        const { values } = treeShap(trees, table);
        for (let row = 0; row < table.rows; row++) {
          const own = table.values.subarray(row * width, (row + 1) * width);
          bruteForce(trees, own).forEach((expected, column) =>
            expect(values[row * width + column]).toBeCloseTo(expected, 10),
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  test('adds up to the prediction for trees as deep as grown forests and boostings', () => {
    const [rows, width] = [200, 30];
    const table = randomTable(rows, width, 1);
    const values = Float64Array.from({ length: rows }, (_, row) => {
      const x = table.values.subarray(row * width);
      return Math.sin(2 * (x[0] as number)) + (x[1] as number) - (x[2] as number);
    });
    for (const [method, start, count] of [
      [extraTrees, 0, 64],
      [boosting, 1, 1],
    ] as const) {
      const fitted = method.fit(table, values, { seed: 1 });
      const { expected, values: shap } = treeShap(treesOf(fitted), table);
      const from = start * (part({ start: Float32Array.of(0), ...fitted }, 'start')[0] as number);
      method.predict(fitted, table).mean.forEach((mean, row) => {
        const sum = shap.subarray(row * width, (row + 1) * width).reduce((all, x) => all + x, 0);
        expect(from + (expected + sum) / count).toBeCloseTo(mean, 9);
      });
      // The three columns that matter stand out.
      const mattering = Array.from({ length: width }, (_, k) =>
        Array.from({ length: rows }, (_unused, row) => Math.abs(shap[row * width + k] as number)).reduce(
          (sum, x) => sum + x,
          0,
        ),
      );
      const order = mattering.map((_, k) => k).sort((l, r) => (mattering[r] ?? 0) - (mattering[l] ?? 0));
      expect(order.slice(0, 3).toSorted((l, r) => l - r)).toEqual([0, 1, 2]);
    }
  });

  test('gives nothing to columns that no tree tests, and bears a tree that is a leaf', () => {
    const builder = new TreeBuilder();
    builder.root(2.5, 10);
    const { expected, values } = treeShap(builder.build(), randomTable(2, 3, 1));
    expect(expected).toBe(2.5);
    expect(Array.from(values)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
