/** The model process: runs one call after the other and answers by messages; ends when its parent does. */
import { createModels } from './models.ts';
import type { Reply, Request } from './protocol.ts';

const models = createModels();
// Cancelling kills this process, so nothing ever aborts within it.
const { signal } = new AbortController();

process.on('disconnect', () => process.exit(0));
process.on('message', (request: Request) => {
  void answer(request).then(send);
});

async function answer({ id, method, job }: Request): Promise<Reply> {
  const progress = (detail: string): void => send({ id, kind: 'progress', detail });
  // The client sends what the service's signature says.
  const call = models[method] as (job: unknown, watch: unknown) => Promise<unknown>;
  try {
    return { id, kind: 'done', value: await call(job, { signal, progress }) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { id, kind: 'failed', name, message };
  }
}

function send(reply: Reply): void {
  if (process.connected) process.send?.(reply);
}
