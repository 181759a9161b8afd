import { describe, expect, test } from 'vitest';
import type { SucceededAnswer as Success } from '../../src/executors/contract.ts';
import { gate } from '../../src/executors/gate.ts';

const properties = { energyEvPerAtom: 'eV/atom' };
const cubic = (a: number, atomicNumbers = [29, 79]) => ({
  latticeAngstrom: [a, 0, 0, 0, a, 0, 0, 0, a],
  fractionalCoordinates: [0, 0, 0, 0.5, 0.5, 0.5],
  atomicNumbers,
});
const proposed = cubic(3.2);
const good: Success = {
  contractVersion: 1,
  key: 'k',
  status: 'succeeded',
  values: { energyEvPerAtom: { value: -0.05, unit: 'eV/atom', uncertainty: null } },
  relaxedCrystal: cubic(3.1),
  convergence: { converged: true, steps: 20, maxForceEvPerAngstrom: 0.005, maxStressEvPerAngstrom3: 1e-5 },
  artefacts: [],
  cost: { coreSeconds: 0.1, money: null },
  software: [{ name: 'test', version: '1' }],
};
const failures = (answer: Success) =>
  gate({ answer, proposed, properties })
    .filter((check) => !check.passed)
    .map((check) => check.name);

describe('gate', () => {
  test('lets a sound answer through, every check named', () => {
    expect(failures(good)).toEqual([]);
    const checks = gate({ answer: good, proposed, properties });
    expect(checks.map((check) => check.name)).toContain('energyEvPerAtom unit');
  });

  test.each<[string, Partial<Success>]>([
    ['energyEvPerAtom given', { values: {} }],
    [
      'energyEvPerAtom unit',
      { values: { energyEvPerAtom: { value: -5, unit: 'kJ/mol', uncertainty: null } } },
    ],
    [
      'energyEvPerAtom sane',
      { values: { energyEvPerAtom: { value: -1e6, unit: 'eV/atom', uncertainty: null } } },
    ],
    [
      'converged',
      { convergence: { ...(good.convergence as NonNullable<Success['convergence']>), converged: false } },
    ],
    ['volume kept', { relaxedCrystal: cubic(4.5) }],
    ['atoms kept', { relaxedCrystal: cubic(3.1, [29, 29]) }],
    [
      'relaxed shortestDistanceAngstrom',
      { relaxedCrystal: { ...cubic(3.1), fractionalCoordinates: [0, 0, 0, 0.05, 0, 0] } },
    ],
  ])('rejects by %s', (name, change) => {
    expect(failures({ ...good, ...change })).toContain(name);
  });
});
