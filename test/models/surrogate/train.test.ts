import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadBackend } from '../../../src/models/backend.ts';
import type { TrainSurrogateJob } from '../../../src/models/service.ts';
import { scoreEnsemble, startFromBase } from '../../../src/models/surrogate/ensemble.ts';
import { isHeldOut } from '../../../src/models/surrogate/split.ts';
import { memberSize } from '../../../src/models/surrogate/parameters.ts';
import { readSurrogate, scoreSurrogate } from '../../../src/models/surrogate/surrogate.ts';
import { TrainingError, trainEnsemble } from '../../../src/models/surrogate/train-ensemble.ts';
import { trainSurrogate } from '../../../src/models/surrogate/train.ts';
import { analyticRows } from '../analytic-rows.ts';
import { availableBackends } from '../backends.ts';

const folder = await mkdtemp(join(tmpdir(), 'assayer-'));
let files = 0;

function job(rows: number, changes: Partial<TrainSurrogateJob> = {}): TrainSurrogateJob {
  return {
    base: null,
    champion: null,
    rows: analyticRows(rows, 1),
    targets: ['energyEvPerAtom'],
    members: 2,
    seed: 1,
    output: join(folder, `${files++}.safetensors`),
    ...changes,
  };
}
const ignore = (): void => undefined;
const backends = await availableBackends();
const [fastest] = backends;

describe('trainSurrogate', () => {
  test('learns a pair potential far better than the mean and the linear model', async () => {
    const backend = await loadBackend(fastest);
    const before = backend.tf.memory().numTensors;
    const report = await trainSurrogate(backend, job(160), ignore);
    const [metrics] = report.challenger;
    const baseline = new Map(report.baselines.map(({ name, mae }) => [name, mae[0]!]));
    expect(metrics!.mae).toBeLessThan(0.5 * baseline.get('mean')!);
    expect(metrics!.mae).toBeLessThan(baseline.get('ridge')!);
    expect(metrics!.count).toBe(report.heldOut.length);
    expect(metrics!.coverage90).toBeGreaterThan(0.6);
    expect(report).toMatchObject({ promote: true, champion: null });
    expect(backend.tf.memory().numTensors).toBe(before);
  }, 60_000);

  test('the same seed gives the same weights, another seed others', async () => {
    const backend = await loadBackend(fastest);
    const weights = [];
    for (const seed of [7, 7, 8]) {
      const one = job(10, { seed, members: 1 });
      weights.push((await trainEnsemble(backend, one, ignore)).ensemble.weights);
    }
    expect(weights[0]).toEqual(weights[1]);
    expect(weights[0]).not.toEqual(weights[2]);
  }, 60_000);

  test.each(backends)(
    'works with ten labels, some missing, on %s',
    async (name) => {
      const backend = await loadBackend(name);
      const rows = analyticRows(10, 3).map((row, index) => ({
        ...row,
        values: [row.values[0]!, index % 2 === 0 ? null : 5 * row.values[0]!],
      }));
      const two = job(0, { rows, targets: ['energyEvPerAtom', 'gapEv'], members: 3 });
      const report = await trainSurrogate(backend, two, ignore);
      expect(report.challenger).toHaveLength(2);
      const { surrogate } = await readSurrogate(two.output);
      const crystals = rows.map(({ crystal }) => crystal);
      const { mean, sigma } = scoreSurrogate(backend.tf, surrogate, crystals);
      for (const number of [...mean, ...sigma]) expect(Number.isFinite(number)).toBe(true);
      for (const number of sigma) expect(number).toBeGreaterThan(0);
    },
    60_000,
  );

  test('a target that is often zero is learned in two parts', async () => {
    const backend = await loadBackend(fastest);
    const rows = analyticRows(120, 5);
    const energies = rows.map(({ values }) => values[0]!).sort((l, r) => l - r);
    const gapped = rows.map((row) => ({ ...row, values: [Math.max(0, row.values[0]! - energies[60]!)] }));
    const first = job(0, { rows: gapped, targets: ['gapEv'] });
    const report = await trainSurrogate(backend, first, ignore);
    const { ensemble } = await trainEnsemble(backend, first, ignore);
    expect(ensemble.kinds).toEqual(['two-part']);
    const values = gapped.map((row) => row.values[0]!);
    const spread = mean(values.map((value) => Math.abs(value - mean(values))));
    expect(report.baselines.find(({ name }) => name === 'network')!.mae[0]!).toBeLessThan(0.7 * spread);
  }, 60_000);

  test('a dear fidelity of which few labels are known learns from a cheap one of which many are', async () => {
    const backend = await loadBackend(fastest);
    const cheap = analyticRows(160, 6);
    // Dear values lie elsewhere and count more, as another method's do; one row in eight has one.
    const dearOf = (row: (typeof cheap)[number]): number => 1.3 * row.values[0]! + 0.5;
    const both = cheap.map((row, index) => ({
      ...row,
      values: [row.values[0]!, index % 8 === 0 ? dearOf(row) : null],
    }));
    const alone = cheap
      .filter((_, index) => index % 8 === 0)
      .map((row) => ({ ...row, values: [dearOf(row)] }));
    const asked = analyticRows(100, 7);
    const errorWith = async (rows: TrainSurrogateJob['rows'], targets: string[]): Promise<number> => {
      const { ensemble } = await trainEnsemble(backend, job(0, { rows, targets }), ignore);
      const scores = scoreEnsemble(
        backend.tf,
        ensemble,
        asked.map(({ crystal }) => crystal),
      );
      const column = targets.length - 1;
      return mean(asked.map((row, i) => Math.abs(scores.mean[i * targets.length + column]! - dearOf(row))));
    };
    const [withCheap, withoutCheap] = [
      await errorWith(both, ['cheapEv', 'dearEv']),
      await errorWith(alone, ['dearEv']),
    ];
    expect(withCheap).toBeLessThan(0.7 * withoutCheap);
  }, 60_000);

  test('one label is enough to go on', async () => {
    const report = await trainSurrogate(await loadBackend(fastest), job(1), ignore);
    expect(report.promote).toBe(true);
  }, 60_000);

  test('a champion is compared on the same held-out rows, and one of few labels loses to one of many', async () => {
    const backend = await loadBackend(fastest);
    const few = job(0, { rows: analyticRows(120, 1).slice(0, 12) });
    await trainSurrogate(backend, few, ignore);
    const many = job(120, { champion: few.output });
    const report = await trainSurrogate(backend, many, ignore);
    expect(report.champion![0]!.count).toBe(report.challenger[0]!.count);
    expect(report.champion![0]!.mae).toBeGreaterThan(report.challenger[0]!.mae);
    expect(report.promote).toBe(true);
    const reverse = await trainSurrogate(
      backend,
      job(0, { rows: spoiled(120), champion: many.output }),
      ignore,
    );
    expect(reverse).toMatchObject({ promote: false, reason: expect.stringMatching(/^rejected/) });
  }, 240_000);

  test('refuses what cannot train anything, with the remedy', async () => {
    const backend = await loadBackend(fastest);
    await expect(trainSurrogate(backend, job(0), ignore)).rejects.toThrow(TrainingError);
    await expect(trainSurrogate(backend, job(4, { members: 0 }), ignore)).rejects.toThrow(/positive integer/);
    const unknown = job(4, { targets: ['energyEvPerAtom', 'gapEv'] });
    await expect(trainSurrogate(backend, unknown, ignore)).rejects.toThrow(/no row has a value of gapEv/);
  });
});

test('a start from a base keeps bodies, and the heads of targets that it knows on the new scale', async () => {
  const backend = await loadBackend(fastest);
  const first = job(12, { members: 2 });
  const { ensemble: base } = await trainEnsemble(backend, first, ignore);
  const crystals = first.rows.map(({ crystal }) => crystal);
  const scales = [
    { mean: -3, deviation: 0.5 },
    { mean: 1, deviation: 4 },
  ];
  const targets = ['newEv', 'energyEvPerAtom'];
  const start = startFromBase(base, { targets, scales, members: 3, seed: 1 });
  expect(start.weights).toHaveLength(3 * memberSize(start.architecture));
  const recalibrations = [0, 1].map(() => ({ scale: 1, floor: 0 }));
  const raw = { ...base, recalibrations: [{ scale: 1, floor: 0 }] };
  const again = scoreEnsemble(
    backend.tf,
    { ...start, members: 3, targets, kinds: ['value', 'value'], scales, recalibrations },
    crystals,
  );
  const known = scoreEnsemble(backend.tf, raw, crystals);
  crystals.forEach((_, i) => {
    // Member 2 has the body and the head of base member 0.
    expect(again.memberMeans[2 * (2 * crystals.length + i) + 1]!).toBeCloseTo(known.memberMeans[i]!, 3);
  });
}, 60_000);

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Rows whose training values are noise, while the held-out ones are true. */
function spoiled(count: number) {
  return analyticRows(count, 1).map((row, index) =>
    isHeldOut(row.group) ? row : { ...row, values: [index % 2 === 0 ? 30 : -30] },
  );
}
