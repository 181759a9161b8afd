import { expect, test } from 'vitest';
import { gaussLegendre } from '../../../src/models/insight/gauss-legendre.ts';

test('powers up to twice the points are integrated exactly', () => {
  for (const count of [1, 2, 3, 7, 20, 40]) {
    const { point, weight } = gaussLegendre(count);
    for (let power = 0; power < 2 * count; power++) {
      const integral = point.reduce((sum, t, q) => sum + (weight[q] as number) * t ** power, 0);
      expect(Math.abs(integral - 1 / (power + 1)), `${count} points, power ${power}`).toBeLessThan(1e-14);
    }
  }
});
