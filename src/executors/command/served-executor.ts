import { failedAnswer, readAnswer } from '../answer.ts';
import type {
  EvaluationAnswer,
  EvaluationContext,
  EvaluationRequest,
  Executor,
  ExecutorDescription,
} from '../contract.ts';
import { type CommandOptions, isFinal } from './executor.ts';
import { failureOf } from './failures.ts';
import type { EvaluationFolder } from './folder.ts';
import { evaluateByKey } from './keyed-evaluation.ts';
import { programProblem } from './launch.ts';
import { excerpt } from './output.ts';
import { Server } from './server.ts';
import { watch } from './watch.ts';

/** A server that has had nothing to do for so long gives its memory back. */
const IDLE_MILLISECONDS = 300_000;

interface Idle {
  readonly server: Server;
  readonly timer: NodeJS.Timeout;
}

/** A program that is kept for many evaluations, with whatever it has loaded: `PROGRAM serve`, as many as are needed. */
export class ServedExecutor implements Executor {
  readonly description: ExecutorDescription;
  private readonly options: CommandOptions;
  private readonly idle: Idle[] = [];

  constructor(options: CommandOptions) {
    this.options = options;
    this.description = options.description;
  }

  /** Like that of a `CommandExecutor`; a program that has to be ended is started anew for the next request. */
  async evaluate(request: EvaluationRequest, context: EvaluationContext): Promise<EvaluationAnswer> {
    return evaluateByKey(this.options.folder, request, context, (folder) =>
      this.evaluateIn(folder, request, context),
    );
  }

  async close(): Promise<void> {
    for (const { server, timer } of this.idle.splice(0)) {
      clearTimeout(timer);
      server.end();
      await server.exit;
    }
  }

  private async evaluateIn(
    folder: EvaluationFolder,
    request: EvaluationRequest,
    context: EvaluationContext,
  ): Promise<EvaluationAnswer> {
    const kept = await folder.readAnswer(request);
    if (typeof kept !== 'string' && isFinal(kept, request)) return kept;
    const problem = await programProblem(this.options.command[0] ?? '');
    if (problem !== null) {
      return failedAnswer(request, { kind: 'infrastructure', message: problem, retry: 'same' });
    }
    await folder.prepare(request);
    const server = this.takeIdle() ?? (await Server.start(this.options.command, this.options.folder));
    const answer = await this.ask(server, { request, folder, context });
    if (answer.status === 'succeeded') await folder.writeAnswer(answer);
    return answer;
  }

  private async ask(
    server: Server,
    {
      request,
      folder,
      context,
    }: {
      readonly request: EvaluationRequest;
      readonly folder: EvaluationFolder;
      readonly context: EvaluationContext;
    },
  ): Promise<EvaluationAnswer> {
    const { limits } = this.options;
    let answer: EvaluationAnswer | string | null = null;
    let noise = '';
    const settled = new Promise<void>((resolve) => {
      server.ask(request, (line) => {
        const given = parseObject(line);
        if (given === null) noise = line;
        else {
          answer = readAnswer(given, request);
          resolve();
        }
      });
      server.exit.then(
        () => resolve(),
        () => resolve(),
      );
    });
    const { end } = await watch({
      ...{ group: server.group, folder, limits, exit: settled, mayBeEnded: true },
      deadlineSeconds: request.deadlineSeconds,
      signal: context.signal,
      heartbeat: (detail) => context.heartbeat(detail),
    });
    const given = answer as EvaluationAnswer | string | null;
    if (given !== null && typeof given !== 'string') {
      if (end === 'ended' && !server.ended) this.putIdle(server);
      return given;
    }
    // Whoever answers nonsense may answer the next request with what belongs to this one.
    if (!server.ended) server.end();
    if (end === 'cancelled') throw context.signal.reason as Error;
    const code = end === 'ended' && given === null ? await server.exit : 0;
    const failure = failureOf({
      ...{ request, limits, end, wasEnded: true },
      ending: code === null ? null : { code, cpuSeconds: 0 },
      problem: given ?? `it ended without an answer; it printed ${excerpt(noise)}`,
      lastWords: await server.lastWords(),
      folderBytes: 0,
    });
    return failedAnswer(request, failure);
  }

  private takeIdle(): Server | null {
    for (;;) {
      const taken = this.idle.pop();
      if (!taken) return null;
      clearTimeout(taken.timer);
      if (!taken.server.ended) return taken.server;
    }
  }

  private putIdle(server: Server): void {
    server.rest();
    const timer = setTimeout(() => {
      this.idle.splice(
        this.idle.findIndex((one) => one.server === server),
        1,
      );
      server.end();
    }, IDLE_MILLISECONDS);
    timer.unref();
    this.idle.push({ server, timer });
  }
}

function parseObject(line: string): object | null {
  if (!line.trimStart().startsWith('{')) return null;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' ? parsed : null;
  } catch {
    return null;
  }
}
