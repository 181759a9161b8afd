import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { expect, test } from 'vitest';
import type { EvaluationFact, LabelFact } from '../../src/campaign/facts.ts';
import { specSchema } from '../../src/campaign/spec.ts';
import { reducedFormula } from '../../src/crystal/chemistry/composition.ts';
import type { Store } from '../../src/store/connection.ts';
import type { LearningInput } from '../../src/workflows/learning.ts';
import { CAMPAIGN_QUEUE, learningWorkflowId } from '../../src/workflows/naming.ts';
import { analyticRows } from '../models/analytic-rows.ts';
import { type Assayer, startAssayer } from '../support/assayer.ts';

const TARGET = 'pairEnergyEvPerAtom';

/** A campaign whose labels are there already: enough that a training takes several seconds. */
async function addLabelledCampaign(store: Store, name: string, count: number): Promise<void> {
  const spec = specSchema.parse({
    name,
    space: {
      elements: ['Al', 'Ti', 'Ni', 'Cu', 'Ag'],
      elementsPerCrystal: { min: 1, max: 4 },
      atoms: { min: 1, max: 4 },
    },
    objective: { kind: 'windows', properties: { [TARGET]: { max: '0 eV/atom' } } },
    generators: ['random'],
    executor: { name: 'emt' },
    budget: { labels: 1000 },
    learning: { members: 2 },
  });
  await store.addCampaign({ _id: name, spec, specSha256: '', createdAt: new Date(0).toISOString() });
  const facts = store.campaign(name);
  const labels = analyticRows(count, 1).map(({ crystal, values }, index) => ({
    _id: `label-${String(index).padStart(5, '0')}`,
    crystal,
    formula: reducedFormula(crystal),
    arm: 'model',
    values: { [TARGET]: { value: values[0], unit: 'eV/atom', uncertainty: null } },
    relaxedCrystal: null,
    endedAt: new Date(1000 * index).toISOString(),
  }));
  for (const label of labels)
    await facts.addEvaluation({ _id: label._id } as EvaluationFact, label as unknown as LabelFact);
}

interface Seen {
  readonly attempt: number;
  readonly detail: string;
  readonly silentMs: number;
}

type Connection = Awaited<ReturnType<Assayer['connect']>>;

/** A learning round of a campaign, watched as the Temporal UI would. */
async function startLearning({ client }: Connection, campaign: string) {
  const input: LearningInput = {
    campaign,
    round: 1,
    championVersion: 0,
    generatorVersion: 0,
    tuneGenerator: false,
  };
  const handle: WorkflowHandle = await client.workflow.start('learning', {
    taskQueue: CAMPAIGN_QUEUE,
    workflowId: learningWorkflowId(campaign, 1),
    args: [input],
  });
  const now = async (): Promise<Seen | null> => {
    const { raw } = await handle.describe();
    const [activity] = raw.pendingActivities ?? [];
    const [payload] = activity?.heartbeatDetails?.payloads ?? [];
    if (!activity?.lastHeartbeatTime?.seconds || !payload?.data) return null;
    const { seconds, nanos } = activity.lastHeartbeatTime;
    return {
      attempt: activity.attempt ?? 0,
      detail: JSON.parse(Buffer.from(payload.data).toString('utf8')) as string,
      silentMs: Date.now() - 1000 * Number(seconds) - (nanos ?? 0) / 1e6,
    };
  };
  const until = async (wish: (seen: Seen) => boolean, seconds = 120): Promise<Seen> => {
    const deadline = Date.now() + 1000 * seconds;
    for (;;) {
      const seen = await now();
      if (seen !== null && wish(seen)) return seen;
      if (Date.now() > deadline) throw new Error(`still not as wished: ${JSON.stringify(seen)}`);
      await sleep(50);
    }
  };
  return { handle, now, until };
}

const epochOf = ({ detail }: Seen): number => Number(/^epoch (\d+) of/.exec(detail)?.[1] ?? 0);

/** The model processes of the model worker: one, until something was scored. */
async function modelProcesses(assayer: Assayer): Promise<number[]> {
  const worker = await assayer.pid('worker-model');
  const children = readFileSync(`/proc/${worker}/task/${worker}/children`, 'utf8').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a training heartbeats all the while, and is dead within a second of its cancellation', async () => {
  await using assayer = await startAssayer();
  await using connection = await assayer.connect();
  await addLabelledCampaign(connection.store, 'cancelled', 300);
  const { handle, now, until } = await startLearning(connection, 'cancelled');
  await until((seen) => epochOf(seen) > 0);
  const silences: number[] = [];
  for (let i = 0; i < 40; i++) {
    const seen = await now();
    if (seen !== null) silences.push(seen.silentMs);
    await sleep(50);
  }
  expect(silences.length).toBeGreaterThan(20);
  expect(Math.max(...silences), 'ms since the last heartbeat').toBeLessThan(2000);

  const [pid] = await modelProcesses(assayer);
  expect(isAlive(pid!)).toBe(true);
  const cancelledAt = performance.now();
  await handle.cancel();
  while (isAlive(pid!) && performance.now() - cancelledAt < 10_000) await sleep(10);
  expect(performance.now() - cancelledAt, 'ms to the death of the training').toBeLessThan(1000);
  await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
  expect((await handle.describe()).status.name).toBe('CANCELLED');
  expect(await connection.store.campaign('cancelled').getModel('surrogate', 1)).toBeNull();
});

test('a training goes on from its last epoch after kill -9 of its process and of its worker, to the same end', async () => {
  await using assayer = await startAssayer();
  await using connection = await assayer.connect();
  for (const name of ['unbroken', 'broken']) await addLabelledCampaign(connection.store, name, 100);
  await (await startLearning(connection, 'unbroken')).handle.result();

  const { handle, until } = await startLearning(connection, 'broken');
  // What an attempt was last heard of stands until the next one is heard.
  const epochAfter = (last: Seen) =>
    until((seen) => seen.attempt > last.attempt && epochOf(seen) > 0 && seen.detail !== last.detail);
  const first = await until((seen) => epochOf(seen) >= 5);
  const [pid] = await modelProcesses(assayer);
  process.kill(pid!, 'SIGKILL');
  const second = await epochAfter(first);
  expect(epochOf(second)).toBeGreaterThan(epochOf(first));
  process.kill(await assayer.pid('worker-model'), 'SIGKILL');
  const third = await epochAfter(second);
  expect(epochOf(third)).toBeGreaterThan(epochOf(second));
  await handle.result();

  const [unbroken, broken] = await Promise.all(
    ['unbroken', 'broken'].map((name) => connection.store.campaign(name).getModel('surrogate', 1)),
  );
  expect(broken).toMatchObject({
    labels: 100,
    checkpointSha256: unbroken!.checkpointSha256,
    heldOut: unbroken!.heldOut,
    reason: unbroken!.reason,
  });
}, 900_000);
