import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeCrystal } from '../../../src/crystal/crystal.ts';
import type { Crystal } from '../../../src/crystal/crystal.ts';
import { random } from '../../../src/crystal/random.ts';
import { DESCRIPTOR_NAMES, describeCrystals } from '../../../src/models/baselines/descriptors.ts';
import { randomCrystal } from '../analytic-rows.ts';

const NAMES = new Map(DESCRIPTOR_NAMES.map((name, index) => [name, index]));

function perovskite(a: number, [corner, centre, face]: readonly [number, number, number]): Crystal {
  return makeCrystal({
    latticeAngstrom: [a, 0, 0, 0, a, 0, 0, 0, a],
    fractionalCoordinates: [0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0.5],
    atomicNumbers: [corner, centre, face, face, face],
  });
}

function describeOne(crystal: Crystal): Float32Array {
  return describeCrystals([crystal]).values;
}

function get(crystal: Crystal, name: string): number {
  return describeOne(crystal)[NAMES.get(name)!]!;
}

const SrTiO3 = perovskite(3.9, [38, 22, 8]);

test('every descriptor has a name of its own', () => {
  expect(NAMES.size).toBe(DESCRIPTOR_NAMES.length);
  expect(describeOne(SrTiO3)).toHaveLength(DESCRIPTOR_NAMES.length);
});

describe('of SrTiO3, by hand', () => {
  test('volume and distances', () => {
    expect(get(SrTiO3, 'log volume per atom')).toBeCloseTo(Math.log(3.9 ** 3 / 5), 5);
    expect(get(SrTiO3, 'shortest distance')).toBeCloseTo(1.95, 5);
    expect(get(SrTiO3, 'longest nearest distance')).toBeCloseTo(3.9 / Math.SQRT2, 5);
  });

  test('coordination: six for titanium with nothing else near, less for oxygen', () => {
    // Titanium: 6 O at d, 8 Sr at √3 d (27⁻¹ less 64⁻¹), and the reach ends at the next titanium, 2 d.
    const titanium = 6 * (1 - 1 / 64) + 8 * (1 / 27 - 1 / 64);
    // Oxygen: 2 Ti at d, 4 Sr and 8 O at √2 d.
    const oxygen = 2 * (1 - 1 / 64) + 12 * (1 / 8 - 1 / 64);
    // Strontium, from √2 d on: 12 O, 8 Ti at √3 d, 6 Sr at 2 d; all 24 O at √6 d.
    const weight = (ratio: number): number => ratio ** -6 - 1 / 64;
    const strontium =
      12 * weight(1) + 8 * weight(Math.sqrt(1.5)) + 6 * weight(Math.SQRT2) + 24 * weight(Math.sqrt(3));
    expect(get(SrTiO3, 'least coordination')).toBeCloseTo(oxygen, 4);
    expect(get(SrTiO3, 'greatest coordination')).toBeCloseTo(strontium, 4);
    expect(get(SrTiO3, 'mean coordination')).toBeCloseTo((strontium + titanium + 3 * oxygen) / 5, 4);
  });
});

test('tells which metal stands at the corner', () => {
  const swapped = perovskite(3.9, [22, 38, 8]);
  expect(get(swapped, 'MagpieData mean Number')).toBe(get(SrTiO3, 'MagpieData mean Number'));
  expect(get(swapped, 'mean local difference Number')).not.toBeCloseTo(
    get(SrTiO3, 'mean local difference Number'),
    1,
  );
});

test('do not hang on rotation, translation, order of atoms or choice of cell', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const source = random(seed, 'invariance');
      const crystal = randomCrystal(source);
      const n = crystal.atomicNumbers.length;
      const order = source.shuffle(Array.from({ length: n }, (_, i) => i));
      const [u, v, w] = [source.uniform(), source.uniform(), source.uniform()];
      const l = crystal.latticeAngstrom;
      // Rotated about z, doubled along c, sheared by a lattice vector, moved and shuffled.
      const angle = 6 * source.uniform();
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
      const rotate = ([x, y, z]: number[]): number[] => [cos * x! - sin * y!, sin * x! + cos * y!, z!];
      const [a, b, c] = [l.slice(0, 3), l.slice(3, 6), l.slice(6)] as const;
      const sheared = b.map((x, k) => x + a[k]!);
      const places = order.map((i) => crystal.fractionalCoordinates.slice(3 * i, 3 * i + 3));
      const moved = [0, 1].flatMap((image) =>
        places.flatMap(([p, q, r]) => [p! + u - (q! + v), q! + v, (r! + w + image) / 2]),
      );
      const numbers = order.map((i) => crystal.atomicNumbers[i]!);
      const other = makeCrystal({
        latticeAngstrom: [a, sheared, c.map((x) => 2 * x)].flatMap(rotate),
        fractionalCoordinates: moved,
        atomicNumbers: [...numbers, ...numbers],
      });
      const [one, two] = [describeOne(crystal), describeOne(other)];
      one.forEach((x, k) => expect(Math.abs(x - two[k]!)).toBeLessThan(1e-3 * (1 + Math.abs(x))));
    }),
    { numRuns: 40 },
  );
});
