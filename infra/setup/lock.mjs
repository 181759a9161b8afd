import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const refreshMs = 10_000;
const staleAfterMs = 60_000;

/**
 * Runs `work` while holding a lock file. A lock is stale when its process is gone or has not refreshed it for a
 * minute; what is guarded is renamed into place in one step, so a lock broken by mistake costs work, not data.
 *
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} work
 * @param {(holder: number) => void} [onWait] called once with the holder's pid when the lock is taken
 * @returns {Promise<T>}
 */
export async function withLock(path, work, onWait) {
  await mkdir(dirname(path), { recursive: true });
  for (let told = false; !(await take(path));) {
    const holder = await readHolder(path);
    if (holder === undefined) continue;
    if (await isStale(path, holder)) {
      await breakStale(path);
      continue;
    }
    if (!told) onWait?.(holder.pid);
    told = true;
    await sleep(200);
  }
  const refresh = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, refreshMs);
  refresh.unref();
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    await rm(path, { force: true });
  }
}

/** @param {string} path */
async function take(path) {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(JSON.stringify({ pid: process.pid, host: hostname() }));
    await file.close();
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** @param {string} path @returns {Promise<{ pid: number, host: string } | undefined>} */
async function readHolder(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    return { pid: 0, host: '' }; // created, not yet written: judged by its age
  }
}

/** @param {string} path @param {{ pid: number, host: string }} holder */
async function isStale(path, { pid, host }) {
  if (host === hostname() && pid > 0 && !isAlive(pid)) return true;
  try {
    return Date.now() - (await stat(path)).mtimeMs > staleAfterMs;
  } catch {
    return false;
  }
}

/**
 * Only the one who holds the second lock may remove the first, and looks again before: otherwise two waiters
 * could remove each other's fresh lock.
 *
 * @param {string} path
 */
async function breakStale(path) {
  const guard = `${path}.break`;
  if (!(await take(guard))) {
    const age = await stat(guard).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > staleAfterMs) await rm(guard, { force: true });
    await sleep(50);
    return;
  }
  try {
    const holder = await readHolder(path);
    if (holder !== undefined && (await isStale(path, holder))) await rm(path, { force: true });
  } finally {
    await rm(guard, { force: true });
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/** @param {unknown} error @param {string} code */
function isCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}
