import { describe, expect, test } from 'vitest';
import type { Arm, LabelFact } from '../../src/campaign/facts.ts';
import {
  judgeLabels,
  learningTargets,
  learningValues,
  summariseJudgements,
  hullOfLabels,
} from '../../src/campaign/objective.ts';
import type { Objective } from '../../src/campaign/spec.ts';

const hull: Objective = { kind: 'hull', energyAboveHull: { max: 0.01 } };

interface Given {
  id: string;
  arm?: Arm;
  atomicNumbers: number[];
  values: Record<string, number>;
  /** Edge of the cubic cell, Å: different enough, and it is another phase. */
  edge?: number;
}

function label({ id, arm = 'model', atomicNumbers, values, edge = 3 }: Given): LabelFact {
  const crystal = {
    latticeAngstrom: [edge, 0, 0, 0, edge, 0, 0, 0, edge],
    fractionalCoordinates: atomicNumbers.flatMap((_, i) => [i / atomicNumbers.length, 0, 0]),
    atomicNumbers,
  };
  return {
    _id: id,
    candidateId: id,
    formula: atomicNumbers.join('-'),
    arm,
    values: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, { value, unit: 'eV/atom', uncertainty: null }]),
    ),
    crystal,
    relaxedCrystal: crystal,
    generator: 'substitution',
    generatorVersion: 0,
    modelVersion: 0,
    predicted: null,
    executor: { name: 'emt', version: '1' },
    settingsSha256: 'x',
    coreSeconds: 0.1,
    startedAt: '2026-01-01T00:00:00.000Z',
    endedAt: `2026-01-01T00:00:0${id.length}.000Z`,
  };
}

const energy = (value: number) => ({ energyEvPerAtom: value });
const references = [
  label({ id: 'Cu', arm: 'reference', atomicNumbers: [29], values: energy(-1) }),
  label({ id: 'Au', arm: 'reference', atomicNumbers: [79], values: energy(-2) }),
];
// Between the elements lies -1.5 eV/atom: these are 0.1 and 0.095 below, and 0.2 above it.
const best = label({ id: 'best', atomicNumbers: [29, 79], values: energy(-1.6) });
const near = label({ id: 'near', atomicNumbers: [29, 79], values: energy(-1.595), edge: 3.4 });
const high = label({ id: 'high', atomicNumbers: [29, 79], values: energy(-1.3), edge: 3.8 });

describe('the hull objective', () => {
  test('measures from the hull of the labels themselves, references never being discoveries', () => {
    const judgements = judgeLabels(hull, [...references, best, near, high]);
    expect(judgements.map(({ distance }) => Number(distance.toFixed(6)))).toEqual([0, 0, 0, 0.005, 0.3]);
    expect(judgements.map(({ discovery }) => discovery)).toEqual([false, false, true, true, false]);
    expect(judgements[2]?.formationEnergyEvPerAtom).toBeCloseTo(-0.1);
  });

  test('a discovery ceases to be one when a lower phase comes', () => {
    const before = judgeLabels(hull, [...references, near]);
    const lower = label({ id: 'lower', atomicNumbers: [29, 79], values: energy(-1.7), edge: 3.2 });
    const after = judgeLabels(hull, [...references, near, lower]);
    expect([before[2]?.discovery, after[2]?.discovery]).toEqual([true, false]);
  });

  test('the same phase again is no second discovery, but counts for an arm that had not found it', () => {
    const again = { ...best, _id: 'again', arm: 'control' as const };
    const thrice = { ...best, _id: 'thrice', arm: 'control' as const };
    const labels = [...references, best, again, thrice];
    const judgements = judgeLabels(hull, labels);
    expect(judgements.map(({ discovery }) => discovery)).toEqual([false, false, true, false, false]);
    expect(judgements.map(({ firstInArm }) => firstInArm)).toEqual([false, false, true, true, false]);
    expect(summariseJudgements(labels, judgements)).toMatchObject({
      assessedLabels: 5,
      discoveries: { model: 1, control: 1, distinct: 1 },
      labelsSinceDiscovery: 2,
    });
  });

  test('the surrogate learns formation energies, from the proposed crystal’s composition', () => {
    const labels = [...references, high];
    expect(learningTargets(hull)).toEqual(['formationEnergyEvPerAtom']);
    expect(learningValues(hull, high, hullOfLabels(labels))[0]).toBeCloseTo(0.2);
  });

  test('without an element’s reference nothing is judged, and asking for the hull names the element', () => {
    const labels = [references[0] as LabelFact, best];
    const judgements = judgeLabels(hull, labels);
    expect(judgements.map(({ meets }) => meets)).toEqual([false, false]);
    expect(summariseJudgements(labels, judgements)).toMatchObject({
      best: null,
      discoveries: { distinct: 0 },
    });
    expect(() => hullOfLabels(labels)).toThrow('no phase of pure Au');
  });

  test('labels of another executor, version or settings are refused', () => {
    const others = [{ executor: { name: 'emt', version: '2' } }, { settingsSha256: 'y' }];
    for (const other of others) {
      expect(() => judgeLabels(hull, [...references, { ...best, ...other }])).toThrow(
        /phase Cu is of the method 'emt 1, settings x', that of phase best of 'emt [12], settings [xy]'/,
      );
    }
  });
});

describe('the windows objective', () => {
  const windows: Objective = {
    kind: 'windows',
    properties: {
      heat: { max: { value: 0.2, unit: 'eV/atom' } },
      gap: { min: { value: 1.5, unit: 'eV' }, max: { value: 3, unit: 'eV' } },
    },
  };
  const at = (id: string, heat: number, gap: number) =>
    label({ id, atomicNumbers: [29, 8], values: { heat, gap } });

  test('meets only inside every window, ends included; the distance is to the furthest window', () => {
    const judgements = judgeLabels(windows, [at('in', 0.2, 1.5), at('hot', 0.5, 2), at('both', 0.3, 4)]);
    expect(judgements.map(({ meets }) => meets)).toEqual([true, false, false]);
    expect(judgements.map(({ distance }) => Number(distance.toFixed(6)))).toEqual([0, 0.3, 1]);
  });

  test('a property that was not measured meets nothing and is learned as missing', () => {
    const half = label({ id: 'half', atomicNumbers: [29], values: { heat: 0 } });
    expect(judgeLabels(windows, [half])[0]).toMatchObject({
      meets: false,
      distance: Number.POSITIVE_INFINITY,
    });
    expect(learningValues(windows, half, null)).toEqual([0, null]);
  });
});
