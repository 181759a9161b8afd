import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Crystal, volumeAngstrom3 } from '../../../src/crystal/crystal.ts';
import { supercell } from '../../../src/crystal/geometry/supercell.ts';
import { multiply } from '../../../src/crystal/geometry/lattice.ts';
import { EMT_ELEMENTS } from '../../../src/executors/emt/parameters.ts';
import { emtPotential, evaluateEmt } from '../../../src/executors/emt/potential.ts';
import { anyCrystal, changeCell, rotate, shuffle, translate } from '../../crystal/variants.ts';
import reference from './ase-reference.json' with { type: 'json' };

const crystals = anyCrystal([...EMT_ELEMENTS.keys()]);
const perAtom = (crystal: Crystal): number => evaluateEmt(crystal).energyEv / crystal.atomicNumbers.length;

describe('as ASE computes it', () => {
  test.each(reference.points.map((point, i) => [i, point] as const))('cell %i', (_, point) => {
    const found = evaluateEmt(point.crystal);
    expect(Math.abs(found.energyEv - point.energyEv)).toBeLessThan(1e-8);
    found.forcesEvPerAngstrom.forEach((f, i) =>
      expect(Math.abs(f - (point.forcesEvPerAngstrom[i] as number))).toBeLessThan(1e-8),
    );
    found.stressEvPerAngstrom3.forEach((s, i) =>
      expect(Math.abs(s - (point.stressEvPerAngstrom3[i] as number))).toBeLessThan(1e-8),
    );
  });
});

describe('derivatives', () => {
  const point = reference.points.find(({ crystal }) => crystal.atomicNumbers.length === 4);
  if (point === undefined) throw new Error('no cell of 4 atoms');
  const { crystal } = point;
  const h = 1e-4;

  test('forces are minus the slope of the energy', () => {
    const { forcesEvPerAngstrom } = evaluateEmt(crystal);
    const potential = emtPotential(crystal.atomicNumbers);
    const lattice = Float64Array.from(crystal.latticeAngstrom);
    // Along a lattice vector, by fractional coordinate: dE/ds = −f·a.
    for (let i = 0; i < 12; i++) {
      const moved = (by: number): number => {
        const x = Float64Array.from(crystal.fractionalCoordinates);
        x[i] = (x[i] as number) + by;
        return potential.evaluate(lattice, x);
      };
      const atom = 3 * Math.floor(i / 3);
      const row = lattice.subarray(3 * (i % 3), 3 * (i % 3) + 3);
      const expected = -row.reduce((sum, x, k) => sum + x * (forcesEvPerAngstrom[atom + k] as number), 0);
      expect((moved(h) - moved(-h)) / (2 * h)).toBeCloseTo(expected, 4);
    }
  });

  test('stress is the slope of the energy with strain, per volume', () => {
    const { stressEvPerAngstrom3 } = evaluateEmt(crystal);
    for (let i = 0; i < 9; i++) {
      const strained = (by: number): number => {
        const deformation = [1, 0, 0, 0, 1, 0, 0, 0, 1];
        deformation[i] = (deformation[i] as number) + by;
        return evaluateEmt({ ...crystal, latticeAngstrom: multiply(crystal.latticeAngstrom, deformation) })
          .energyEv;
      };
      const slope = (strained(h) - strained(-h)) / (2 * h);
      expect(slope / volumeAngstrom3(crystal)).toBeCloseTo(stressEvPerAngstrom3[i] as number, 5);
    }
  });
});

describe('invariances', () => {
  test('the energy does not depend on rotation, origin, order or cell', () => {
    fc.assert(
      fc.property(crystals, fc.nat(999), (crystal, seed) => {
        const expected = perAtom(crystal);
        for (const retell of [rotate, translate, shuffle, changeCell]) {
          expect(perAtom(retell(crystal, seed))).toBeCloseTo(expected, 8);
        }
        expect(perAtom(supercell(crystal, [2, 1, 1]))).toBeCloseTo(expected, 8);
      }),
      { numRuns: 25 },
    );
  });

  test('forces sum to zero and turn with the crystal', () => {
    fc.assert(
      fc.property(crystals, fc.nat(999), (crystal, seed) => {
        const norm = (forces: readonly number[]): number[] =>
          crystal.atomicNumbers.map((_, i) => Math.hypot(...forces.slice(3 * i, 3 * i + 3)));
        const forces = evaluateEmt(crystal).forcesEvPerAngstrom;
        const turned = evaluateEmt(rotate(crystal, seed)).forcesEvPerAngstrom;
        norm(turned).forEach((f, i) => expect(f).toBeCloseTo(norm(forces)[i] as number, 6));
        for (let k = 0; k < 3; k++) {
          expect(forces.filter((_, i) => i % 3 === k).reduce((sum, f) => sum + f, 0)).toBeCloseTo(0, 7);
        }
      }),
      { numRuns: 25 },
    );
  });
});

test('a kept pair list gives what a new one gives, while atoms leave the cell and the cell strains', () => {
  const { crystal } = reference.points[3] as (typeof reference.points)[0];
  const potential = emtPotential(crystal.atomicNumbers);
  const lattice = Float64Array.from(crystal.latticeAngstrom);
  const fractional = Float64Array.from(crystal.fractionalCoordinates);
  for (let step = 0; step < 60; step++) {
    fractional.forEach((x, i) => (fractional[i] = x + 0.02 * Math.sin(7 * i + step)));
    lattice.forEach((x, i) => (lattice[i] = x * (1 + 0.004 * Math.sin(3 * i + step))));
    const fresh = emtPotential(crystal.atomicNumbers).evaluate(lattice, fractional);
    expect(potential.evaluate(lattice, fractional)).toBeCloseTo(fresh, 9);
  }
});

test('an atom without neighbours has the energy of a free one; other elements are refused by name', () => {
  const alone = {
    latticeAngstrom: [20, 0, 0, 0, 20, 0, 0, 0, 20],
    fractionalCoordinates: [0, 0, 0],
    atomicNumbers: [29],
  };
  expect(evaluateEmt(alone).energyEv).toBeCloseTo(3.51, 12);
  expect(() => evaluateEmt({ ...alone, atomicNumbers: [26] })).toThrow(
    'EMT knows no Fe: it has Al, Ni, Cu, Pd, Ag, Pt, Au',
  );
});
