import { expect, test } from 'vitest';
import { makeCrystal } from '../../../src/crystal/crystal.ts';
import {
  cellOfFree,
  expandSites,
  freeCellParameters,
  orbitOf,
  orbitPoints,
  orbitTable,
} from '../../../src/crystal/generators/wyckoff-crystal.ts';
import { multiply, inverse } from '../../../src/crystal/geometry/lattice.ts';
import { symmetryOperations, wyckoffPositions } from '../../../src/crystal/symmetry/space-group.ts';
import { spaceGroup } from '../../../src/crystal/symmetry/symmetry.ts';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';

loadSymmetryFinder();

const allGroups = Array.from({ length: 230 }, (_, i) => i + 1);
const isTranslation = ({ transposedRotation }: { transposedRotation: readonly number[] }): boolean =>
  transposedRotation.join() === '1,0,0,0,1,0,0,0,1';

test('the orbits of all 1,731 Wyckoff positions have the points of a primitive cell', () => {
  let positions = 0;
  for (const group of allGroups) {
    const centrings = symmetryOperations(group).filter(isTranslation).length;
    const multiplicities = wyckoffPositions(group).map(({ letter, multiplicity }) => [letter, multiplicity]);
    const ours = orbitTable(group).orbits.map(({ letter, points }) => [letter, points * centrings]);
    expect(ours.toReversed()).toEqual(multiplicities);
    positions += ours.length;
  }
  expect(positions).toBe(1731);
});

test('every symmetry operation turns every primitive cell into itself', () => {
  for (const group of allGroups) {
    const rows = orbitTable(group).primitiveRows;
    for (const { transposedRotation } of symmetryOperations(group)) {
      const turned = multiply(multiply(rows, transposedRotation), inverse(rows));
      for (const x of turned) expect(Math.abs(x - Math.round(x))).toBeLessThan(1e-9);
    }
  }
});

test('rutile, spelled by its Wyckoff positions', () => {
  const { lattice, fractionalCoordinates, species } = expandSites({
    spaceGroup: 136,
    cell: [0.6442],
    sites: [
      { species: 22, letter: 'a', parameters: [] },
      { species: 8, letter: 'f', parameters: [0.305] },
    ],
  });
  expect(species).toEqual([22, 22, 8, 8, 8, 8]);
  const crystal = makeCrystal({
    latticeAngstrom: lattice.map((x) => 4.594 * x),
    fractionalCoordinates,
    atomicNumbers: species,
  });
  expect(spaceGroup(crystal, 1e-4)).toMatchObject({ number: 136, symbol: 'P4_2/mnm', pearsonSymbol: 'tP6' });
});

test('free cell parameters are what the crystal system leaves free, and give the cell back', () => {
  const cell = { lengthsAngstrom: [2, 3, 5], anglesDegree: [80, 95, 110] } as const;
  const free = [
    ['triclinic', [1.5, 2.5, 80, 95, 110]],
    ['monoclinic', [1.5, 2.5, 95]],
    ['orthorhombic', [1.5, 2.5]],
    ['tetragonal', [2.5]],
    ['trigonal', [2.5]],
    ['hexagonal', [2.5]],
    ['cubic', []],
  ] as const;
  for (const [system, parameters] of free) {
    expect(freeCellParameters(system, cell)).toEqual(parameters);
    expect(freeCellParameters(system, cellOfFree(system, parameters))).toEqual(parameters);
  }
});

test('an unknown letter or a wrong number of parameters is refused with what is allowed', () => {
  expect(() => orbitOf(225, 'z')).toThrow(
    "space group 225 has no Wyckoff position 'z': it has a, b, c, d, e, f, g, h, i, j, k, l",
  );
  expect(() => orbitPoints(orbitOf(225, 'e'), [])).toThrow('0 parameters for a position with 1 free');
});
