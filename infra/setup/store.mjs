import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath, firstLine, isAtLeast, runCommand, versionOf } from './command.mjs';
import { checkReachable } from './download.mjs';
import { findGo } from './go.mjs';
import { checkPiece, ensurePiece } from './piece.mjs';
import { cacheFolder, root } from './root.mjs';

const mongodName = 'mongod-8.2.6';
const ferretdbVersion = '1.24.2';
const ferretdbName = `ferretdb-${ferretdbVersion}`;
/** The MongoDB driver speaks to servers from this version on. */
const leastMongod = '4.4';
const remedy = 'set MONGODB_URI to a server of yours, put `mongod` on PATH, or install Go 1.24 or later';

/**
 * @typedef {{ from: 'MONGODB_URI', uri: string }
 *   | { from: 'PATH' | 'cache', kind: 'mongod' | 'ferretdb', path: string, version: string }} StoreServer
 */

/**
 * What would store the facts now, without making anything: a server of the user's, `mongod` on PATH, a cached
 * mongod, a cached FerretDB.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {'mongod' | 'ferretdb'} [kind] only a server of this kind
 * @returns {Promise<StoreServer | undefined>}
 */
export async function findStore(env, kind) {
  const uri = env['MONGODB_URI'];
  if (uri) return { from: 'MONGODB_URI', uri };
  if (kind !== 'ferretdb') {
    const onPath = await findOnPath('mongod', env);
    const found = onPath && (await versionOf(onPath, ['--version'], env));
    if (onPath && found && isAtLeast(found, leastMongod)) {
      return { from: 'PATH', kind: 'mongod', path: onPath, version: found };
    }
    const mongod = join(cacheFolder(env), mongodName);
    if ((await checkPiece(mongod)).state === 'whole') return cachedMongod(mongod);
  }
  if (kind === 'mongod') return undefined;
  const ferretdb = join(cacheFolder(env), ferretdbName);
  if ((await checkPiece(ferretdb)).state === 'whole') return cachedFerretdb(ferretdb);
  return undefined;
}

/**
 * Makes sure that there is a store to start or to connect to. Needs the npm packages.
 *
 * @param {object} given
 * @param {NodeJS.ProcessEnv} given.env
 * @param {import('./progress.mjs').Tell} given.tell
 * @returns {Promise<StoreServer>}
 */
export async function ensureStore({ env, tell }) {
  const found = await findStore(env);
  if (found) return found;
  const cache = cacheFolder(env);
  // Where FerretDB was used, its files hold the facts: a damaged one is made again, not replaced by mongod.
  if ((await checkPiece(join(cache, ferretdbName))).state === 'missing') {
    try {
      const make = (/** @type {string} */ fresh) => downloadMongod(fresh, env, tell);
      const { folder } = await ensurePiece({ cache, name: mongodName, tell, make });
      return cachedMongod(folder);
    } catch (error) {
      tell.note(`mongod is not to be had (${firstLine(error)}); using FerretDB on SQLite instead`);
    }
  }
  const make = (/** @type {string} */ fresh) => compileFerretdb(fresh, env, tell);
  const { folder } = await ensurePiece({ cache, name: ferretdbName, tell, make });
  return cachedFerretdb(folder);
}

/** @param {string} folder @returns {StoreServer} */
function cachedMongod(folder) {
  return { from: 'cache', kind: 'mongod', path: join(folder, 'mongod'), version: mongodName.slice(7) };
}

/** @param {string} folder @returns {StoreServer} */
function cachedFerretdb(folder) {
  return { from: 'cache', kind: 'ferretdb', path: join(folder, 'ferretdb'), version: ferretdbVersion };
}

/** @param {string} folder @param {NodeJS.ProcessEnv} env @param {import('./progress.mjs').Tell} tell */
async function downloadMongod(folder, env, tell) {
  const mirror = env['MONGOMS_DOWNLOAD_MIRROR'] || 'https://fastdl.mongodb.org';
  await checkReachable(mirror);
  tell.say(`downloading ${mongodName}`);
  const script = `
    const { MongoBinary } = require('mongodb-memory-server-core');
    MongoBinary.getPath({ version: '${mongodName.slice(7)}', downloadDir: process.argv[1] }).then(
      (path) => console.log('\\n' + path),
      (error) => { console.error(error.message); process.exitCode = 1; });`;
  const output = await runCommand(process.execPath, ['-e', script, folder], {
    cwd: root,
    env: { ...env, MONGOMS_PREFER_GLOBAL_PATH: 'false' },
    timeoutMs: 300_000,
  });
  const path = output.trim().split('\n').at(-1) ?? '';
  if ((await versionOf(path, ['--version'], env)) === undefined) {
    throw new Error('the downloaded mongod does not run here');
  }
  await rename(path, join(folder, 'mongod'));
  return mirror;
}

/** @param {string} folder @param {NodeJS.ProcessEnv} env @param {import('./progress.mjs').Tell} tell */
async function compileFerretdb(folder, env, tell) {
  const go = await findGo(env, '1.24');
  if (go.path === undefined) throw new Error(`Store: no server: ${go.why}. To go on, ${remedy}.`);
  tell.say(`compiling FerretDB ${ferretdbVersion} with Go ${go.version}`);
  const args = [
    'build',
    '-tags=ferretdb_no_postgresql',
    '-ldflags=-s -w',
    '-o',
    join(folder, 'ferretdb'),
    '.',
  ];
  try {
    await runCommand(go.path, args, {
      cwd: join(root, 'infra', 'ferretdb'),
      // Less garbage collection: a quarter less time for this compilation on two cores.
      env: { GOGC: '400', ...env, CGO_ENABLED: '0' },
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Store: no server: compiling FerretDB failed. To go on, ${remedy}.\n${why}`, {
      cause: error,
    });
  }
  return `compiled with Go ${go.version}`;
}
