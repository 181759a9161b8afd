import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assign } from '../../../src/crystal/geometry/assignment.ts';
import { random } from '../../../src/crystal/random.ts';

function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((rest) =>
    Array.from({ length: n }, (_, at) => [...rest.slice(0, at), n - 1, ...rest.slice(at)]),
  );
}

test('the assignment is the cheapest of all permutations', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer(), (n, seed) => {
      const source = random(seed);
      const cost = Float64Array.from({ length: n * n }, () => source.normal());
      const total = (columns: ArrayLike<number>): number =>
        Array.from(columns).reduce((sum, column, row) => sum + (cost[row * n + column] as number), 0);
      const best = Math.min(...permutations(n).map(total));
      const found = assign(cost, n);
      expect(new Set(found).size).toBe(n);
      expect(total(found)).toBeCloseTo(best, 10);
    }),
  );
});
