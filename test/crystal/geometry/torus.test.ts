import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shortest, wrap } from '../../../src/crystal/geometry/torus.ts';

const number = fc.double({ min: -50, max: 50, noNaN: true });

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
});
