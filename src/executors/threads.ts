import { Worker } from 'node:worker_threads';
import { failedAnswer, readAnswer } from './answer.ts';
import type { EvaluationAnswer, EvaluationRequest, FailureKind } from './contract.ts';

export interface ThreadData {
  /** Address of an `ExecutorModule`. */
  readonly module: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

export type ThreadMessage =
  | { readonly kind: 'heartbeat'; readonly detail: string }
  | { readonly kind: 'answer'; readonly answer: unknown }
  | { readonly kind: 'error'; readonly message: string };

export interface RunOptions {
  readonly signal: AbortSignal;
  heartbeat(detail: string): void;
}

/**
 * Runs an in-process executor in threads of its own, so that one that throws, hangs or answers nonsense harms nothing
 * but its own evaluation. Threads are kept for the next request; one that overran its deadline is terminated.
 */
export class ExecutorThreads {
  private readonly data: ThreadData;
  private readonly idle: Worker[] = [];
  private readonly all = new Set<Worker>();

  constructor(data: ThreadData) {
    this.data = data;
  }

  /** Never rejects for a failed evaluation: it answers one. Rejects with the signal's reason when it is aborted. */
  async evaluate(request: EvaluationRequest, { signal, heartbeat }: RunOptions): Promise<EvaluationAnswer> {
    signal.throwIfAborted();
    const started = performance.now();
    const failed = (kind: FailureKind, message: string): EvaluationAnswer =>
      failedAnswer(
        request,
        { kind, message, retry: kind === 'outOfTime' ? 'otherSettings' : 'never' },
        { cost: { coreSeconds: (performance.now() - started) / 1000, money: null } },
      );

    const thread = this.idle.pop() ?? this.spawn();
    let reusable = false;
    let timer: NodeJS.Timeout | undefined;
    let onAbort: () => void = () => undefined;
    try {
      const answer = await new Promise<EvaluationAnswer>((resolve, reject) => {
        timer = setTimeout(
          () => resolve(failed('outOfTime', `no answer within the deadline of ${request.deadlineSeconds} s`)),
          request.deadlineSeconds * 1000,
        );
        onAbort = () => reject(signal.reason as Error);
        signal.addEventListener('abort', onAbort);
        thread.on('message', (message: ThreadMessage) => {
          if (message.kind === 'heartbeat') return heartbeat(message.detail);
          reusable = true;
          if (message.kind === 'error')
            return resolve(failed('infrastructure', `the executor threw: ${message.message}`));
          const answer = readAnswer(message.answer, request);
          resolve(typeof answer === 'string' ? failed('infrastructure', answer) : answer);
        });
        thread.once('error', (error) =>
          resolve(failed('infrastructure', `the executor thread crashed: ${error.message}`)),
        );
        thread.once('exit', () => {
          resolve(failed('infrastructure', 'the executor thread exited without an answer'));
        });
        thread.postMessage(request);
      });
      return answer;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      // By name: the worker keeps listeners of its own, without which it hears no more messages.
      for (const event of ['message', 'error', 'exit']) thread.removeAllListeners(event);
      if (reusable) this.idle.push(thread);
      else await this.terminate(thread);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map((thread) => this.terminate(thread)));
  }

  private spawn(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const thread = new Worker(new URL(`./thread.${extension}`, import.meta.url), { workerData: this.data });
    this.all.add(thread);
    return thread;
  }

  private async terminate(thread: Worker): Promise<void> {
    this.all.delete(thread);
    await thread.terminate();
  }
}
