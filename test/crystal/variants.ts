import fc from 'fast-check';
import { cartesianAngstrom, type Crystal, makeCrystal, scaleToVolume } from '../../src/crystal/crystal.ts';
import { determinant, inverse, multiply, multiplyRows } from '../../src/crystal/geometry/lattice.ts';
import { minimumDistanceAngstrom } from '../../src/crystal/geometry/neighbours.ts';
import { supercell } from '../../src/crystal/geometry/supercell.ts';
import { random } from '../../src/crystal/random.ts';

const coordinate = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Crystals of 1 to 5 atoms, 16 Å³ each, in skewed cells, with atoms at least 1.5 Å apart. */
export function anyCrystal(elements: readonly number[] = [13, 29, 79]): fc.Arbitrary<Crystal> {
  return fc
    .integer({ min: 1, max: 5 })
    .chain((n) =>
      fc.record({
        lattice: fc
          .array(fc.double({ min: -0.6, max: 0.6, noNaN: true }), { minLength: 9, maxLength: 9 })
          .map((noise) => noise.map((x, i) => x + (i % 4 === 0 ? 1 : 0)))
          .filter((lattice) => Math.abs(determinant(lattice)) > 0.3),
        fractionalCoordinates: fc.array(coordinate, { minLength: 3 * n, maxLength: 3 * n }),
        atomicNumbers: fc.array(fc.constantFrom(...elements), { minLength: n, maxLength: n }),
      }),
    )
    .map(({ lattice, ...rest }) => {
      const unit = makeCrystal({ latticeAngstrom: lattice, ...rest });
      return scaleToVolume(unit, 16 * rest.atomicNumbers.length);
    })
    .filter((crystal) => minimumDistanceAngstrom(crystal) > 1.5);
}

/** The same crystal told otherwise: turned, moved, in another order, in another cell, and in a supercell. */
export function retold(crystal: Crystal, seed: number): Crystal {
  return repeat(changeCell(shuffle(translate(rotate(crystal, seed), seed), seed), seed), seed);
}

export function rotate(crystal: Crystal, seed: number): Crystal {
  const source = random('rotate', seed);
  const [w, x, y, z] = unit([source.normal(), source.normal(), source.normal(), source.normal()]) as [
    number,
    number,
    number,
    number,
  ];
  const rotation = [
    1 - 2 * (y * y + z * z),
    2 * (x * y - z * w),
    2 * (x * z + y * w),
    2 * (x * y + z * w),
    1 - 2 * (x * x + z * z),
    2 * (y * z - x * w),
    2 * (x * z - y * w),
    2 * (y * z + x * w),
    1 - 2 * (x * x + y * y),
  ];
  return { ...crystal, latticeAngstrom: multiply(crystal.latticeAngstrom, rotation) };
}

export function translate(crystal: Crystal, seed: number): Crystal {
  const source = random('translate', seed);
  const shift = [source.uniform(), source.uniform(), source.uniform()];
  return makeCrystal({
    ...crystal,
    fractionalCoordinates: crystal.fractionalCoordinates.map((x, i) => x + (shift[i % 3] as number)),
  });
}

export function shuffle(crystal: Crystal, seed: number): Crystal {
  const order = random('shuffle', seed).shuffle([...crystal.atomicNumbers.keys()]);
  return {
    ...crystal,
    fractionalCoordinates: order.flatMap((i) => crystal.fractionalCoordinates.slice(3 * i, 3 * i + 3)),
    atomicNumbers: order.map((i) => crystal.atomicNumbers[i] as number),
  };
}

/** Adds integer multiples of lattice vectors to others: another cell of the same lattice. */
export function changeCell(crystal: Crystal, seed: number): Crystal {
  const source = random('cell', seed);
  const k = (): number => source.integer(5) - 2;
  const matrix = multiply([1, k(), k(), 0, 1, k(), 0, 0, 1], [1, 0, 0, k(), 1, 0, k(), k(), 1]);
  const latticeAngstrom = multiply(matrix, crystal.latticeAngstrom);
  const fractionalCoordinates = multiplyRows(cartesianAngstrom(crystal), inverse(latticeAngstrom));
  return makeCrystal({ latticeAngstrom, fractionalCoordinates, atomicNumbers: crystal.atomicNumbers });
}

export function repeat(crystal: Crystal, seed: number): Crystal {
  const source = random('repeat', seed);
  return supercell(crystal, [1 + source.integer(2), 1 + source.integer(2), 1]);
}

/** Each atom moved by at most so much, Å. */
export function rattle(crystal: Crystal, most: number, seed: number): Crystal {
  const source = random('rattle', seed);
  const moved = cartesianAngstrom(crystal).map((x) => x + ((2 * source.uniform() - 1) * most) / Math.sqrt(3));
  return makeCrystal({
    ...crystal,
    fractionalCoordinates: multiplyRows(moved, inverse(crystal.latticeAngstrom)),
  });
}

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}
