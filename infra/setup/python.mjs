import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath, runCommand } from './command.mjs';
import { withLock } from './lock.mjs';
import { exists } from './piece.mjs';
import { cacheFolder } from './root.mjs';
import { findPip } from './tensorflow.mjs';

/** @typedef {{ python: string, gpaw: boolean }} PythonEnvironment */

const extras = 'chgnet,temporal,test';
const installMs = 1_800_000;

/**
 * Gives an environment with everything that the Python executor and its tests need, at the versions of
 * python/constraints.txt, kept in the cache. The executor itself is not in it: its tests take the clone's.
 * Throws a sentence when it cannot be had; GPAW alone may be missing, and is noted.
 *
 * @param {{ root: string, env: NodeJS.ProcessEnv, tell: import('./progress.mjs').Tell }} given
 * @returns {Promise<PythonEnvironment>}
 */
export async function ensurePython({ root, env, tell }) {
  const own = await findPip(env);
  if (own === undefined) throw new Error('there is no python3 with pip');
  const version = (await runCommand(own, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'])).trim();
  if (Number(version.split('.')[1]) < 11) throw new Error(`Python 3.11 or later is needed, not ${version}`);

  const package_ = join(root, 'python');
  const digest = createHash('sha256').update(version);
  for (const file of ['constraints.txt', 'gpaw-siteconfig.py']) {
    digest.update(await readFile(join(package_, file)));
  }
  const cache = cacheFolder(env);
  const folder = join(cache, `python-executor-${digest.digest('hex').slice(0, 12)}`);
  const ready = join(folder, 'ready.json');
  const python = join(folder, 'bin', 'python');
  const make = async () => {
    if (await exists(ready)) return;
    await rm(folder, { recursive: true, force: true });
    tell.say('making the environment of the Python executor (3 GB, once)');
    await runCommand(own, ['-m', 'venv', folder], { env });
    const scratch = await mkdtemp(join(tmpdir(), 'assayer-python-'));
    try {
      // From a copy: pip builds a package in its folder.
      await cp(package_, scratch, { recursive: true });
      const constraints = ['--constraint', join(package_, 'constraints.txt')];
      const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...constraints];
      await runCommand(python, [...install, `${scratch}[${extras}]`], { env, timeoutMs: installMs });
      await runCommand(python, ['-m', 'pip', 'uninstall', '--quiet', '--yes', 'assayer-executor'], { env });
      const gpaw = await installGpaw(python, { install, package_, env, tell });
      await writeFile(ready, JSON.stringify({ gpaw }));
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  };
  await mkdir(cache, { recursive: true });
  await withLock(`${folder}.lock`, make, (pid) =>
    tell.say(`waiting for process ${pid}, which is making the environment`),
  );
  const { gpaw } = JSON.parse(await readFile(ready, 'utf8'));
  return { python, gpaw };
}

/**
 * @param {string} python
 * @param {{ install: string[], package_: string, env: NodeJS.ProcessEnv, tell: import('./progress.mjs').Tell }} given
 * @returns {Promise<boolean>} whether it could be compiled
 */
async function installGpaw(python, { install, package_, env, tell }) {
  if ((await findOnPath('g++', env)) === undefined) {
    tell.note('there is no g++ to compile GPAW: its tests are skipped');
    return false;
  }
  tell.say('compiling GPAW');
  const config = { ...env, GPAW_CONFIG: join(package_, 'gpaw-siteconfig.py') };
  try {
    await runCommand(python, [...install, 'gpaw'], { env: config, timeoutMs: installMs });
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    tell.note(`GPAW could not be compiled, its tests are skipped: ${why}`);
    return false;
  }
}
