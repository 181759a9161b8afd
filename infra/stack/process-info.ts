import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A process as it can be found again: its pid may be given to another one after its end. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, in the system's own form. */
  readonly started: string;
}

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly rssBytes: number;
}

/** @returns the mark of a running process, or nothing when there is none of that pid */
export async function markOf(pid: number): Promise<ProcessMark | undefined> {
  try {
    if (process.platform === 'linux') {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' ? undefined : { pid, started: fields[19] ?? '' };
    }
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return { pid, started: stdout.trim() };
  } catch {
    return undefined;
  }
}

export async function isRunning(mark: ProcessMark): Promise<boolean> {
  return (await markOf(mark.pid))?.started === mark.started;
}

/** The processes of this machine, with their resident memory. */
export async function listProcesses(): Promise<ProcessRow[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-axo', 'pid=,ppid=,rss=']);
    return stdout
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([pid = 0, parent = 0, rssKib = 0]) => ({ pid, parent, rssBytes: rssKib * 1024 }));
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const rows = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
      return { pid, parent, rssBytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024 };
    }),
  );
  return rows.filter(({ rssBytes }) => rssBytes > 0);
}

/** Resident memory in bytes of a process and all that it started. */
export function treeRssBytes(pid: number, rows: readonly ProcessRow[]): number {
  const own = rows.find((row) => row.pid === pid)?.rssBytes ?? 0;
  const children = rows.filter((row) => row.parent === pid);
  return children.reduce((sum, child) => sum + treeRssBytes(child.pid, rows), own);
}

/** Ends processes: SIGTERM, then SIGKILL for those that are still there after `graceMs`. */
export async function endProcesses(marks: readonly ProcessMark[], graceMs: number): Promise<void> {
  await Promise.all(
    marks.map(async (mark) => {
      if (!(await isRunning(mark))) return;
      signal(mark.pid, 'SIGTERM');
      const deadline = Date.now() + graceMs;
      while (Date.now() < deadline) {
        if (!(await isRunning(mark))) return;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      if (await isRunning(mark)) signal(mark.pid, 'SIGKILL');
    }),
  );
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it ended in between
  }
}
