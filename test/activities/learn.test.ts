import { EventEmitter } from 'node:events';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, expect, test } from 'vitest';
import type { ModelContext } from '../../src/activities/context.ts';
import { createModelActivities } from '../../src/activities/model.ts';
import type { ModelFact } from '../../src/campaign/facts.ts';
import type { Explanation, ModelService, SurrogateReport } from '../../src/models/service.ts';
import { specWith } from '../campaign/builders.ts';

// News of a training come from outside any activity, as they do from a child process that an earlier one started.
const process = new EventEmitter();
const news = setInterval(() => process.emit('news'), 5);
afterAll(() => clearInterval(news));

const metrics = {
  count: 9,
  mae: 0.05,
  rmse: 0.06,
  r2: 0.9,
  miscalibrationArea: 0.04,
  coverage90: 0.9,
  meanSquaredZ: 1,
};
const report: SurrogateReport = {
  checkpoint: 'challenger.safetensors',
  challenger: [metrics],
  champion: null,
  promote: true,
  reason: 'promoted: the first model',
  heldOut: [],
  baselines: [{ name: 'ridge', mae: [null] }],
  findings: [],
  trainSeconds: 1,
  backend: { backend: 'wasm', version: '4.22.0', device: 'cpu' },
};

const attributions = [
  {
    target: 'heatEvPerAtom',
    over: 'descriptors',
    model: 'extra trees',
    method: 'TreeSHAP',
    labels: 0,
    terms: [{ name: 'density', labels: 0, meanAbsolute: 0.1, direction: 1 }],
  },
] as const;

/** Learning's context with a training that tells its progress three times; models that are added are kept. */
function contextWith(
  models: ModelFact[],
  promote: boolean,
  explain = (): Explanation => ({ map: null, attributions }),
): ModelContext {
  const spec = specWith({
    objective: { kind: 'windows', properties: { heatEvPerAtom: { max: '0 eV/atom' } } },
  });
  const training: Partial<ModelService> = {
    trainSurrogate: async (_, watch) => {
      for (let i = 1; i <= 3; i++) {
        await new Promise<void>((resolve) => {
          process.once('news', () => {
            watch.progress(`epoch ${i}`);
            resolve();
          });
        });
      }
      return { ...report, promote };
    },
    explain: async () => explain(),
  };
  const facts = {
    listLabels: async () => [],
    getModel: async () => ({ checkpointSha256: 'champion' }),
    addModel: async (model: ModelFact) => void models.push(model),
  };
  return {
    store: { getCampaign: async () => ({ _id: 'test', spec }), campaign: () => facts },
    artefacts: { putCheckpoint: async () => 'address', checkpointPath: (address: string) => address },
    training,
    base: { surrogate: 'base', generator: 'base' },
    scratch: '/tmp/assayer-test-scratch',
    now: () => new Date(0),
  } as unknown as ModelContext;
}

test('every training heartbeats to its own activity, whoever started the process', async () => {
  for (const version of [1, 2]) {
    const heartbeats: unknown[] = [];
    const environment = new MockActivityEnvironment({ attempt: 1 });
    environment.on('heartbeat', (detail) => heartbeats.push(detail));
    const context = contextWith([], true);
    await environment.run(() =>
      createModelActivities(context).trainSurrogate({ campaign: 'test', version, championVersion: 0 }),
    );
    expect(heartbeats).toEqual(['epoch 1', 'epoch 2', 'epoch 3']);
  }
});

test('a promoted challenger becomes the model, a rejected one only a fact', async () => {
  for (const promote of [true, false]) {
    const models: ModelFact[] = [];
    const context = contextWith(models, promote);
    const learn = () =>
      createModelActivities(context).trainSurrogate({ campaign: 'test', version: 4, championVersion: 2 });
    type Learned = Awaited<ReturnType<typeof learn>>;
    const { model, note } = await new MockActivityEnvironment().run<[], Learned, typeof learn>(learn);
    expect(model?.version ?? null).toBe(promote ? 4 : null);
    expect(note).toContain('promoted: the first model');
    expect(models).toMatchObject([
      { _id: 'surrogate/4', parentVersion: 2, promoted: promote, checkpointSha256: 'address', baselines: [] },
    ]);
    expect(models[0]?.insight).toEqual(promote ? { map: null, attributions } : undefined);
  }
});

test('a model that cannot be looked into is used all the same, and the note says so', async () => {
  const models: ModelFact[] = [];
  const context = contextWith(models, true, () => {
    throw new Error('out of memory');
  });
  const learn = () =>
    createModelActivities(context).trainSurrogate({ campaign: 'test', version: 4, championVersion: 2 });
  type Learned = Awaited<ReturnType<typeof learn>>;
  const { model, note } = await new MockActivityEnvironment().run<[], Learned, typeof learn>(learn);
  expect(model?.version).toBe(4);
  expect(note).toContain('it could not be looked into: out of memory');
  expect(models[0]).not.toHaveProperty('insight');
});
