import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withLock } from '../../infra/setup/lock.mjs';
import { temporaryFolder } from './temporary-folder.ts';

test('only one holds the lock at a time, and it is gone afterwards', async () => {
  const folder = await temporaryFolder();
  let holders = 0;
  let most = 0;
  const work = () =>
    withLock(join(folder, 'a.lock'), async () => {
      holders += 1;
      most = Math.max(most, holders);
      await new Promise((resolve) => setTimeout(resolve, 5));
      holders -= 1;
    });
  await Promise.all([work(), work(), work()]);
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test('the lock of a process that is gone is broken', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(path, JSON.stringify({ pid: child.pid, host: hostname() }));
  expect(await withLock(path, async () => 'mine')).toBe('mine');
});

test('a lock nobody refreshed for long is broken, even from another machine', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  await writeFile(path, JSON.stringify({ pid: 1, host: 'elsewhere' }));
  const longAgo = new Date(Date.now() - 120_000);
  await utimes(path, longAgo, longAgo);
  expect(await withLock(path, async () => 'mine')).toBe('mine');
});

test('one who waits hears whom for', async () => {
  const path = join(await temporaryFolder(), 'a.lock');
  const heard: number[] = [];
  await withLock(path, async () => {
    void withLock(
      path,
      async () => {},
      (pid) => heard.push(pid),
    );
    await expect.poll(() => heard).toEqual([process.pid]);
  });
});
