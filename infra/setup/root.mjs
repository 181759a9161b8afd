import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone's folder, whether this file runs from infra/ or compiled in dist/infra/. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)));

/** @param {string} folder @returns {string} */
function findRoot(folder) {
  if (existsSync(join(folder, 'package-lock.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new Error('Assayer runs from its clone: no package-lock.json was found above it');
  return findRoot(parent);
}

/**
 * Where the made pieces are kept, outside the clone.
 *
 * @param {NodeJS.ProcessEnv} env
 */
export function cacheFolder(env) {
  return (
    env['ASSAYER_CACHE'] || join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'assayer')
  );
}
