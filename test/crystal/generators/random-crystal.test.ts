import fc from 'fast-check';
import { expect, test } from 'vitest';
import { elementOf } from '../../../src/crystal/chemistry/elements.ts';
import { elementCounts } from '../../../src/crystal/chemistry/composition.ts';
import { holdsComposition, randomCrystal } from '../../../src/crystal/generators/random-crystal.ts';
import { orbitTable } from '../../../src/crystal/generators/wyckoff-crystal.ts';
import { neighboursWithin } from '../../../src/crystal/geometry/neighbours.ts';
import { inverse, multiplyRows } from '../../../src/crystal/geometry/lattice.ts';
import type { Crystal } from '../../../src/crystal/crystal.ts';
import { applyOperation } from '../../../src/crystal/symmetry/operation.ts';
import { random } from '../../../src/crystal/random.ts';
import { symmetryOperations } from '../../../src/crystal/symmetry/space-group.ts';
import { spaceGroup } from '../../../src/crystal/symmetry/symmetry.ts';
import { isValid } from '../../../src/crystal/validity.ts';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';

loadSymmetryFinder();

/** Whether each operation of the group takes every atom of the primitive cell to an atom of its element. */
function hasSymmetry(crystal: Crystal, group: number): boolean {
  const rows = orbitTable(group).primitiveRows;
  const conventional = multiplyRows(crystal.fractionalCoordinates, rows);
  const { atomicNumbers, fractionalCoordinates } = crystal;
  return symmetryOperations(group).every((operation) => {
    const moved = multiplyRows(applyOperation(operation, conventional), inverse(rows));
    return atomicNumbers.every((z, i) =>
      atomicNumbers.some(
        (other, j) =>
          other === z &&
          [0, 1, 2].every((k) => {
            const difference = (moved[3 * i + k] as number) - (fractionalCoordinates[3 * j + k] as number);
            return Math.abs(difference - Math.round(difference)) < 1e-8;
          }),
      ),
    );
  });
}

/** As many aluminium atoms as the group's smallest position has, and silver as the second smallest. */
function smallComposition(group: number): Map<number, number> {
  const [first, second = first] = orbitTable(group).orbits.map(({ points }) => points);
  return new Map([
    [13, first as number],
    [47, second as number],
  ]);
}

test('every space group is reached, with its symmetry, the exact composition and the distances', () => {
  let asFound = 0;
  for (let group = 1; group <= 230; group++) {
    const composition = smallComposition(group);
    const options = { composition, spaceGroup: group, leastDistanceOverRadii: 0.6, attempts: 1000 };
    const crystal = randomCrystal({ ...options, random: random('every group', group) });
    if (crystal === null) throw new Error(`nothing for space group ${group}`);
    expect(elementCounts(crystal)).toEqual(composition);
    expect(hasSymmetry(crystal, group)).toBe(true);
    const radii = crystal.atomicNumbers.map((z) => elementOf(z).radiusAngstrom ?? NaN);
    const near = neighboursWithin(crystal, 3);
    near.distanceAngstrom.forEach((d, p) => {
      const sum = (radii[near.centre[p] as number] ?? NaN) + (radii[near.neighbour[p] as number] ?? NaN);
      expect(d).toBeGreaterThanOrEqual(0.6 * sum);
    });
    const { number } = spaceGroup(crystal, 1e-4);
    if (number === group) asFound++;
  }
  // The others have a higher symmetry by chance: the smallest positions leave little free.
  expect(asFound).toBe(97);
});

test('any composition that a group holds comes out exactly, with its symmetry', () => {
  const counts = fc.uniqueArray(
    fc.tuple(fc.constantFrom(8, 13, 20, 22, 47), fc.integer({ min: 1, max: 6 })),
    {
      minLength: 1,
      maxLength: 3,
      selector: ([z]) => z,
    },
  );
  let made = 0;
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 230 }), fc.nat(), (pairs, group, seed) => {
      const composition = new Map(pairs.sort(([l], [r]) => l - r));
      const draw = (): Crystal | null =>
        randomCrystal({ composition, spaceGroup: group, random: random(seed), attempts: 20 });
      if (!holdsComposition(group, composition)) {
        expect(draw).toThrow(`no Wyckoff positions of space group ${group} hold`);
        return;
      }
      const crystal = draw();
      expect(draw()).toEqual(crystal);
      if (crystal === null) return;
      made++;
      expect(elementCounts(crystal)).toEqual(composition);
      expect(hasSymmetry(crystal, group)).toBe(true);
      expect(isValid(crystal)).toBe(true);
    }),
    { numRuns: 300, seed: 1 },
  );
  expect(made).toBeGreaterThan(50);
});

test('places are drawn uniformly among all ways', () => {
  // Two aluminium atoms in P-1: two of the eight centres (28 ways), or one pair (1 way).
  const onCentres = Array.from({ length: 300 }, (_, seed) =>
    randomCrystal({ composition: new Map([[13, 2]]), spaceGroup: 2, random: random(seed) }),
  ).filter((crystal) => crystal?.fractionalCoordinates.every((x) => x === 0 || x === 0.5));
  expect(onCentres.length / 300).toBeGreaterThan(0.9);
});

test('a composition that no positions hold is refused with what to do', () => {
  const impossible = { composition: new Map([[13, 1]]), spaceGroup: 227, random: random(1) };
  expect(() => randomCrystal(impossible)).toThrow(
    'no Wyckoff positions of space group 227 hold Al in a primitive cell: ask for other counts, or another group',
  );
});

test('atoms that find no room give null', () => {
  const crowded = { composition: new Map([[13, 4]]), spaceGroup: 1, random: random(1) };
  expect(randomCrystal({ ...crowded, leastDistanceOverRadii: 3 })).toBeNull();
});
