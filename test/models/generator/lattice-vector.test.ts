import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { determinant, multiply } from '../../../src/crystal/geometry/lattice.ts';
import { random } from '../../../src/crystal/random.ts';
import { latticeFromVector, latticeVector } from '../../../src/models/generator/lattice-vector.ts';

const vector = fc.tuple(
  fc.double({ min: 0.5, max: 1.5, noNaN: true }),
  ...Array.from({ length: 5 }, () => fc.double({ min: -0.6, max: 0.6, noNaN: true })),
);

/** Rows orthonormal, det +1, from a seed (Gram and Schmidt). */
function rotation(seed: number): number[] {
  const source = random(seed);
  const u = [source.normal(), source.normal(), source.normal()] as const;
  const v = [source.normal(), source.normal(), source.normal()] as const;
  const unit = (x: readonly number[]): number[] => x.map((value) => value / Math.hypot(...x));
  const cross = (x: readonly number[], y: readonly number[]): number[] =>
    [0, 1, 2].map((i) => {
      const [j, k] = [(i + 1) % 3, (i + 2) % 3];
      return (x[j] as number) * (y[k] as number) - (x[k] as number) * (y[j] as number);
    });
  const first = unit(u);
  const third = unit(cross(u, v));
  return [...first, ...cross(third, first), ...third];
}

describe('the lattice vector', () => {
  test('gives the lattice back', () => {
    fc.assert(
      fc.property(vector, fc.integer({ min: 1, max: 20 }), (six, n) => {
        const back = latticeVector(latticeFromVector(six, n), n);
        back.forEach((x, k) => expect(x).toBeCloseTo(six[k] as number, 8));
      }),
    );
  });

  test('does not change when the crystal is rotated', () => {
    fc.assert(
      fc.property(vector, fc.integer(), (six, seed) => {
        const turned = multiply(latticeFromVector(six, 2), rotation(seed));
        latticeVector(turned, 2).forEach((x, k) => expect(x).toBeCloseTo(six[k] as number, 8));
      }),
    );
  });

  test('its first number is the logarithm of the cube root of the volume per atom', () => {
    fc.assert(
      fc.property(vector, fc.integer({ min: 1, max: 20 }), (six, n) => {
        const volume = determinant(latticeFromVector(six, n));
        expect(Math.log(volume / n) / 3).toBeCloseTo(six[0], 8);
      }),
    );
  });

  test('a cube has no strain', () => {
    const [size, ...strains] = latticeVector([4, 0, 0, 0, 4, 0, 0, 0, 4], 4);
    expect(size).toBeCloseTo(Math.log(4) - Math.log(4) / 3, 12);
    for (const strain of strains) expect(strain).toBeCloseTo(0, 12);
  });
});
