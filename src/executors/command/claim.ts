import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readProcess } from './process-table.ts';

const FILE = '.claim';
const PAUSE_MILLISECONDS = 50;

/**
 * Works in a folder while nobody else does: waits for whoever does now, in this process or another of this machine, and
 * takes over from one that was killed.
 */
export async function inClaimedFolder<Result>(
  folder: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  await mkdir(folder, { recursive: true });
  while (!(await claim(folder))) await sleep(PAUSE_MILLISECONDS, null, { signal });
  try {
    return await work();
  } finally {
    await rm(join(folder, FILE), { force: true });
  }
}

async function claim(folder: string): Promise<boolean> {
  const file = join(folder, FILE);
  const own = join(folder, `${FILE}-${randomUUID()}`);
  await writeFile(own, await ownMark());
  try {
    // Unlike writing, linking is all or nothing: a claim is never seen half-written.
    await link(own, file);
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    const mark = await readFile(file, 'utf8').catch(() => null);
    if (mark !== null && !(await isAlive(mark))) await rm(file, { force: true });
    return false;
  } finally {
    await rm(own, { force: true });
  }
}

let mark: Promise<string> | null = null;

/** This process, told from any later one of its number. */
function ownMark(): Promise<string> {
  mark ??= readProcess(process.pid).then((row) => `${process.pid} ${row?.started ?? ''}`);
  return mark;
}

async function isAlive(marked: string): Promise<boolean> {
  const row = await readProcess(Number.parseInt(marked, 10));
  return row !== null && `${row.pid} ${row.started}` === marked;
}
