import { describe, expect, test } from 'vitest';
import { densityGramPerCm3, makeCrystal, scaleToVolume, volumeAngstrom3 } from '../../src/crystal/crystal.ts';
import { supercell } from '../../src/crystal/geometry/supercell.ts';

const parts = {
  latticeAngstrom: [0, 1.805, 1.805, 1.805, 0, 1.805, 1.805, 1.805, 0],
  fractionalCoordinates: [0, 0, 0],
  atomicNumbers: [29],
};

describe('makeCrystal', () => {
  test('wraps coordinates into [0, 1), a rounding error below 0 included', () => {
    const { fractionalCoordinates } = makeCrystal({ ...parts, fractionalCoordinates: [-0.25, 1, -1e-17] });
    expect(fractionalCoordinates).toEqual([0.75, 0, 0]);
  });

  test.each([
    [{ latticeAngstrom: [1, 2, 3] }, 'the lattice has 3 numbers: give 9'],
    [{ latticeAngstrom: [1, 0, 0, 0, 1, 0, 1, 1, 0] }, 'that do not lie in a plane'],
    [{ latticeAngstrom: [NaN, 0, 0, 0, 1, 0, 0, 0, 1] }, 'the lattice hold NaN at position 0'],
    [{ fractionalCoordinates: [0, 0] }, '2 fractional coordinates for 1 atoms: give 3 for each'],
    [{ atomicNumbers: [0] }, 'unknown atomic number 0: give an integer from 1 to 103'],
    [{ atomicNumbers: [], fractionalCoordinates: [] }, 'the crystal has no atoms'],
    [{ atomicNumbers: [119] }, 'unknown atomic number 119'],
    [{ chargeE: NaN }, 'the net charge is NaN: give a finite number of elementary charges, or none'],
    [{ oxidationStates: [1, 2] }, '2 oxidation states for 1 atoms: give one for each'],
    [{ oxidationStates: [Infinity] }, 'the oxidation states hold Infinity at position 0'],
    [{ magneticMomentsMuB: [1, 2] }, '2 magnetic moments for 1 atoms: give 1 (collinear) or 3 (Cartesian'],
    [{ magneticMomentsMuB: [NaN] }, 'the magnetic moments hold NaN at position 0'],
  ])('refuses %j', (change, message) => {
    expect(() => makeCrystal({ ...parts, ...change })).toThrow(message);
  });
});

test('charge, oxidation states and moments are carried where given, and absent where not', () => {
  const given = { chargeE: 1, oxidationStates: [1], magneticMomentsMuB: [0, 0, 0.5] };
  expect(makeCrystal({ ...parts, ...given })).toEqual({ ...parts, ...given });
  expect(Object.keys(makeCrystal({ ...parts, chargeE: undefined }))).toEqual(Object.keys(parts));
});

test('copper weighs 8.97 g/cm³, in any supercell and not in a larger volume', () => {
  const copper = makeCrystal(parts);
  expect(densityGramPerCm3(copper)).toBeCloseTo(8.972, 3);
  const large = supercell(copper, [2, 3, 1]);
  expect(large.atomicNumbers).toHaveLength(6);
  expect(densityGramPerCm3(large)).toBeCloseTo(8.972, 3);
  expect(volumeAngstrom3(scaleToVolume(copper, 20))).toBeCloseTo(20, 12);
});
