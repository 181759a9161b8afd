import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ModelService, Watch } from '../service.ts';
import type { Method, Reply, Request } from './protocol.ts';

/** Thrown by a call whose signal was aborted; its process is dead by then. */
export class ModelCancelledError extends Error {
  override readonly name = 'ModelCancelledError';
}

/** Thrown by a call whose process could not start, died on its own or was closed. */
export class ModelProcessError extends Error {
  override readonly name = 'ModelProcessError';
}

export interface ModelProcessOptions {
  /** Added to this process's environment, e.g. {ASSAYER_BACKEND: 'wasm'}. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Models in a child process of their own, started at the first call and again after it died. Calls run one after the
 * other; aborting the running one kills the process at once, and the next call starts another.
 */
export function startModelProcess(options: ModelProcessOptions = {}): ModelService {
  const client = new ModelClient(options);
  return {
    backend: () => client.call('backend', null),
    score: (job) => client.call('score', job),
    generate: (job) => client.call('generate', job),
    trainSurrogate: (job, watch) => client.call('trainSurrogate', job, watch),
    explain: (job, watch) => client.call('explain', job, watch),
    fineTuneGenerator: (job, watch) => client.call('fineTuneGenerator', job, watch),
    close: () => client.close(),
  };
}

interface Call {
  readonly request: Request;
  readonly watch: Watch | null;
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const STDERR_KEPT = 2000;
const CLOSING_MS = 2000;

class ModelClient {
  readonly #options: ModelProcessOptions;
  readonly #waiting: Call[] = [];
  #running: Call | null = null;
  #child: ChildProcess | null = null;
  #stderr = '';
  #nextId = 1;
  #closed = false;

  constructor(options: ModelProcessOptions) {
    this.#options = options;
  }

  call<M extends Method>(method: M, job: unknown, watch: Watch | null = null): ReturnType<ModelService[M]> {
    const promise = new Promise((resolve, reject) => {
      if (this.#closed) throw new ModelProcessError('the model process is closed: start another');
      const request = { id: this.#nextId++, method, job };
      const abort = (): void => this.#abort(call);
      const settle = (): void => watch?.signal.removeEventListener('abort', abort);
      const call: Call = {
        request,
        watch,
        resolve: (value) => (settle(), resolve(value)),
        reject: (error) => (settle(), reject(error)),
      };
      watch?.signal.addEventListener('abort', abort, { once: true });
      this.#waiting.push(call);
      if (watch?.signal.aborted) abort();
      else this.#next();
    });
    return promise as ReturnType<ModelService[M]>;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    this.#child = null;
    const error = new ModelProcessError('the model process was closed');
    this.#running?.reject(error);
    this.#running = null;
    for (const call of this.#waiting.splice(0)) call.reject(error);
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    // An idle process ends by itself when its channel closes; one deep in a computation does not notice.
    if (child.connected) child.disconnect();
    const timer = setTimeout(() => child.kill('SIGKILL'), CLOSING_MS);
    await ended;
    clearTimeout(timer);
  }

  #next(): void {
    if (this.#running !== null) return;
    const call = this.#waiting.shift();
    if (call === undefined) return;
    this.#running = call;
    try {
      this.#child ??= this.#start();
      this.#child.send(call.request, (error) => {
        if (error !== null)
          this.#fail(call, new ModelProcessError('the model process does not listen', { cause: error }));
      });
    } catch (error) {
      this.#fail(call, error as Error);
    }
  }

  #start(): ChildProcess {
    this.#stderr = '';
    const child = fork(entryPath(), [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, ...this.#options.env },
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
    child.on('message', (reply: Reply) => this.#receive(reply));
    child.once('error', (cause) =>
      this.#lose(child, new ModelProcessError('the model process failed', { cause })),
    );
    child.once('exit', (code, signal) => {
      const how = signal === null ? `with code ${code}` : `by ${signal}`;
      this.#lose(child, new ModelProcessError(`the model process ended ${how}: ${this.#stderr.trim()}`));
    });
    return child;
  }

  #receive(reply: Reply): void {
    const call = this.#running;
    if (call === null || call.request.id !== reply.id) return;
    if (reply.kind === 'progress') {
      call.watch?.progress(reply.detail);
      return;
    }
    this.#running = null;
    if (reply.kind === 'done') call.resolve(reply.value);
    else call.reject(Object.assign(new Error(reply.message), { name: reply.name }));
    this.#next();
  }

  #abort(call: Call): void {
    const error = new ModelCancelledError(`${call.request.method} was cancelled`);
    if (call === this.#running) {
      const child = this.#child;
      this.#child = null;
      child?.kill('SIGKILL');
      this.#fail(call, error);
    } else {
      this.#waiting.splice(this.#waiting.indexOf(call), 1);
      call.reject(error);
    }
  }

  #lose(child: ChildProcess, error: Error): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (this.#running !== null) this.#fail(this.#running, error);
  }

  #fail(call: Call, error: Error): void {
    if (call !== this.#running) return;
    this.#running = null;
    call.reject(error);
    this.#next();
  }
}

/** The compiled entry: beside this file, or in dist/ when this file runs as TypeScript (under the tests). */
function entryPath(): string {
  const compiled = import.meta.url.endsWith('.js')
    ? new URL('./main.js', import.meta.url)
    : new URL('../../../dist/src/models/process/main.js', import.meta.url);
  const path = fileURLToPath(compiled);
  if (!existsSync(path)) throw new ModelProcessError(`${path} is missing: run 'npm run build'`);
  return path;
}
