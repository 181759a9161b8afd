import { createHash } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.mjs';
import { withLock } from './lock.mjs';
import { exists } from './piece.mjs';

/** @typedef {{ packages: Record<string, { version?: string, optional?: boolean, link?: boolean }> }} Lockfile */

/**
 * Installs node_modules as package-lock.json says, when they are missing, incomplete or of another lockfile.
 *
 * @param {object} given
 * @param {string} given.root
 * @param {string} given.cache
 * @param {NodeJS.ProcessEnv} given.env
 * @param {import('./progress.mjs').Tell} given.tell
 */
export async function ensureDependencies({ root, cache, env, tell }) {
  if ((await whyInstall(root)) === undefined) return;
  await withLock(
    cloneLock(root, cache),
    async () => {
      const why = await whyInstall(root);
      if (why === undefined) return;
      tell.say(`installing the npm packages: ${why}`);
      await rm(stampPath(root), { force: true });
      const [command, ...args] = env['npm_execpath'] ? [process.execPath, env['npm_execpath']] : ['npm'];
      const ci = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
      await runCommand(command ?? 'npm', [...args, ...ci], { cwd: root, env, timeoutMs: 900_000 });
      await writeFile(stampPath(root), await lockHash(root));
    },
    (pid) => tell.say(`waiting for process ${pid}, which is installing`),
  );
}

/**
 * The lock of everything that is made inside one clone.
 *
 * @param {string} root
 * @param {string} cache
 */
export function cloneLock(root, cache) {
  return join(cache, `clone-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`);
}

/** @param {string} root @returns {Promise<string | undefined>} nothing when the installed packages are right */
export async function whyInstall(root) {
  if (!(await exists(join(root, 'node_modules', '.package-lock.json')))) return 'none are there';
  /** @type {Lockfile} */
  const wanted = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const needed = Object.entries(wanted.packages).filter(([path, { optional }]) => path !== '' && !optional);
  const present = await Promise.all(needed.map(([path]) => exists(join(root, path, 'package.json'))));
  const missing = needed.find((_, index) => !present[index]);
  if (missing) return `${missing[0]} is missing`;
  const hash = await lockHash(root);
  if ((await readFile(stampPath(root), 'utf8').catch(() => '')) === hash) return undefined;
  /** @type {Lockfile} */
  const installed = JSON.parse(await readFile(join(root, 'node_modules', '.package-lock.json'), 'utf8'));
  const other = needed.find(([path, { version }]) => installed.packages[path]?.version !== version);
  if (other) return `${other[0]} is not version ${other[1].version}`;
  await writeFile(stampPath(root), hash);
  return undefined;
}

/** @param {string} root */
function stampPath(root) {
  return join(root, 'node_modules', '.assayer-stamp');
}

/** @param {string} root */
async function lockHash(root) {
  return createHash('sha256')
    .update(await readFile(join(root, 'package-lock.json')))
    .digest('hex');
}
