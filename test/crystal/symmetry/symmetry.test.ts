import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reducedFormula } from '../../../src/crystal/chemistry/composition.ts';
import { makeCrystal, volumeAngstrom3 } from '../../../src/crystal/crystal.ts';
import { parseCif } from '../../../src/crystal/formats/cif.ts';
import { inverse, multiply, multiplyRows } from '../../../src/crystal/geometry/lattice.ts';
import { supercell } from '../../../src/crystal/geometry/supercell.ts';
import { shortest } from '../../../src/crystal/geometry/torus.ts';
import { applyOperation } from '../../../src/crystal/symmetry/operation.ts';
import {
  conventionalCell,
  findSymmetry,
  primitiveCell,
  spaceGroup,
  type StandardCell,
} from '../../../src/crystal/symmetry/symmetry.ts';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';
import excerpt from '../../fixtures/crystal/mp-20-excerpt.json' with { type: 'json' };
import { variedCrystals } from '../reference.ts';
import { rattle, retold } from '../variants.ts';

loadSymmetryFinder();

const copper = makeCrystal({
  latticeAngstrom: [0, 1.805, 1.805, 1.805, 0, 1.805, 1.805, 1.805, 0],
  fractionalCoordinates: [0, 0, 0],
  atomicNumbers: [29],
});

const rockSalt = makeCrystal({
  latticeAngstrom: [0, 2.82, 2.82, 2.82, 0, 2.82, 2.82, 2.82, 0],
  fractionalCoordinates: [0, 0, 0, 0.5, 0.5, 0.5],
  atomicNumbers: [11, 17],
});

test.each(excerpt.rows.map((row) => [row.id, row] as const))(
  '%s has the space group of the Materials Project',
  (_, row) => {
    expect(spaceGroup(parseCif(row.cif)).number).toBe(row.spaceGroup);
  },
);

test('a supercell of fcc goes back to one atom, and on to four', () => {
  const large = supercell(copper, [2, 3, 1]);
  const primitive = primitiveCell(large);
  expect(spaceGroup(large)).toEqual({
    number: 225,
    symbol: 'Fm-3m',
    hallNumber: 523,
    pearsonSymbol: 'cF4',
  });
  expect(primitive.atomicNumbers).toEqual([29]);
  expect(volumeAngstrom3(primitive)).toBeCloseTo(volumeAngstrom3(copper), 9);
  expect(conventionalCell(large).atomicNumbers).toHaveLength(4);
});

test('rock salt has its Wyckoff positions and site symmetries', () => {
  const { wyckoffLetters, siteSymmetries, orbits, operations } = findSymmetry(rockSalt, 0.01);
  expect(new Set(wyckoffLetters)).toEqual(new Set(['a', 'b']));
  expect(siteSymmetries).toEqual(['m-3m', 'm-3m']);
  expect(orbits).toEqual([0, 1]);
  expect(operations).toHaveLength(48);
});

describe('charge, oxidation states and moments', () => {
  const salt = makeCrystal({ ...rockSalt, chargeE: 2, oxidationStates: [1, -1] });

  test('stay with their atoms in the standard cells', () => {
    const { conventional } = findSymmetry(supercell(salt, [2, 1, 1]), 0.01);
    expect(conventional.crystal.chargeE).toBe(8);
    conventional.crystal.atomicNumbers.forEach((z, i) =>
      expect(conventional.crystal.oxidationStates?.[i]).toBe(z === 11 ? 1 : -1),
    );
  });

  test('tell atoms of one element apart', () => {
    const chain = supercell(copper, [1, 1, 2]);
    const antiferromagnet = makeCrystal({ ...chain, magneticMomentsMuB: [1, -1] });
    expect(primitiveCell(chain).atomicNumbers).toHaveLength(1);
    expect(new Set(primitiveCell(antiferromagnet).magneticMomentsMuB)).toEqual(new Set([-1, 1]));
  });

  test('turn with the standard cell', () => {
    // Along c of a tetragonal cell that lies along x.
    const lying = makeCrystal({
      latticeAngstrom: [0, 3, 0, 0, 0, 3, 4, 0, 0],
      fractionalCoordinates: [0, 0, 0],
      atomicNumbers: [26],
      magneticMomentsMuB: [2, 0, 0],
    });
    const moment = conventionalCell(lying).magneticMomentsMuB ?? [];
    expect(moment.map((m) => Math.abs(m))).toEqual([0, 0, 2].map((m) => expect.closeTo(m, 9) as number));
  });
});

describe('on the 2,000 varied crystals', () => {
  const crystals = variedCrystals();

  /** The largest distance, Å, of an atom of the given crystal from one of its kind in the standard cell. */
  function worstFit(crystal: (typeof crystals)[0], { crystal: cell, change, origin }: StandardCell): number {
    const shifted = crystal.fractionalCoordinates.map((x, i) => x - (origin[i % 3] as number));
    const moved = multiplyRows(shifted, inverse(change));
    return crystal.atomicNumbers.reduce((worst, z, i) => {
      const distances = cell.atomicNumbers.map((other, j) => {
        if (other !== z) return Infinity;
        const apart = [0, 1, 2].map((k) =>
          shortest((moved[3 * i + k] as number) - (cell.fractionalCoordinates[3 * j + k] as number)),
        );
        return Math.hypot(...multiplyRows(apart, cell.latticeAngstrom));
      });
      return Math.max(worst, Math.min(...distances));
    }, 0);
  }

  test('operations map atoms onto atoms of their orbit, and the transformations lead to the standard cells', () => {
    for (const crystal of crystals.filter((_, i) => i % 40 === 0)) {
      const found = findSymmetry(crystal, 0.01);
      for (const cell of [found.conventional, found.primitive]) {
        expect(worstFit(crystal, cell)).toBeLessThan(0.03);
        const lattice = multiply(multiply(cell.change, crystal.latticeAngstrom), cell.rotation);
        lattice.forEach((x, k) =>
          expect(Math.abs(x - (cell.crystal.latticeAngstrom[k] as number))).toBeLessThan(0.05),
        );
      }
      for (const operation of found.operations) {
        const moved = applyOperation(operation, crystal.fractionalCoordinates);
        found.orbits.forEach((orbit, i) => {
          const isThere = found.orbits.some((other, j) => {
            const apart = [0, 1, 2].map((k) =>
              shortest((moved[3 * i + k] as number) - (crystal.fractionalCoordinates[3 * j + k] as number)),
            );
            return other === orbit && Math.hypot(...multiplyRows(apart, crystal.latticeAngstrom)) < 0.05;
          });
          expect(isThere).toBe(true);
        });
      }
    }
  });

  test('a crystal told otherwise has the same space group and the same standard cell', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...crystals.filter(({ id }) => id.startsWith('mp'))),
        fc.integer({ min: 0, max: 1000 }),
        (crystal, seed) => {
          const here = findSymmetry(crystal, 0.01);
          const there = findSymmetry(retold(crystal, seed), 0.01);
          expect(there.spaceGroup).toEqual(here.spaceGroup);
          expect(reducedFormula(there.primitive.crystal)).toBe(reducedFormula(here.primitive.crystal));
          expect(there.primitive.crystal.atomicNumbers).toHaveLength(
            here.primitive.crystal.atomicNumbers.length,
          );
          expect(volumeAngstrom3(there.conventional.crystal)).toBeCloseTo(
            volumeAngstrom3(here.conventional.crystal),
            3,
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});

test('names two atoms on one site instead of taking them for one', () => {
  const doubled = makeCrystal({
    ...rockSalt,
    fractionalCoordinates: [0, 0, 0, 0, 0, 0.001],
    atomicNumbers: [11, 11],
  });
  expect(() => spaceGroup(doubled)).toThrow(
    'atoms 0 (Na) and 1 (Na) lie 0.00399 Å apart, on one site: remove one of them, or correct its coordinates, ' +
      'or give a tolerance below their distance (it is 0.1 Å)',
  );
  expect(() => spaceGroup(rockSalt, 0)).toThrow('within 0 Å: give a positive tolerance');
});

test('a cell of hundreds of atoms is told as fast as a small one, also when its atoms have moved a little', () => {
  const large = supercell(conventionalCell(rockSalt), [4, 4, 4]);
  expect(large.atomicNumbers).toHaveLength(512);
  expect(spaceGroup(large)).toEqual(spaceGroup(rockSalt));
  expect(primitiveCell(rattle(large, 0.005, 1)).atomicNumbers).toHaveLength(2);
  expect(conventionalCell(large).atomicNumbers).toHaveLength(8);
  // Decorated atoms are not merged: every second sodium with a moment makes another crystal.
  const magnetic = makeCrystal({
    ...supercell(conventionalCell(rockSalt), [2, 2, 3]),
    magneticMomentsMuB: Array.from({ length: 96 }, (_, i) => i % 2),
  });
  expect(primitiveCell(magnetic).atomicNumbers.length).toBeGreaterThan(2);
});
