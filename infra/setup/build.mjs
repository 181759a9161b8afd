import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.mjs';
import { cloneLock } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { exists } from './piece.mjs';

/** @typedef {{ sources: string, outputs: Record<string, number> }} Stamp */

const folders = ['src', 'infra', 'bench'];

/**
 * Compiles src/, infra/ and bench/ into dist/ and bundles the workflows, when the sources changed or dist/ is
 * not as it was left. Types are checked by `npm test`, not here.
 *
 * @param {object} given
 * @param {string} given.root
 * @param {string} given.cache
 * @param {import('./progress.mjs').Tell} given.tell
 */
export async function ensureBuild({ root, cache, tell }) {
  if (await isBuilt(root)) return;
  await withLock(
    cloneLock(root, cache),
    async () => {
      const sources = await hashSources(root);
      if (await isBuilt(root)) return;
      tell.say('compiling');
      await rm(stampPath(root), { force: true });
      const startedMs = Date.now() - 1000;
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      await runCommand(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck'], { cwd: root });
      await removeOlder(root, startedMs);
      tell.say('bundling the workflows');
      const bundle = join(root, 'dist', 'infra', 'stack', 'bundle-workflows.js');
      await runCommand(process.execPath, [bundle], { cwd: root });
      /** @type {Stamp} */
      const stamp = { sources, outputs: await sizeOutputs(root) };
      await writeFile(stampPath(root), JSON.stringify(stamp));
    },
    (pid) => tell.say(`waiting for process ${pid}, which is building`),
  );
}

/** @param {string} root */
export async function isBuilt(root) {
  /** @type {Stamp} */
  let stamp;
  try {
    stamp = JSON.parse(await readFile(stampPath(root), 'utf8'));
  } catch {
    return false;
  }
  const sizes = await sizeOutputs(root);
  const damaged = Object.entries(stamp.outputs).some(([name, size]) => sizes[name] !== size);
  return !damaged && stamp.sources === (await hashSources(root));
}

/** @param {string} root */
function stampPath(root) {
  return join(root, 'dist', '.stamp.json');
}

/** @param {string} root */
async function hashSources(root) {
  const names = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  for (const folder of folders) {
    for (const name of await listFiles(join(root, folder))) {
      if (/\.(ts|mjs|json)$/.test(name)) names.push(join(folder, name));
    }
  }
  const hash = createHash('sha256');
  const contents = await Promise.all(names.sort().map((name) => readFile(join(root, name))));
  for (const [index, name] of names.entries()) hash.update(`${name}\0`).update(contents[index] ?? '');
  return hash.digest('hex');
}

/** @param {string} root */
async function sizeOutputs(root) {
  /** @type {Record<string, number>} */
  const sizes = {};
  const names = ['workflow-bundle.js'];
  for (const folder of folders) {
    for (const name of await listFiles(join(root, 'dist', folder))) names.push(join(folder, name));
  }
  await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(root, 'dist', name)).catch(() => undefined);
      if (found) sizes[name] = found.size;
    }),
  );
  return sizes;
}

/**
 * Removes what the sources no longer make: tsc wrote everything else anew.
 *
 * @param {string} root
 * @param {number} thanMs
 */
async function removeOlder(root, thanMs) {
  for (const folder of folders) {
    for (const name of await listFiles(join(root, 'dist', folder))) {
      const path = join(root, 'dist', folder, name);
      if ((await stat(path)).mtimeMs < thanMs) await rm(path);
    }
  }
}

/** @param {string} folder @returns {Promise<string[]>} */
async function listFiles(folder) {
  if (!(await exists(folder))) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
