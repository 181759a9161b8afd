import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';

export const FILES = {
  request: 'request.json',
  stdout: 'stdout.txt',
  stderr: 'stderr.txt',
  answer: 'answer.json',
  /** Which process runs here: pid, then when it started. */
  process: '.process',
  /** How it ended: processor time as the shell's `times` prints it, then the exit code. */
  exit: '.exit',
} as const;

/**
 * Runs "$@" in a folder, and leaves there which process it is and how it ended, so that whoever comes
 * later knows even when the caller was killed. File descriptor 3 is held open by the caller: when `guarded`, its end is
 * the end of the whole process group.
 */
const LAUNCHER = `
if read -r stat 2>/dev/null < /proc/$$/stat; then set -- "$stat" "$@"; else set -- "$(ps -o lstart= -p $$)" "$@"; fi
echo "$$ $1" > ${FILES.process}
guard=
if [ "$2" = guarded ]; then
  ( exec < /dev/null > /dev/null 2>&1; read -r _ <&3; kill -KILL 0 ) &
  guard=$!
fi
exec 3<&-
ulimit -f "$3"
shift 3
"$@"
code=$?
if [ "$guard" ]; then { kill -KILL $guard; wait $guard; } 2>/dev/null; fi
{ times; echo "exit $code"; } > ${FILES.exit}
exit $code
`;

/** What is allowed to a program; null: no limit. */
export interface Limits {
  readonly memoryBytes: number | null;
  readonly diskBytes: number;
}

export interface Launched {
  /** Process id, which is its group's too. */
  readonly pid: number;
  /** The exit code, or null after a signal. */
  readonly exit: Promise<number | null>;
}

/**
 * Starts a program in a folder, in a process group of its own, its streams in files there.
 * @param guarded whether it is to end when this process does
 */
export async function launch(
  command: readonly string[],
  folder: string,
  { guarded, diskBytes }: { readonly guarded: boolean; readonly diskBytes: number },
): Promise<Launched> {
  const streams = [
    openSync(join(folder, FILES.request), 'r'),
    openSync(join(folder, FILES.stdout), 'w'),
    openSync(join(folder, FILES.stderr), 'w'),
  ] as const;
  try {
    const blocks = String(Math.max(1, Math.floor(diskBytes / 512)));
    const child = spawn(
      '/bin/sh',
      ['-c', LAUNCHER, 'assayer', guarded ? 'guarded' : 'free', blocks, ...command],
      { cwd: folder, detached: true, env: programEnvironment(), stdio: [...streams, 'pipe'] },
    );
    const exit = once(child, 'exit').then(([code]) => code as number | null);
    exit.catch(() => undefined);
    // Nothing crosses it: the program's side hears when ours is closed.
    (child.stdio[3] as Readable).on('error', () => undefined).resume();
    await once(child, 'spawn');
    return { pid: child.pid as number, exit };
  } finally {
    for (const stream of streams) closeSync(stream);
  }
}

/** The worker's environment without what is no program's business: addresses and keys of servers. */
export function programEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TEMPORAL|MONGODB|ASSAYER)_/.test(name)),
  );
}

/** Says what is wrong with a program's name, or null when it can be started. */
export async function programProblem(program: string): Promise<string | null> {
  const places = program.includes('/')
    ? [program]
    : (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program));
  let found = false;
  for (const place of places) {
    if (
      await access(place, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return null;
    found ||= await access(place).then(
      () => true,
      () => false,
    );
  }
  if (found) return `'${program}' is not executable; run chmod +x on it, or start it with its interpreter`;
  return program.includes('/')
    ? `there is no program '${program}'; correct the path, or install it on this machine`
    : `there is no program '${program}' on the PATH; install it on this machine, or give its whole path`;
}

/** Signals a whole process group, and says whether there was one; signal 0 only asks. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
