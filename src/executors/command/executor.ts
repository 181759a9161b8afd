import { failedAnswer } from '../answer.ts';
import type {
  Cost,
  EvaluationAnswer,
  EvaluationContext,
  EvaluationRequest,
  Executor,
  ExecutorDescription,
} from '../contract.ts';
import { failureOf } from './failures.ts';
import type { EvaluationFolder } from './folder.ts';
import { evaluateByKey } from './keyed-evaluation.ts';
import { type Limits, launch, programProblem } from './launch.ts';
import { endGroup, watch } from './watch.ts';

export interface CommandOptions {
  /** The program and its own arguments. */
  readonly command: readonly string[];
  readonly limits: Limits;
  readonly description: ExecutorDescription;
  /** Holds one folder for each evaluation. */
  readonly folder: string;
}

/** Any program as an executor: `PROGRAM evaluate`, the request on standard input, the answer on standard output. */
export class CommandExecutor implements Executor {
  readonly description: ExecutorDescription;
  private readonly options: CommandOptions;

  constructor(options: CommandOptions) {
    this.options = options;
    this.description = options.description;
  }

  /**
   * Same key, same folder: an answer that lies there is given again, and a program that still runs there is waited for.
   * Rejects with the signal's reason when it is aborted; any other trouble is a failed answer.
   */
  async evaluate(request: EvaluationRequest, context: EvaluationContext): Promise<EvaluationAnswer> {
    return evaluateByKey(this.options.folder, request, context, (folder) =>
      this.evaluateIn(folder, request, context),
    );
  }

  private async evaluateIn(
    folder: EvaluationFolder,
    request: EvaluationRequest,
    context: EvaluationContext,
  ): Promise<EvaluationAnswer> {
    // Left running by a worker that was killed.
    const running = await folder.running();
    const answer = running && (await this.run({ folder, group: running.pid, request, context }));
    if (answer) return answer;
    const kept = await folder.readAnswer(request);
    if (typeof kept !== 'string' && isFinal(kept, request)) return kept;
    const problem = await programProblem(this.options.command[0] ?? '');
    if (problem !== null) {
      return failedAnswer(request, { kind: 'infrastructure', message: problem, retry: 'same' });
    }
    const started = await this.run({ folder, group: null, request, context });
    if (!started) throw new Error('a program that was started must have an answer or a failure');
    return started;
  }

  /** Starts the program, or watches the one that runs already; null when that one left no answer. */
  private async run({
    folder,
    group,
    request,
    context,
  }: {
    readonly folder: EvaluationFolder;
    readonly group: number | null;
    readonly request: EvaluationRequest;
    readonly context: EvaluationContext;
  }): Promise<EvaluationAnswer | null> {
    const { command, limits } = this.options;
    const mayBeEnded = this.description.cancelIsSafe;
    let exit: Promise<number | null> | null = null;
    if (group === null) {
      await folder.prepare(request);
      const launched = await launch([...command, 'evaluate'], folder.path, {
        guarded: mayBeEnded,
        diskBytes: limits.diskBytes,
      });
      ({ pid: group, exit } = launched);
    }
    const { end, cpuSeconds } = await watch({
      ...{ group, folder, limits, exit, mayBeEnded },
      deadlineSeconds: request.deadlineSeconds,
      signal: context.signal,
      heartbeat: (detail) => context.heartbeat(detail),
    });
    if (end === 'cancelled') throw context.signal.reason as Error;
    // What it started and left behind.
    if (end === 'ended' && mayBeEnded) await endGroup(group, 0);

    const ending = await folder.ending();
    const cost: Cost = { coreSeconds: ending?.cpuSeconds ?? cpuSeconds, money: null };
    const found = await folder.readAnswer(request);
    if (typeof found !== 'string') {
      const answer = { ...found, cost: found.cost ?? cost };
      await folder.writeAnswer(answer);
      return answer;
    }
    if (exit === null && end === 'ended') return null;
    const failure = failureOf({
      ...{ request, limits, end, ending, problem: found, wasEnded: mayBeEnded },
      lastWords: await folder.lastWords(),
      folderBytes: await folder.sizeBytes(),
    });
    return failedAnswer(request, failure, { cost });
  }
}

/** Whether asking again could bring nothing else: not so when a property is missing, or a failure passes. */
export function isFinal(answer: EvaluationAnswer, { properties }: EvaluationRequest): boolean {
  if (answer.status === 'failed') return answer.failure.retry !== 'same';
  return Object.keys(properties).every((property) => property in answer.values);
}
