import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, expect, test } from 'vitest';
import type { ModelContext } from '../../src/activities/context.ts';
import type { ModelActivities } from '../../src/activities/contract.ts';
import { HEARTBEAT_MS, createModelActivities } from '../../src/activities/model.ts';
import type { EvaluationFact } from '../../src/campaign/facts.ts';
import type {
  ExplainJob,
  ModelService,
  SurrogateReport,
  TrainSurrogateJob,
} from '../../src/models/service.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { buildRecord } from '../report/builders.ts';

// News of a training come from outside any activity, as they do from a child process that an earlier one started.
const process = new EventEmitter();
const news = setInterval(() => process.emit('news'), 5);
afterAll(() => clearInterval(news));

const report: SurrogateReport = {
  checkpoint: 'challenger.safetensors',
  challenger: [
    { count: 9, mae: 0.05, rmse: 0.06, r2: 0.9, miscalibrationArea: 0.04, coverage90: 0.9, meanSquaredZ: 1 },
  ],
  champion: null,
  promote: true,
  reason: 'promoted: the first model',
  heldOut: [],
  baselines: [{ name: 'ridge', mae: [null] }],
  findings: [],
  trainSeconds: 1,
  backend: { backend: 'wasm', version: '4.22.0', device: 'cpu', fallback: 'native TensorFlow is broken' },
};

const attributions = [
  {
    target: 'energyAboveHullEvPerAtom',
    over: 'descriptors',
    model: 'extra trees',
    method: 'TreeSHAP',
    labels: 0,
    terms: [{ name: 'density', labels: 0, meanAbsolute: 0.1, direction: 1 }],
  },
] as const;

const { record } = buildRecord({ labels: 20 });
const campaign = record.campaign._id;

/** A campaign with labels, and a training that tells its progress three times. */
async function learningWith(service: Partial<ModelService> = {}, labels = record.labels) {
  const store = new MemoryStore();
  await store.addCampaign(record.campaign);
  const facts = store.campaign(campaign);
  const tell = async (more: typeof record.labels) => {
    for (const label of more) await facts.addEvaluation({ _id: label._id } as EvaluationFact, label);
  };
  await tell(labels);
  const jobs: TrainSurrogateJob[] = [];
  const explained: ExplainJob[] = [];
  const training: Partial<ModelService> = {
    trainSurrogate: async (job, watch) => {
      jobs.push(job);
      for (let i = 1; i <= 3; i++) {
        await new Promise<void>((resolve) => {
          process.once('news', () => {
            watch.progress(`epoch ${i}`);
            resolve();
          });
        });
      }
      return report;
    },
    explain: async (job) => {
      explained.push(job);
      const none = { principal: [], manifold: null, cluster: [], outlier: [], domainDistance: [] };
      const map = { rows: [2, 0], space: 'descriptors', explained: [1, 0], ...none } as const;
      return { map, attributions };
    },
    ...service,
  };
  const context = {
    store,
    artefacts: { putCheckpoint: async () => 'address', checkpointPath: (address: string) => address },
    training,
    base: { surrogate: 'base', generator: 'base' },
    scratch: await mkdtemp(join(tmpdir(), 'assayer-')),
    now: () => new Date(0),
  } as unknown as ModelContext;
  const activities = createModelActivities(context);
  /** Runs an activity, and answers with its heartbeats. */
  const run = async <Result>(
    work: (activities: ModelActivities) => Promise<Result>,
    environment = new MockActivityEnvironment(),
  ) => {
    const heartbeats: unknown[] = [];
    environment.on('heartbeat', (detail) => heartbeats.push(detail));
    const result = await environment.run<[], Result, () => Promise<Result>>(() => work(activities));
    return { result, heartbeats };
  };
  return { context, facts, tell, jobs, explained, run };
}

const first = { campaign, version: 1, championVersion: 0 };

test('every training heartbeats to its own activity, whoever started the process', async () => {
  const { run } = await learningWith();
  for (const version of [1, 2]) {
    const { heartbeats } = await run(({ trainSurrogate }) => trainSurrogate({ ...first, version }));
    expect(heartbeats).toEqual(['epoch 1', 'epoch 2', 'epoch 3']);
  }
});

test('a training that says nothing heartbeats all the same', async () => {
  const { run } = await learningWith({
    trainSurrogate: async (_, watch) => {
      watch.progress('epoch 1');
      await sleep(3.5 * HEARTBEAT_MS);
      return report;
    },
  });
  const { heartbeats } = await run(({ trainSurrogate }) => trainSurrogate(first));
  expect(heartbeats.length).toBeGreaterThanOrEqual(3);
  expect(new Set(heartbeats)).toEqual(new Set(['epoch 1']));
});

test('a training that fails as it is cancelled counts as cancelled', async () => {
  const environment = new MockActivityEnvironment();
  const { run, facts } = await learningWith({
    trainSurrogate: (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('the model process was killed')));
        environment.cancel();
      }),
  });
  await expect(run(({ trainSurrogate }) => trainSurrogate(first), environment)).rejects.toThrow(
    CancelledFailure,
  );
  expect(await facts.getModel('surrogate', 1)).toBeNull();
});

test('a promoted challenger becomes the model, a rejected one only a fact', async () => {
  for (const promote of [true, false]) {
    const { run, facts, context } = await learningWith({
      trainSurrogate: async () => ({ ...report, promote }),
    });
    const { result } = await run(({ trainSurrogate }) => trainSurrogate(first));
    expect(result.model?.version ?? null).toBe(promote ? 1 : null);
    expect(result.note).toContain('promoted: the first model');
    expect(await facts.getModel('surrogate', 1)).toMatchObject({
      promoted: promote,
      labels: record.labels.length,
      checkpointSha256: 'address',
      baselines: [],
      backend: 'wasm 4.22.0 on cpu (native TensorFlow is broken)',
    });
    expect(await readdir(context.scratch, { recursive: true })).toEqual([campaign]);
  }
});

test('the attempt after one that was killed trains the same rows on, though labels came meanwhile', async () => {
  const jobs: TrainSurrogateJob[] = [];
  const killedOnce = async (job: TrainSurrogateJob) => {
    jobs.push(job);
    if (jobs.length > 1) return report;
    await writeFile(job.keep!, 'a state');
    throw new Error('killed');
  };
  const { run, facts, tell } = await learningWith({ trainSurrogate: killedOnce }, record.labels.slice(0, 12));
  await expect(run(({ trainSurrogate }) => trainSurrogate(first))).rejects.toThrow('killed');
  await tell(record.labels);
  const second = new MockActivityEnvironment({ attempt: 2 });
  await run(({ trainSurrogate }) => trainSurrogate(first), second);
  const [before, after] = jobs;
  expect(after!.rows).toEqual(before!.rows);
  expect(after!.keep).toBe(before!.keep);
  expect(after!.output).not.toBe(before!.output);
  expect(await facts.getModel('surrogate', 1)).toMatchObject({ labels: 12 });
  expect(existsSync(dirname(after!.keep!))).toBe(false);
});

test('an attempt after one whose answer was lost answers what is recorded, and trains nothing', async () => {
  const { run, jobs } = await learningWith();
  const once = await run(({ trainSurrogate }) => trainSurrogate(first));
  const again = await run(({ trainSurrogate }) => trainSurrogate(first));
  expect(again.result.model).toEqual(once.result.model);
  expect(again.result.note).toMatch(/was recorded before: promoted: the first model/);
  expect(jobs).toHaveLength(1);
});

test('a model is looked into with the labels that it was trained on, and its record then says what it saw', async () => {
  const { run, facts, tell, explained } = await learningWith({}, record.labels.slice(0, 12));
  await run(({ trainSurrogate }) => trainSurrogate(first));
  await tell(record.labels);
  expect((await facts.readRecord(record.campaign)).models[0]).not.toHaveProperty('insight');
  await run(({ lookInto }) => lookInto({ campaign, version: 1 }));
  expect(explained).toMatchObject([{ checkpoint: 'address', rows: { length: 12 } }]);
  const [model] = (await facts.readRecord(record.campaign)).models;
  expect(model?.insight?.attributions).toEqual(attributions);
  const labels = await facts.listLabels();
  expect(model?.insight?.map?.keys).toEqual([labels[2]!._id, labels[0]!._id]);
});

test('a model that is not there cannot be looked into', async () => {
  const { run } = await learningWith();
  await expect(run(({ lookInto }) => lookInto({ campaign, version: 4 }))).rejects.toThrow(
    /surrogate version 4 of '.+' is not in the store/,
  );
});
