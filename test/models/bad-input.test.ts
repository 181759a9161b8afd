import { copyFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CheckpointError, cardPath } from '../../src/models/checkpoint.ts';
import { ScoringError, createModels } from '../../src/models/process/models.ts';
import type { TrainSurrogateJob } from '../../src/models/service.ts';
import { initialParameters } from '../../src/models/surrogate/parameters.ts';
import { TrainingError } from '../../src/models/surrogate/train-ensemble.ts';
import { analyticRows } from './analytic-rows.ts';
import { writtenSurrogate } from './written-surrogate.ts';

const folder = await mkdtemp(join(tmpdir(), 'assayer-'));
const models = createModels();
const watch = { signal: new AbortController().signal, progress: () => undefined };
const target = 'energyEvPerAtom';
const rows = analyticRows(6, 1);
const crystals = rows.map(({ crystal }) => crystal);
let files = 0;

/** A checkpoint of a small network. */
async function written(weightsOf = (weights: Float32Array) => weights): Promise<string> {
  const path = join(folder, `${files++}.safetensors`);
  const architecture = { width: 4, layers: 1, targets: 1 };
  const ensemble = {
    architecture,
    members: 1,
    targets: [target],
    weights: initialParameters(architecture, 1, 1),
    kinds: ['value' as const],
    scales: [{ mean: 0, deviation: 1 }],
    recalibrations: [{ scale: 1, floor: 0 }],
  };
  const spoiled = { ...ensemble, weights: weightsOf(ensemble.weights.slice()) };
  await writtenSurrogate(path, { kind: 'network', ensemble: spoiled }, { kind: 'network', ensemble });
  return path;
}

function job(changes: Partial<TrainSurrogateJob>): TrainSurrogateJob {
  const output = join(folder, `${files++}.safetensors`);
  return { base: null, champion: null, rows, targets: [target], members: 1, seed: 1, output, ...changes };
}

const withValue = (value: number) =>
  rows.map((row, index) => (index === 2 ? { ...row, values: [value] } : row));

describe('labels that are no numbers', () => {
  test.each([NaN, Infinity])(
    '%s does not train, and is listed',
    async (value) => {
      const report = await models.trainSurrogate(
        job({ base: await written(), rows: withValue(value) }),
        watch,
      );
      expect(report.findings).toContainEqual(
        expect.objectContaining({
          row: 2,
          target,
          setAside: true,
          reason: `${value} is not a finite number`,
        }),
      );
      expect(report.heldOut.map(({ row }) => row)).not.toContain(2);
    },
    60_000,
  );

  test('where there is no other, the training is refused by the name of its target', async () => {
    const nothing = rows.map((row) => ({ ...row, values: [NaN] }));
    const training = models.trainSurrogate(job({ rows: nothing }), watch);
    await expect(training).rejects.toThrow(TrainingError);
    await expect(training).rejects.toThrow(/no row has a value of energyEvPerAtom: drop the target/);
  });
});

/** What must be refused wherever a checkpoint is read, with its path, the problem and the remedy. */
const SPOILED: readonly [name: string, spoil: (path: string) => Promise<unknown>, said: RegExp][] = [
  ['cut off', (path) => truncate(path, 500), /damaged or cut off; restore the file/],
  ['without its card', (path) => rm(cardPath(path)), /\.json cannot be read; check the path/],
  ['without its weights', (path) => rm(path), /\.safetensors cannot be read; check the path/],
  [
    'with the card of another',
    async (path) => copyFile(cardPath(await written((w) => w.map((x) => x + 1))), cardPath(path)),
    /do not match the sha256 in its card: damaged or cut off; restore the file/,
  ],
  [
    'of another network',
    (path) => rewriteCard(path, (card) => card.replace(/"network": ".*"/, '"network": "a transformer"')),
    /"a transformer".* is not one this version can run; train it again with this version/,
  ],
  [
    'of another width than its card says',
    (path) => rewriteCard(path, (card) => card.replace('"width": 4', '"width": 8')),
    /tensor .+ is \[.+\], the network needs \[.+\]; use a checkpoint of this architecture, or train/,
  ],
  [
    'of a generator',
    (path) => rewriteCard(path, (card) => card.replace('"surrogate"', '"generator"')),
    /it holds a generator, not a surrogate; give the path of a surrogate/,
  ],
];

async function rewriteCard(path: string, change: (card: string) => string): Promise<void> {
  const card = await readFile(cardPath(path), 'utf8');
  expect(change(card)).not.toBe(card);
  await writeFile(cardPath(path), change(card));
}

describe.each(SPOILED)('a checkpoint %s', (_, spoil, said) => {
  test('neither scores, nor trains, nor is explained', async () => {
    const path = await written();
    await spoil(path);
    const uses = [
      models.score({ checkpoint: path, crystals }),
      models.trainSurrogate(job({ base: path }), watch),
      models.trainSurrogate(job({ champion: path }), watch),
      models.explain({ checkpoint: path, rows, seed: 1 }, watch),
    ];
    for (const use of await Promise.allSettled(uses)) {
      expect(use.status).toBe('rejected');
      const { reason } = use as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(CheckpointError);
      expect(String(reason)).toMatch(said);
    }
  });
});

describe('targets that a checkpoint does not have', () => {
  test('a champion is compared on its own targets only', async () => {
    const other = job({ champion: await written(), targets: ['gapEv'] });
    await expect(models.trainSurrogate(other, watch)).rejects.toThrow(
      /it predicts energyEvPerAtom, the job trains gapEv; compare models of the same targets, or give no champion/,
    );
  });

  test('a base gets a new head for them', async () => {
    const report = await models.trainSurrogate(job({ base: await written(), targets: ['gapEv'] }), watch);
    const scores = await models.score({ checkpoint: report.checkpoint, crystals });
    expect(scores.targets).toEqual(['gapEv']);
  }, 60_000);

  test('rows to explain must have those that it predicts', async () => {
    const two = rows.map((row) => ({ ...row, values: [...row.values, 1] }));
    await expect(models.explain({ checkpoint: await written(), rows: two, seed: 1 }, watch)).rejects.toThrow(
      /a row of group 0 has 2 values, the surrogate predicts energyEvPerAtom: give one value for each/,
    );
  });
});

test('weights that are no numbers give an error, never a score', async () => {
  const checkpoint = await written((weights) => weights.fill(NaN));
  const scoring = models.score({ checkpoint, crystals });
  await expect(scoring).rejects.toThrow(ScoringError);
  await expect(scoring).rejects.toThrow(
    /gives NaN ± NaN for energyEvPerAtom of crystal 1 \(.+\): its weights are of no use, train the surrogate again/,
  );
});
