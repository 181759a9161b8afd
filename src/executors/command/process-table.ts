import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

/** A running process. */
export interface ProcessRow {
  readonly pid: number;
  /** Process group: everything a program started, unless it took care to leave. */
  readonly group: number;
  /** When it started, in the system's own form: with the pid it names a process for good. */
  readonly started: string;
  /** Processor time of itself and of its ended children, s. */
  readonly cpuSeconds: number;
}

/** Linux counts processor time in these for every process that asks, whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100;

/** All running processes of this machine. */
export async function listProcesses(): Promise<ProcessRow[]> {
  if (process.platform !== 'linux') return listByPs();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const rows = await Promise.all(pids.map((pid) => readProcess(Number(pid))));
  return rows.filter((row) => row !== null);
}

/** The running process of this pid, or null. */
export async function readProcess(pid: number): Promise<ProcessRow | null> {
  if (process.platform !== 'linux') return (await listByPs()).find((row) => row.pid === pid) ?? null;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = statFields(stat);
  const [state = '', , group] = fields;
  if (state === '' || state === 'Z' || state === 'X') return null;
  const ticks = fields.slice(11, 15).reduce((sum, value) => sum + Number(value), 0);
  return { pid, group: Number(group), started: startedOf(stat), cpuSeconds: ticks / TICKS_PER_SECOND };
}

/** When a process started, from its line in /proc, or from what ps says elsewhere. */
export function startedOf(mark: string): string {
  return statFields(mark)[19] ?? mark.trim().split(/\s+/).join(' ');
}

/** Fields of /proc/PID/stat from the state on (proc(5)); the name before it, in parentheses, may hold anything. */
function statFields(stat: string): string[] {
  const end = stat.lastIndexOf(')');
  return end < 0 ? [] : stat.slice(end + 2).split(' ');
}

/** Resident memory of some processes together, bytes. */
export async function residentBytes(pids: readonly number[]): Promise<number> {
  if (process.platform !== 'linux') {
    const stdout = await ps('rss=', '-p', pids.join(','));
    return stdout.split('\n').reduce((sum, line) => sum + 1024 * Number(line), 0);
  }
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function listByPs(): Promise<ProcessRow[]> {
  const stdout = await ps('pid=,pgid=,time=,lstart=', '-ax');
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, group, time = '', ...started]) => ({
      pid: Number(pid),
      group: Number(group),
      cpuSeconds: time.split(/[:-]/).reduce((sum, part) => 60 * sum + Number(part), 0),
      started: started.join(' '),
    }));
}

async function ps(columns: string, ...which: string[]): Promise<string> {
  // ps exits with 1 when nothing matches.
  return promisify(execFile)('ps', [...which, '-o', columns]).then(
    ({ stdout }) => stdout,
    () => '',
  );
}
