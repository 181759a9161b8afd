import { constants } from 'node:os';
import type { EvaluationRequest, Failure } from '../contract.ts';
import type { Ending } from './folder.ts';
import type { Limits } from './launch.ts';
import { excerpt } from './output.ts';
import type { End } from './watch.ts';

export interface Unanswered {
  readonly request: EvaluationRequest;
  readonly limits: Limits;
  readonly end: Exclude<End, 'cancelled'>;
  readonly ending: Ending | null;
  /** Why what it printed is no answer. */
  readonly problem: string;
  readonly lastWords: string;
  readonly folderBytes: number;
  /** False: it was let run on. */
  readonly wasEnded: boolean;
}

/** A run that left no answer, with the remedy. */
export function failureOf(run: Unanswered): Failure {
  const { end, limits, request } = run;
  const disk = `the ${bytesText(limits.diskBytes)} that executor.limits.disk allows`;
  switch (end) {
    case 'outOfTime':
      return {
        kind: 'outOfTime',
        message: `no answer within the deadline of ${request.deadlineSeconds} s${
          run.wasEnded ? '' : '; it goes on, since ending it is not safe'
        }; give more time with executor.deadline, or make it faster by its settings`,
        retry: 'otherSettings',
      };
    case 'memory':
      return {
        kind: 'infrastructure',
        message: `it was ended for taking more memory than the ${bytesText(limits.memoryBytes ?? 0)} that executor.limits.memory allows; raise the limit, or let it use less`,
        retry: 'otherSettings',
      };
    case 'disk':
      return {
        kind: 'infrastructure',
        message: `it was ended for filling its folder beyond ${disk}; raise the limit, or let it write less`,
        retry: 'otherSettings',
      };
    case 'ended':
      if (run.folderBytes > 0.95 * limits.diskBytes) {
        const message = `it ended without an answer when its folder held ${disk}; raise the limit, or let it write less`;
        return { kind: 'infrastructure', message, retry: 'otherSettings' };
      }
      return earlyEnd(run);
  }
}

function earlyEnd({ ending, problem, lastWords }: Unanswered): Failure {
  const said = `; last on standard error: ${excerpt(lastWords)}`;
  const failure = (message: string, retry: Failure['retry']): Failure => ({
    kind: 'infrastructure',
    message,
    retry,
  });
  if (ending === null) return failure(`it was killed from outside before it answered${said}`, 'same');
  const { code } = ending;
  if (code === 0) return failure(problem, 'never');
  if (code === 127) {
    return failure(`it, or a program that it calls, was not found${said}; install what is missing`, 'same');
  }
  const how = code > 128 ? `was killed by ${signalName(code - 128)}` : `ended with exit code ${code}`;
  return failure(
    `it ${how} before it answered${said}; run it by hand with the request.json in its folder`,
    'same',
  );
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

/** Trouble on this side: the folder, or the start itself. */
export function troubleOf(error: unknown): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const message =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'no space is left for its folder; free some, or set ASSAYER_HOME to another disk'
      : `it could not be run: ${error instanceof Error ? error.message : String(error)}`;
  return { kind: 'infrastructure', message, retry: 'same' };
}

function bytesText(bytes: number): string {
  const [size, unit] = bytes >= 2 ** 30 ? [bytes / 2 ** 30, 'GiB'] : [bytes / 2 ** 20, 'MiB'];
  return `${Number(size.toPrecision(3))} ${unit}`;
}
