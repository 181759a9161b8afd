import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '../../../src/crystal/random.ts';
import { align, assign, shortest, wrap } from '../../../src/models/generator/torus.ts';

const number = fc.double({ min: -50, max: 50, noNaN: true });

function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((rest) =>
    Array.from({ length: n }, (_, at) => [...rest.slice(0, at), n - 1, ...rest.slice(at)]),
  );
}

describe('the torus', () => {
  test('wraps into the cell and keeps the position', () => {
    fc.assert(
      fc.property(number, (x) => {
        expect(wrap(x)).toBeGreaterThanOrEqual(0);
        expect(wrap(x)).toBeLessThan(1);
        expect(Math.abs(shortest(wrap(x) - x))).toBeLessThan(1e-12);
      }),
    );
    expect(wrap(-1e-18)).toBe(0);
  });

  test('the shortest way is no longer than half a cell and the same from every image', () => {
    fc.assert(
      fc.property(number, fc.integer({ min: -9, max: 9 }), (x, shift) => {
        expect(Math.abs(shortest(x))).toBeLessThanOrEqual(0.5);
        expect(Math.abs(shortest(shortest(x + shift) - shortest(x)))).toBeLessThan(1e-12);
      }),
    );
  });

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
});

describe('aligning points with atoms', () => {
  test('finds a relabelled, translated copy at no distance', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer(), (n, seed) => {
        const source = random(seed);
        const atoms = Array.from({ length: 3 * n }, () => source.uniform());
        const shift = [source.uniform(), source.uniform(), source.uniform()];
        const order = source.shuffle(Array.from({ length: n }, (_, i) => i));
        const points = order.flatMap((i) =>
          shift.map((s, axis) => wrap((atoms[3 * i + axis] as number) + s)),
        );
        const { atomOfPoint, displacement } = align(points, atoms, [...shift]);
        expect([...atomOfPoint]).toEqual(order);
        for (const d of displacement) expect(Math.abs(d)).toBeLessThan(1e-12);
      }),
    );
  });

  test('the displacements lead to the crystal, up to a translation, and sum to zero', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer(), (n, seed) => {
        const source = random(seed);
        const draw = (count: number): number[] => Array.from({ length: count }, () => source.uniform());
        const [atoms, points] = [draw(3 * n), draw(3 * n)];
        const { atomOfPoint, displacement } = align(points, atoms, draw(9));
        for (let axis = 0; axis < 3; axis++) {
          let sum = 0;
          const offset = (i: number): number =>
            (points[3 * i + axis] as number) +
            (displacement[3 * i + axis] as number) -
            (atoms[3 * (atomOfPoint[i] as number) + axis] as number);
          for (let i = 0; i < n; i++) {
            sum += displacement[3 * i + axis] as number;
            expect(Math.abs(shortest(offset(i) - offset(0)))).toBeLessThan(1e-10);
          }
          expect(Math.abs(sum)).toBeLessThan(1e-10);
        }
      }),
    );
  });
});
