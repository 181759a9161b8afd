import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { findOnPath, runCommand, versionOf } from './command.mjs';
import { findGo } from './go.mjs';
import { checkPiece } from './piece.mjs';
import { cacheFolder, root } from './root.mjs';
import { findStore } from './store.mjs';
import { findTemporal } from './temporal.mjs';
import { findBackend, findPip } from './tensorflow.mjs';

/**
 * One piece as it is found: what would be used, and what would be better where that is so.
 *
 * @typedef {{ piece: string, used: string, version: string, why: string, better: string | null }} Probe
 */

/**
 * Looks at every piece without making or starting anything.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Probe[]>}
 */
export function probe(env) {
  return Promise.all([
    probeNode(),
    probeTemporal(env),
    probeStore(env),
    probeBackend(env),
    probePython(env),
    probeGo(env),
    probeCache(env),
    probeDisk(env),
    probeMemory(),
    probeData(env),
  ]);
}

/** @returns {Promise<Probe>} */
async function probeNode() {
  const used = process.execPath;
  return { piece: 'node', used, version: process.version, why: '20.19 or later is needed', better: null };
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Probe>} */
async function probeTemporal(env) {
  const piece = 'temporal';
  const server = await findTemporal(env);
  if (server === undefined) {
    const why = 'not set up yet: npm run setup gets it';
    return { piece, used: 'nothing', version: '', why, better: 'TEMPORAL_ADDRESS, or `temporal` on PATH' };
  }
  if (server.from === 'TEMPORAL_ADDRESS') {
    return { piece, used: server.address, version: '', why: 'TEMPORAL_ADDRESS is set', better: null };
  }
  const why = server.from === 'PATH' ? 'found on PATH' : 'made by the set-up; TEMPORAL_ADDRESS is not set';
  const better = 'a Temporal cluster (TEMPORAL_ADDRESS) for more than one machine';
  return { piece, used: server.path, version: server.version, why, better };
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Probe>} */
async function probeStore(env) {
  const piece = 'store';
  const server = await findStore(env);
  if (server === undefined) {
    const why = 'not set up yet: npm run setup gets it';
    return { piece, used: 'nothing', version: '', why, better: 'MONGODB_URI, or `mongod` on PATH' };
  }
  if (server.from === 'MONGODB_URI') {
    const shown = server.uri.replace(/(:\/\/[^:@/]+):[^@]*@/, '$1:***@');
    return { piece, used: shown, version: '', why: 'MONGODB_URI is set', better: null };
  }
  const mongod = server.kind === 'mongod';
  const why =
    server.from === 'PATH' ? 'found on PATH' : `${server.kind} from the set-up; MONGODB_URI is not set`;
  const better = mongod
    ? 'a replica set (MONGODB_URI) for more than one machine'
    : '`mongod` on PATH is faster';
  return { piece, used: server.path, version: server.version, why, better };
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Probe>} */
async function probeBackend(env) {
  const piece = 'tensorflow';
  const found = await findBackend(root);
  const gpu = await findGpu(env);
  if (found.backend === 'wasm') {
    const better =
      'libtensorflow, about ten times as fast: npm run setup with python3, pip and a C++ compiler';
    return { piece, used: 'WASM', version: '', why: found.why, better };
  }
  const why = gpu ? `the CPU build; this machine has ${gpu}` : 'the CPU build; no NVIDIA GPU was found';
  const better = gpu ? 'the GPU wheel of TensorFlow, which the set-up does not install' : null;
  return { piece, used: 'libtensorflow', version: found.version, why, better };
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<string | undefined>} */
async function findGpu(env) {
  const path = await findOnPath('nvidia-smi', env);
  if (path === undefined) return undefined;
  const listed = await runCommand(path, ['-L'], { env, timeoutMs: 10_000 }).catch(() => '');
  return /GPU \d+: ([^(]+)/.exec(listed)?.[1]?.trim();
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Probe>} */
async function probePython(env) {
  const piece = 'python';
  const path = await findPip(env);
  if (path) {
    const version = (await versionOf(path, ['--version'], env)) ?? '';
    return { piece, used: path, version, why: 'has pip, which fetches libtensorflow', better: null };
  }
  const why = 'no python3 with pip on PATH';
  return { piece, used: 'nothing', version: '', why, better: 'python3 and pip, for libtensorflow and ASE' };
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Probe>} */
async function probeGo(env) {
  const piece = 'go';
  const go = await findGo(env, '1.25');
  if (go.path !== undefined) {
    const why = 'compiles the servers that cannot be downloaded';
    return { piece, used: go.path, version: go.version, why, better: null };
  }
  const better = 'Go 1.25 or later, only where the servers cannot be downloaded';
  return { piece, used: 'nothing', version: '', why: go.why, better };
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Probe>} */
async function probeCache(env) {
  const used = cacheFolder(env);
  const pieces = ['temporal-1.5.1', 'ferretdb-1.24.2', 'tensorflow-2.21.0-cpu'];
  const checks = await Promise.all(pieces.map((name) => checkPiece(join(used, name), { deep: true })));
  const damaged = pieces.filter((_, index) => checks[index]?.state === 'damaged');
  const why = damaged.length > 0 ? `damaged: ${damaged.join(', ')}` : 'every piece there is as it was made';
  return {
    piece: 'cache',
    used,
    version: '',
    why,
    better: damaged.length > 0 ? 'npm run setup makes them again' : null,
  };
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Probe>} */
async function probeDisk(env) {
  let used = cacheFolder(env);
  while (!existsSync(used)) used = dirname(used);
  const { bavail, bsize } = await statfs(used);
  const free = bavail * bsize;
  const why = 'a first set-up takes about 6 GB where the servers are compiled';
  const better = free < 6e9 ? 'more free space, or ASSAYER_CACHE on another disk' : null;
  return { piece: 'disk', used, version: `${formatGb(free)} free`, why, better };
}

/** @returns {Promise<Probe>} */
async function probeMemory() {
  const version = `${formatGb(totalmem())}, ${formatGb(freemem())} free`;
  const why = 'the stack and a small campaign take about 2 GB';
  const better = totalmem() < 4e9 ? '4 GB or more' : null;
  return { piece: 'memory', used: `${availableParallelism()} cores`, version, why, better };
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<Probe>} */
async function probeData(env) {
  const used = resolve(root, env['ASSAYER_DATA'] || '../shared/data');
  if (existsSync(used)) {
    return {
      piece: 'data',
      used,
      version: '',
      why: env['ASSAYER_DATA'] ? 'ASSAYER_DATA is set' : 'the default',
      better: null,
    };
  }
  const why = 'there is no such folder; campaigns run without it, some benchmarks do not';
  return { piece: 'data', used, version: '', why, better: 'ASSAYER_DATA with the benchmark tables' };
}

/** @param {number} bytes */
function formatGb(bytes) {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
