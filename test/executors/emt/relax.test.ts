import { describe, expect, test } from 'vitest';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';
import { scaleToVolume, volumeAngstrom3 } from '../../../src/crystal/crystal.ts';
import { sameCrystal } from '../../../src/crystal/identity/fingerprint.ts';
import { PROTOTYPES } from '../../../src/crystal/generators/prototypes.ts';
import { occupy } from '../../../src/crystal/generators/substitution.ts';
import { spaceGroup } from '../../../src/crystal/symmetry/symmetry.ts';
import { evaluateEmt } from '../../../src/executors/emt/potential.ts';
import { relax, relaxation } from '../../../src/executors/emt/relax.ts';
import { rattle, retold } from '../../crystal/variants.ts';
import reference from './ase-reference.json' with { type: 'json' };

loadSymmetryFinder();

const settings = { maxForceEvPerAngstrom: 0.01, maxStressEvPerAngstrom3: 0.0005, maxSteps: 500 };
const [fcc, , hcp] = PROTOTYPES.slice(0, 3).map((prototype) => occupy(prototype, [29]));
if (fcc === undefined || hcp === undefined) throw new Error('no prototypes');

describe("reaches ASE's relaxed energies", () => {
  test.each(reference.relaxations.crystals.map((row, i) => [i, row] as const))('crystal %i', (_, row) => {
    const found = relax(row.crystal, reference.relaxations.settings);
    expect(found.outcome).toBe('converged');
    expect(found.energyEvPerAtom).toBeCloseTo(row.energyEvPerAtom, 5);
  });
});

test('a relaxed crystal has the forces, stress and energy that it reports', () => {
  const start = rattle(hcp, 0.3, 1);
  const { outcome, crystal, ...state } = relax(start, settings);
  if (crystal === null) throw new Error(outcome);
  const { energyEv, forcesEvPerAngstrom, stressEvPerAngstrom3 } = evaluateEmt(crystal);
  expect(energyEv / 2).toBeCloseTo(state.energyEvPerAtom, 9);
  expect(Math.max(...stressEvPerAngstrom3.map(Math.abs))).toBeCloseTo(state.maxStressEvPerAngstrom3, 9);
  expect(Math.hypot(...forcesEvPerAngstrom.slice(0, 3))).toBeCloseTo(state.maxForceEvPerAngstrom, 8);
  expect(state.maxForceEvPerAngstrom).toBeLessThan(0.01);
  expect(state.energyEvPerAtom).toBeLessThan(evaluateEmt(start).energyEv / 2);
});

test('starts near one phase end in it, however they are told', () => {
  const expected = relax(fcc, settings);
  for (let seed = 0; seed < 5; seed++) {
    const start = rattle(
      retold(scaleToVolume(fcc, (1 + 0.05 * seed) * volumeAngstrom3(fcc)), seed),
      0.1,
      seed,
    );
    const found = relax(start, settings);
    expect(found.energyEvPerAtom).toBeCloseTo(expected.energyEvPerAtom, 3);
    if (found.crystal === null || expected.crystal === null) throw new Error(found.reason);
    expect(sameCrystal(found.crystal, expected.crystal)).toBe(true);
    expect(spaceGroup(found.crystal).number).toBe(225);
  }
});

test('a crushed crystal expands again, or is called unsafe, and is never NaN', () => {
  for (const factor of [0.4, 0.6, 2, 4, 20]) {
    const { outcome, energyEvPerAtom, crystal } = relax(
      scaleToVolume(hcp, factor * volumeAngstrom3(hcp)),
      settings,
    );
    expect(['converged', 'unsafe']).toContain(outcome);
    expect(crystal === null).toBe(outcome === 'unsafe');
    expect(outcome === 'unsafe' || energyEvPerAtom < 1).toBe(true);
  }
  expect(relax(scaleToVolume(hcp, 0.1 * volumeAngstrom3(hcp)), settings).outcome).toBe('unsafe');
});

test('gives up after its steps, with the best so far', () => {
  const found = relax(rattle(hcp, 0.3, 1), { ...settings, maxSteps: 3 });
  expect(found.outcome).toBe('notConverged');
  expect(found.steps).toBe(3);
  expect(found.crystal).not.toBeNull();
});

test('the energy never rises on the way', () => {
  const energies = [...relaxation(rattle(hcp, 0.4, 2), settings)].map((state) => state.energyEvPerAtom);
  expect(energies.length).toBeGreaterThan(3);
  energies
    .slice(1)
    .forEach((energy, i) => expect(energy).toBeLessThanOrEqual((energies[i] as number) + 2e-6));
});
