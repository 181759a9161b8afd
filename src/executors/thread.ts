import { parentPort, workerData } from 'node:worker_threads';
import type { EvaluationRequest } from './contract.ts';
import type { ExecutorModule } from './registry.ts';
import type { ThreadData, ThreadMessage } from './threads.ts';

// The inside of an executor thread: one executor, one request at a time. Whoever hangs in here is terminated from outside.
if (!parentPort) throw new Error('this file runs in a worker thread only');
const port = parentPort;
const say = (message: ThreadMessage): void => port.postMessage(message);

const { module, settings } = workerData as ThreadData;
const executor = ((await import(module)) as ExecutorModule).create(settings);

port.on('message', (request: EvaluationRequest) => {
  executor
    .then(({ evaluate }) =>
      evaluate(request, {
        signal: new AbortController().signal,
        heartbeat: (detail) => say({ kind: 'heartbeat', detail }),
      }),
    )
    .then((answer) => say({ kind: 'answer', answer }))
    .catch((error: unknown) =>
      say({ kind: 'error', message: error instanceof Error ? error.message : String(error) }),
    );
});
