import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import { resolveConfig } from '../../infra/stack/config.ts';
import type { Config } from '../../infra/stack/config.ts';
import { runningStack } from '../../infra/stack/stack.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';
import { createCampaignActivities } from '../activities/campaign.ts';
import type { Context } from '../activities/context.ts';
import { createExecutorActivities } from '../activities/executor.ts';
import { HEARTBEAT_MS, createModelActivities } from '../activities/model.ts';
import { EXECUTORS } from '../executors/registry.ts';
import { startModelProcess } from '../models/process/client.ts';
import { ArtefactStore } from '../store/artefacts.ts';
import { Store } from '../store/connection.ts';
import { CAMPAIGN_QUEUE, MODEL_QUEUE, executorQueue } from '../workflows/naming.ts';
import { retry } from './retry.ts';
import { BASE_CHECKPOINTS, ROOT } from './shipped.ts';
import type { Role } from './worker.ts';

/** Runs one worker until it is told to stop. */
export async function runWorker(role: Role): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('WARN'),
    telemetryOptions: { logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } } },
  });
  const config = resolveConfig(process.env);
  // Workers start beside the servers that they need, and outlive their restarts.
  const endpoints = await retry('the stack', async () => {
    const found = await runningStack(config);
    if (!found) throw new Error('nothing is running here yet');
    return found;
  });
  const store = await retry('the store', () => Store.connect(endpoints.store.uri));
  const connection = await retry('Temporal', () => connect(endpoints));
  const { workers, close } = await ROLE_WORKERS[role](
    { config, context: { store, now: () => new Date() } },
    (options) =>
      Worker.create({
        connection,
        namespace: endpoints.temporal.namespace,
        shutdownGraceTime: '5 seconds',
        ...options,
      }),
  );
  process.stdout.write(`${role} worker ready\n`);
  try {
    await Promise.all(workers.map((worker) => worker.run()));
  } finally {
    await close();
    await connection.close();
    await store.close();
  }
}

async function connect({ temporal }: Endpoints): Promise<NativeConnection> {
  const { address, tls, apiKey } = temporal;
  return NativeConnection.connect({
    address,
    ...(tls === null ? {} : { tls }),
    ...(apiKey === null ? {} : { apiKey }),
  });
}

interface Setting {
  readonly config: Config;
  readonly context: Context;
}

type MakeWorker = (options: Omit<WorkerOptions, 'connection'>) => Promise<Worker>;
type RoleWorkers = (
  setting: Setting,
  make: MakeWorker,
) => Promise<{ workers: Worker[]; close(): Promise<void> }>;

const ROLE_WORKERS: Readonly<Record<Role, RoleWorkers>> = {
  async campaign({ context }, make) {
    const worker = await make({
      taskQueue: CAMPAIGN_QUEUE,
      workflowBundle: { codePath: join(ROOT, 'dist', 'workflow-bundle.js') },
      activities: createCampaignActivities(context),
      maxCachedWorkflows: 200,
    });
    return { workers: [worker], close: async () => undefined };
  },

  async model({ config, context }, make) {
    const scoring = startModelProcess();
    const training = startModelProcess();
    const worker = await make({
      taskQueue: MODEL_QUEUE,
      activities: createModelActivities({
        ...context,
        scoring,
        training,
        artefacts: new ArtefactStore(join(config.home, 'artefacts')),
        base: BASE_CHECKPOINTS,
        scratch: join(config.home, 'scratch'),
      }),
      // A proposal and a training at a time, each with a process of its own, and a look into a model between trainings.
      maxConcurrentActivityTaskExecutions: 3,
      // Cancellations are heard in the answers to heartbeats: none is held back.
      maxHeartbeatThrottleInterval: HEARTBEAT_MS,
    });
    return {
      workers: [worker],
      close: async () => {
        await scoring.close();
        await training.close();
      },
    };
  },

  async executor({ config, context }, make) {
    const activities = createExecutorActivities(context, join(config.home, 'evaluations'));
    const workers = await Promise.all(
      EXECUTORS.map((name) =>
        make({
          taskQueue: executorQueue(name),
          activities,
          maxConcurrentActivityTaskExecutions: availableParallelism(),
        }),
      ),
    );
    return { workers, close: async () => undefined };
  },
};
