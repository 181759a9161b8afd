import type { EvaluationFolder } from './folder.ts';
import { type Limits, signalGroup } from './launch.ts';
import { type ProcessRow, listProcesses, residentBytes } from './process-table.ts';

/** Why a program is no longer watched. */
export type End = 'ended' | 'outOfTime' | 'memory' | 'disk' | 'cancelled';

export interface Watched {
  readonly end: End;
  /** Processor time as far as it was seen, which is short of the last moments. */
  readonly cpuSeconds: number;
}

export interface WatchOptions {
  /** The program's process group. */
  readonly group: number;
  readonly folder: EvaluationFolder;
  readonly limits: Limits;
  readonly deadlineSeconds: number;
  /** Settles when the program ends or answers; null when it is not ours, and has to be looked for. */
  readonly exit: Promise<unknown> | null;
  readonly signal: AbortSignal;
  /** False when ending it in the middle does harm: it is then let run, whatever happens. */
  readonly mayBeEnded: boolean;
  heartbeat(detail: string): void;
}

/** Between looks at a program: often at first, since most are short, and ever less. */
const FIRST_PAUSE_MILLISECONDS = 100;
const LONGEST_PAUSE_MILLISECONDS = 1000;
/** What a program has from the request to end until it is killed. */
const GRACE_MILLISECONDS = 2000;
/** What the system has to end a killed group. */
const KILL_MILLISECONDS = 1000;

/** Waits until a program ends, or ends it with all that it started when it has to. */
export async function watch(options: WatchOptions): Promise<Watched> {
  const { group, exit, signal, mayBeEnded } = options;
  const startedMilliseconds = performance.now();
  const left = (): number => 1000 * options.deadlineSeconds - (performance.now() - startedMilliseconds);
  let exited = false;
  let wake: () => void = () => undefined;
  const onExit = (): void => {
    exited = true;
    wake();
  };
  const onAbort = (): void => wake();
  exit?.then(onExit, onExit);
  if (mayBeEnded) signal.addEventListener('abort', onAbort);

  let cpuSeconds = 0;
  try {
    for (let pause = FIRST_PAUSE_MILLISECONDS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLISECONDS)) {
      if (!exited && !(mayBeEnded && signal.aborted)) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, Math.max(0, Math.min(pause, left())));
        });
        clearTimeout(timer);
      }
      const members = exited ? [] : await groupOf(group);
      cpuSeconds = members.reduce((sum, row) => sum + row.cpuSeconds, 0) || cpuSeconds;
      const end = await findEnd(members, left(), options);
      if (end === null) {
        options.heartbeat(`running for ${Math.round((performance.now() - startedMilliseconds) / 1000)} s`);
        continue;
      }
      if (mayBeEnded && end !== 'ended') await endGroup(group, GRACE_MILLISECONDS);
      return { end, cpuSeconds };
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function findEnd(
  members: readonly ProcessRow[],
  millisecondsLeft: number,
  { group, folder, limits, signal, mayBeEnded }: WatchOptions,
): Promise<End | null> {
  if (!members.some(({ pid }) => pid === group)) return 'ended';
  if (mayBeEnded && signal.aborted) return 'cancelled';
  if (millisecondsLeft <= 0) return 'outOfTime';
  if (!mayBeEnded) return null;
  const { memoryBytes, diskBytes } = limits;
  if (memoryBytes !== null && (await residentBytes(members.map(({ pid }) => pid))) > memoryBytes)
    return 'memory';
  return (await folder.sizeBytes()) > diskBytes ? 'disk' : null;
}

/** Asks the group to end, kills what does not, and waits until it is gone. */
export async function endGroup(group: number, graceMilliseconds: number): Promise<void> {
  if (graceMilliseconds > 0 && signalGroup(group, 'SIGTERM')) await groupGone(group, graceMilliseconds);
  if (signalGroup(group, 'SIGKILL')) await groupGone(group, KILL_MILLISECONDS);
}

async function groupGone(group: number, patienceMilliseconds: number): Promise<void> {
  const until = performance.now() + patienceMilliseconds;
  // A member that has ended but is still to be collected by its parent counts as gone.
  while (performance.now() < until && signalGroup(group, 0) && (await groupOf(group)).length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function groupOf(group: number): Promise<ProcessRow[]> {
  return (await listProcesses()).filter((row) => row.group === group);
}
