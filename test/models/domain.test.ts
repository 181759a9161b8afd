import { describe, expect, test } from 'vitest';
import { random } from '../../src/crystal/random.ts';
import { distanceFromDomain, distanceWithinDomain, trainingDomain } from '../../src/models/domain.ts';

const WIDTH = 8;

/** Rows of two clouds of different size, their centre shifted by so much along each axis. */
function clouds(count: number, { seed, shift = 0 }: { seed: number; shift?: number }): Float32Array {
  const source = random('clouds', seed);
  return Float32Array.from({ length: count * WIDTH }, (_, at) => {
    const second = Math.floor(at / WIDTH) % 2 === 1;
    return (second ? 20 + 0.3 * source.normal() : source.normal()) + shift;
  });
}

const mean = (values: Float32Array): number => values.reduce((sum, x) => sum + x, 0) / values.length;

describe('the distance from the training domain', () => {
  const domain = trainingDomain(clouds(400, { seed: 1 }), WIDTH);

  test('new rows of the same kind lie inside, most of them', () => {
    const inside = distanceFromDomain(domain, clouds(400, { seed: 2 })).filter((d) => d <= 1);
    expect(inside.length / 400).toBeGreaterThan(0.85);
  });

  test('its own rows lie as far out as if they had not been there; 5 % beyond the edge', () => {
    const rows = clouds(60, { seed: 6 });
    const own = distanceWithinDomain(rows, WIDTH);
    expect(own.filter((d) => d > 1)).toHaveLength(3);
    const without = trainingDomain(rows.slice(WIDTH), WIDTH);
    expect(own[0]).toBeCloseTo(distanceFromDomain(without, rows.slice(0, WIDTH))[0] as number, 0.5);
    expect(() => distanceWithinDomain(rows.slice(0, WIDTH), WIDTH)).toThrow(/at least 2/);
  });

  test('rows elsewhere lie outside, the farther the more, also between the clouds', () => {
    const near = distanceFromDomain(domain, clouds(100, { seed: 3, shift: 5 }));
    const far = distanceFromDomain(domain, clouds(100, { seed: 3, shift: 50 }));
    expect(mean(near)).toBeGreaterThan(2);
    expect(mean(far)).toBeGreaterThan(5 * mean(near));
    expect(distanceFromDomain(domain, new Float32Array(WIDTH).fill(10))[0]).toBeGreaterThan(3);
  });

  test('does not depend on the unit of a column, nor on columns that never change', () => {
    const told = (rows: Float32Array): Float32Array =>
      rows.map((x, at) => (at % WIDTH === 0 ? 1000 * x : at % WIDTH === 1 ? 7 : x));
    const plain = (rows: Float32Array): Float32Array => rows.map((x, at) => (at % WIDTH === 1 ? 7 : x));
    const training = clouds(100, { seed: 4 });
    const asked = clouds(20, { seed: 5, shift: 2 });
    const direct = distanceFromDomain(trainingDomain(plain(training), WIDTH), plain(asked));
    const other = distanceFromDomain(trainingDomain(told(training), WIDTH), told(asked));
    direct.forEach((d, i) => expect(other[i]).toBeCloseTo(d, 4));
  });

  test('one row spans no domain: all else is outside', () => {
    const lonely = trainingDomain(new Float32Array(WIDTH).fill(1), WIDTH);
    expect(distanceFromDomain(lonely, clouds(3, { seed: 6 }))).toEqual(new Float32Array(3).fill(Infinity));
  });
});
