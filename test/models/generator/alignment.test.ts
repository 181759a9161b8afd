import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shortest, wrap } from '../../../src/crystal/geometry/torus.ts';
import { random } from '../../../src/crystal/random.ts';
import { align } from '../../../src/models/generator/alignment.ts';

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
