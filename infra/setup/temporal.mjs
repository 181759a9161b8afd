import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findOnPath, firstLine, isAtLeast, runCommand, versionOf } from './command.mjs';
import { download } from './download.mjs';
import { findGo } from './go.mjs';
import { checkPiece, ensurePiece } from './piece.mjs';
import { cacheFolder } from './root.mjs';

/** The newest release whose module can be installed by `go install`. */
const version = '1.5.1';
const pieceName = `temporal-${version}`;
const remedy =
  'set TEMPORAL_ADDRESS to a server of yours, put the Temporal CLI (`temporal`) on PATH, or install Go 1.25 or later';

/**
 * @typedef {{ from: 'TEMPORAL_ADDRESS', address: string }
 *   | { from: 'PATH' | 'cache', path: string, version: string }} TemporalServer
 */

/**
 * What would serve Temporal now, without making anything: a server of the user's, `temporal` on PATH, the cache.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<TemporalServer | undefined>}
 */
export async function findTemporal(env) {
  const address = env['TEMPORAL_ADDRESS'];
  if (address) return { from: 'TEMPORAL_ADDRESS', address };
  const onPath = await findOnPath('temporal', env);
  const found = onPath && (await versionOf(onPath, ['--version'], env));
  if (onPath && found) return { from: 'PATH', path: onPath, version: found };
  const folder = join(cacheFolder(env), pieceName);
  const check = await checkPiece(folder);
  if (check.state === 'whole') return { from: 'cache', path: join(folder, 'temporal'), version };
  return undefined;
}

/**
 * Makes sure that there is a Temporal server to start or to connect to.
 *
 * @param {object} given
 * @param {NodeJS.ProcessEnv} given.env
 * @param {import('./progress.mjs').Tell} given.tell
 * @returns {Promise<TemporalServer>}
 */
export async function ensureTemporal({ env, tell }) {
  const found = await findTemporal(env);
  if (found) return found;
  const { folder } = await ensurePiece({
    cache: cacheFolder(env),
    name: pieceName,
    tell,
    make: (fresh) => makeTemporal(fresh, env, tell),
  });
  return { from: 'cache', path: join(folder, 'temporal'), version };
}

/** @param {string} folder @param {NodeJS.ProcessEnv} env @param {import('./progress.mjs').Tell} tell */
async function makeTemporal(folder, env, tell) {
  tell.say(`downloading the Temporal CLI ${version}`);
  try {
    return await downloadTemporal(folder, env);
  } catch (error) {
    tell.note(`the download is not to be had (${firstLine(error)}); trying Go instead`);
  }
  const go = await findGo(env, '1.25');
  if (go.path === undefined) throw new Error(`Temporal: no server: ${go.why}. To go on, ${remedy}.`);
  tell.say(`compiling the Temporal CLI ${version} with Go ${go.version}, about two minutes on two cores`);
  const ldflags = `-ldflags=-s -w -X github.com/temporalio/cli/temporalcli.Version=${version}`;
  try {
    await runCommand(go.path, ['install', ldflags, `github.com/temporalio/cli/cmd/temporal@v${version}`], {
      // Less garbage collection: see the store.
      env: { GOGC: '400', ...env, CGO_ENABLED: '0', GOBIN: folder },
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Temporal: no server: compiling it failed. To go on, ${remedy}.\n${why}`, {
      cause: error,
    });
  }
  return `compiled with Go ${go.version}`;
}

/** @param {string} folder @param {NodeJS.ProcessEnv} env */
async function downloadTemporal(folder, env) {
  const platform = process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  if (!['linux', 'darwin'].includes(platform) || !['amd64', 'arm64'].includes(arch))
    throw new Error(`no release for ${process.platform} ${process.arch}`);
  const url = `https://temporal.download/cli/archive/v${version}?platform=${platform}&arch=${arch}`;
  const unpacked = await mkdtemp(join(folder, '.archive-'));
  try {
    const archive = join(unpacked, 'temporal.tar.gz');
    await writeFile(archive, await download(url));
    await runCommand('tar', ['-xzf', archive, '-C', unpacked], { env });
    await chmod(join(unpacked, 'temporal'), 0o755);
    const found = await versionOf(join(unpacked, 'temporal'), ['--version'], env);
    if (!isAtLeast(found, version)) throw new Error('the downloaded program does not run here');
    await rename(join(unpacked, 'temporal'), join(folder, 'temporal'));
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
  return url;
}
