import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadBackend } from '../../../src/models/backend.ts';
import { DESCRIPTOR_NAMES, describeCrystals } from '../../../src/models/baselines/descriptors.ts';
import type { MethodName } from '../../../src/models/baselines/methods.ts';
import { METHODS } from '../../../src/models/baselines/methods.ts';
import { standardise, standardiserOf } from '../../../src/models/baselines/table.ts';
import { explainSurrogate } from '../../../src/models/insight/explain.ts';
import type { TrainingRow } from '../../../src/models/service.ts';
import { initialParameters } from '../../../src/models/surrogate/parameters.ts';
import type { TargetModel } from '../../../src/models/surrogate/surrogate.ts';
import { analyticRows } from '../analytic-rows.ts';
import { availableBackends } from '../backends.ts';
import { writtenSurrogate } from '../written-surrogate.ts';

const folder = await mkdtemp(join(tmpdir(), 'assayer-'));
const [fastest] = await availableBackends();
const backend = await loadBackend(fastest);
const quiet = (): void => undefined;
const target = 'energyEvPerAtom';

async function written(name: string, model: TargetModel): Promise<string> {
  const path = join(folder, `${name}.safetensors`);
  await writtenSurrogate(path, model);
  return path;
}

/** One simple model of the rows, on a checkpoint. */
async function simple(method: MethodName, rows: readonly TrainingRow[]): Promise<string> {
  const raw = describeCrystals(rows.map(({ crystal }) => crystal));
  const standardiser = standardiserOf(raw);
  const values = Float64Array.from(rows, (row) => row.values[0]!);
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  const fitted = METHODS[method].fit(
    standardise(standardiser, raw),
    values.map((x) => (x - mean) / deviation),
    { seed: 1 },
  );
  const head = { method, fitted, scale: { mean, deviation }, recalibration: { scale: 1, floor: 0 } };
  const model = { targets: [target], standardiser, heads: [head] };
  return written(method, { kind: 'simple', model });
}

async function network(): Promise<string> {
  const architecture = { width: 16, layers: 2, targets: 1 };
  const ensemble = {
    architecture,
    members: 3,
    targets: [target],
    weights: initialParameters(architecture, 3, 1),
    kinds: ['value' as const],
    scales: [{ mean: -1, deviation: 0.5 }],
    recalibrations: [{ scale: 1, floor: 0 }],
  };
  return written('network', { kind: 'network', ensemble });
}

/** Rows whose value is their density, a descriptor. */
function densityRows(count: number): TrainingRow[] {
  const rows = analyticRows(count, 3);
  const { values, width } = describeCrystals(rows.map(({ crystal }) => crystal));
  const column = DESCRIPTOR_NAMES.indexOf('density');
  return rows.map((row, index) => ({ ...row, values: [values[index * width + column]! / 5] }));
}

describe('explaining a surrogate', () => {
  const rows = densityRows(80);

  test.each(['extra trees', 'gradient boosting', 'ridge'] as const)(
    'by %s names the descriptor that the values are made of, first and upwards',
    async (method) => {
      const job = { checkpoint: await simple(method, rows), rows, seed: 1 };
      const { map, attributions } = await explainSurrogate(backend, job, quiet);
      const [descriptors] = attributions;
      expect(descriptors).toMatchObject({ target, over: 'descriptors', method: 'TreeSHAP', labels: 80 });
      expect(descriptors!.model).toBe(
        method === 'ridge' ? 'gradient boosting, fitted to the same labels beside ridge' : method,
      );
      expect(descriptors!.terms[0]!.name).toBe('density');
      expect(descriptors!.terms[0]!.direction).toBeGreaterThan(0.8);
      expect(descriptors!.terms.length).toBeLessThanOrEqual(15);
      expect(map!.space).toBe('descriptors');
      expect(map!.rows).toHaveLength(80);
      expect(map!.manifold).toHaveLength(160);
    },
  );

  test('of a network maps its last hidden layer, the same for the same seed, leaking nothing', async () => {
    const job = { checkpoint: await network(), rows, seed: 2 };
    const before = backend.tf.memory().numTensors;
    const first = await explainSurrogate(backend, job, quiet);
    expect(backend.tf.memory().numTensors).toBe(before);
    const { map, attributions } = first;
    expect(attributions.map(({ over, model }) => `${over}: ${model}`)).toEqual([
      'elements: the network',
      'descriptors: gradient boosting, fitted to the same labels beside the network',
    ]);
    expect(map!.space).toBe('last hidden layer');
    for (const list of [map!.principal, map!.manifold!, map!.domainDistance])
      expect(list.every(Number.isFinite)).toBe(true);
    expect(map!.domainDistance.filter((distance) => distance > 1)).toHaveLength(4);
    expect(await explainSurrogate(backend, job, quiet)).toEqual(first);
  });

  test('shows a sample of many labels, each with its row, in little space', async () => {
    const job = { checkpoint: await network(), rows: analyticRows(520, 4), seed: 3 };
    const explanation = await explainSurrogate(backend, job, quiet);
    const { map } = explanation;
    expect(new Set(map!.rows).size).toBe(500);
    expect(Math.max(...map!.rows)).toBeLessThan(520);
    expect(map!.principal).toHaveLength(1000);
    expect(JSON.stringify(explanation).length).toBeLessThan(40_000);
  }, 30_000);

  test('bears few labels, values that are missing and labels that are all alike', async () => {
    const checkpoint = await network();
    const unknown = rows.slice(0, 2).map((row) => ({ ...row, values: [null] }));
    const { map, attributions } = await explainSurrogate(
      backend,
      { checkpoint, rows: unknown, seed: 1 },
      quiet,
    );
    expect(map).toBeNull();
    expect(attributions.map(({ over, labels }) => `${over}: ${labels}`)).toEqual(['elements: 2']);
    const alike = Array.from({ length: 6 }, () => rows[0]!);
    expect((await explainSurrogate(backend, { checkpoint, rows: alike, seed: 1 }, quiet)).map).toBeNull();
  });
});
