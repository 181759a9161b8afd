import { expect, test } from 'vitest';
import type { ModelContext } from '../../src/activities/context.ts';
import { FORMATION_ENERGY } from '../../src/campaign/objective.ts';
import type { ModelService, ScoreJob, Scores, SurrogateReport } from '../../src/models/service.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { CLUSTER } from '../../src/simulation/world.ts';
import { specWith } from '../campaign/builders.ts';

/** A surrogate that says the same of every crystal: the loop is under test here, not the learning. */
const indifferent: Partial<ModelService> = {
  async score({ crystals }: ScoreJob): Promise<Scores> {
    const n = crystals.length;
    return {
      targets: [FORMATION_ENERGY],
      mean: new Float32Array(n),
      sigma: new Float32Array(n).fill(0.1),
      memberMeans: new Float32Array(n),
      embedding: Float32Array.from({ length: n }, (_, index) => index),
      embeddingWidth: 1,
      domainDistance: new Float32Array(crystals.length),
    };
  },
  trainSurrogate: async ({ output }): Promise<SurrogateReport> => ({
    checkpoint: output,
    challenger: [null],
    champion: null,
    promote: true,
    reason: 'promoted: it is a test',
    heldOut: [],
    baselines: [],
    findings: [],
    trainSeconds: 0,
    backend: { backend: 'wasm', version: 'none', device: 'cpu' },
  }),
  explain: async () => ({ map: null, attributions: [] }),
};

const models = {
  scoring: indifferent,
  training: indifferent,
  artefacts: { putCheckpoint: async (file: string) => file, checkpointPath: (address: string) => address },
  base: { surrogate: 'base', generator: 'base' },
  scratch: '/tmp/assayer-test-scratch',
} as unknown as Omit<ModelContext, 'store' | 'now'>;

const spec = specWith({
  budget: { labels: 40 },
  learning: { everyLabels: 10, staleLabels: 5, generatorEveryLabels: 100_000 },
});

test('a simulated campaign spends its budget on real labels, learns on the way, and keeps failures as facts', async () => {
  const { record, state } = await simulate(spec, models, { ...CLUSTER, failureShare: 0.2 });
  expect(state.phase).toBe('finished');
  expect(state.phaseReason).toContain('the budget of 40 labels is spent');
  const chosen = record.labels.filter((label) => label.arm !== 'reference');
  expect(chosen).toHaveLength(40);
  expect(new Set(record.labels.map(({ _id }) => _id)).size).toBe(record.labels.length);
  expect(chosen.filter((label) => label.arm === 'control').length).toBeGreaterThanOrEqual(2);
  expect(record.models.length).toBeGreaterThanOrEqual(3);
  expect(new Set(chosen.map((label) => label.modelVersion)).size).toBeGreaterThan(2);
  const lost = record.evaluations.filter(({ status }) => status === 'failed');
  expect(lost.length).toBeGreaterThan(0);
  expect(state.failed).toBe(lost.length);
  for (const label of chosen) expect(Number.isFinite(label.values['energyEvPerAtom']?.value)).toBe(true);
});

test('equal spec and seed leave equal facts, another seed leaves others', async () => {
  const plain = (run: Awaited<ReturnType<typeof simulate>>): unknown =>
    run.record.labels.map(({ _id, values, endedAt }) => [_id, values, endedAt]);
  const first = await simulate(spec, models, CLUSTER);
  expect(plain(await simulate(spec, models, CLUSTER))).toEqual(plain(first));
  expect(plain(await simulate({ ...spec, seed: 2 }, models, CLUSTER))).not.toEqual(plain(first));
});

test('virtual time is what so many evaluations take on so many slots', async () => {
  const world = { ...CLUSTER, evaluationSpread: 0, failureShare: 0, proposalSeconds: 0, trainingSeconds: 0 };
  const times = await Promise.all(
    [1, 4].map(async (slots) => {
      const { record, seconds } = await simulate(
        { ...spec, executor: { ...spec.executor, slots } },
        { ...models, scratch: `${models.scratch}-${slots}` },
        world,
      );
      return { seconds, evaluations: record.evaluations.length };
    }),
  );
  const [one, four] = times as [(typeof times)[number], (typeof times)[number]];
  expect(one.seconds).toBe(one.evaluations * 3600);
  // Full but for the references, which nothing may overtake, and the last evaluations.
  expect(four.seconds).toBeGreaterThanOrEqual((four.evaluations * 3600) / 4);
  expect(four.seconds).toBeLessThan((four.evaluations * 3600) / 4 + 3 * 3600);
});
