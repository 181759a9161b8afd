import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findOnPath, firstLine, runCommand } from './command.mjs';
import { ensurePiece, exists } from './piece.mjs';
import { cacheFolder } from './root.mjs';

const tensorflowVersion = '2.21.0';
const addonVersion = '4.22.0';
const libraryName = `tensorflow-${tensorflowVersion}-cpu`;
const addonName = `tfjs-binding-${addonVersion}-tf${tensorflowVersion}-${process.platform}-${process.arch}`;

/**
 * The wheels that carry libtensorflow, its headers and its library names.
 *
 * @typedef {{ package: string, tag: string, sha256: string, libraries: [string, string] }} Wheel
 * @type {Record<string, Wheel>}
 */
const wheels = {
  'linux-x64': {
    package: 'tensorflow-cpu',
    tag: 'manylinux_2_27_x86_64',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  },
  'linux-arm64': {
    package: 'tensorflow',
    tag: 'manylinux_2_27_aarch64',
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
  },
  'darwin-arm64': {
    package: 'tensorflow',
    tag: 'macosx_12_0_arm64',
    sha256: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow_framework.2.dylib'],
  },
};

/** What tfjs's addon includes, of the wheel's 13,000 headers. */
const headerFolders = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/platform/', 'xla/tsl/c/'];

/** @typedef {{ backend: 'tensorflow', version: string } | { backend: 'wasm', why: string }} Backend */

/**
 * What the model process would compute with now, without making anything.
 *
 * @param {string} root
 * @returns {Promise<Backend>}
 */
export async function findBackend(root) {
  const why = 'libtensorflow is not set up in this clone';
  return (await exists(addonIn(root))) && (await exists(join(packageIn(root), 'deps', 'lib')))
    ? { backend: 'tensorflow', version: tensorflowVersion }
    : { backend: 'wasm', why };
}

/**
 * Gives tfjs-node a libtensorflow and an addon compiled for it; where that cannot be had, the model process uses
 * WASM.
 *
 * @param {object} given
 * @param {string} given.root
 * @param {NodeJS.ProcessEnv} given.env
 * @param {Promise<void>} given.dependencies the npm packages, which hold the addon's sources
 * @param {import('./progress.mjs').Tell} given.tell
 * @returns {Promise<Backend>}
 */
export async function ensureTensorflow({ root, env, dependencies, tell }) {
  const cache = cacheFolder(env);
  try {
    const wheel = wheels[`${process.platform}-${process.arch}`];
    if (!wheel) throw new Error(`TensorFlow has no wheel for ${process.platform} ${process.arch}`);
    const library = await ensurePiece({
      cache,
      name: libraryName,
      tell,
      make: (fresh) => unpackWheel(fresh, wheel, { env, tell }),
    });
    await dependencies;
    const addon = await ensurePiece({
      cache,
      name: addonName,
      tell,
      make: (fresh) => compileAddon(fresh, wheel, { root, env, library: library.folder, tell }),
    });
    await placeAddon(root, wheel, {
      library: library.folder,
      addon: join(addon.folder, 'tfjs_binding.node'),
    });
    return { backend: 'tensorflow', version: tensorflowVersion };
  } catch (error) {
    await dependencies;
    await rm(addonIn(root), { force: true });
    const why = firstLine(error);
    tell.note(`no libtensorflow (${why}); the models use the slower WASM backend`);
    return { backend: 'wasm', why };
  }
}

/** @param {string} root */
function packageIn(root) {
  return join(root, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
}

/** @param {string} root */
function addonIn(root) {
  return join(packageIn(root), 'lib', 'napi-v8', 'tfjs_binding.node');
}

/**
 * @param {string} folder
 * @param {Wheel} wheel
 * @param {{ env: NodeJS.ProcessEnv, tell: import('./progress.mjs').Tell }} context
 */
async function unpackWheel(folder, wheel, { env, tell }) {
  const python = await findPip(env);
  if (python === undefined) throw new Error('there is no python3 with pip to fetch it');
  const scratch = await mkdtemp(join(dirname(folder), `.${libraryName}-wheel-`));
  try {
    tell.say(`downloading ${wheel.package} ${tensorflowVersion}`);
    const wanted = join(scratch, 'wanted.txt');
    await writeFile(wanted, `${wheel.package}==${tensorflowVersion} --hash=sha256:${wheel.sha256}\n`);
    const platform = ['--only-binary=:all:', '--python-version=311', `--platform=${wheel.tag}`];
    const quiet = ['--quiet', '--progress-bar=off', '--disable-pip-version-check', '--no-cache-dir'];
    const args = ['-m', 'pip', 'download', '--no-deps', ...platform, ...quiet, '-d', scratch, '-r', wanted];
    await runCommand(python, args, { env, timeoutMs: 900_000 });
    const file = (await readdir(scratch)).find((name) => name.endsWith('.whl'));
    if (file === undefined) throw new Error('pip downloaded no wheel');
    tell.say('unpacking libtensorflow');
    const members = [
      ...wheel.libraries.map((name) => `tensorflow/${name}`),
      ...headerFolders.map((name) => `tensorflow/include/${name}`),
    ];
    const script = `
import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
wheel.extractall(sys.argv[2], [n for n in wheel.namelist() if n.startswith(tuple(sys.argv[3:]))])`;
    await runCommand(python, ['-c', script, join(scratch, file), scratch, ...members], { env });
    await mkdir(join(folder, 'lib'));
    for (const name of wheel.libraries) {
      await rename(join(scratch, 'tensorflow', name), join(folder, 'lib', name));
    }
    await rename(join(scratch, 'tensorflow', 'include'), join(folder, 'include'));
    return file;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} a Python that has pip
 */
export async function findPip(env) {
  for (const name of ['python3', 'python']) {
    const path = await findOnPath(name, env);
    if (path === undefined) continue;
    const works = await runCommand(path, ['-m', 'pip', '--version'], { env, timeoutMs: 20_000 }).catch(
      () => '',
    );
    if (works) return path;
  }
  return undefined;
}

/**
 * One call of the C++ compiler: the addon is two files over Node-API and TensorFlow's C API, the same for all
 * versions of Node.
 *
 * @param {string} folder
 * @param {Wheel} wheel
 * @param {{ root: string, env: NodeJS.ProcessEnv, library: string, tell: import('./progress.mjs').Tell }} context
 */
async function compileAddon(folder, wheel, { root, env, library, tell }) {
  const compiler = env['CXX'] || (await findOnPath('c++', env)) || (await findOnPath('g++', env));
  if (!compiler) throw new Error('there is no C++ compiler for the addon');
  tell.say("compiling tfjs-node's addon");
  const binding = join(packageIn(root), 'binding');
  const mac = process.platform === 'darwin';
  await runCommand(
    compiler,
    [
      ...['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'],
      ...[`-I${binding}`, `-I${join(library, 'include')}`],
      `-I${join(root, 'node_modules', 'node-api-headers', 'include')}`,
      ...[join(binding, 'tfjs_backend.cc'), join(binding, 'tfjs_binding.cc')],
      ...wheel.libraries.map((name) => join(library, 'lib', name)),
      `-Wl,-rpath,${mac ? '@loader_path' : '$ORIGIN'}/../../deps/lib`,
      ...(mac ? ['-undefined', 'dynamic_lookup'] : []),
      ...['-o', join(folder, 'tfjs_binding.node')],
    ],
    { env },
  );
  return `compiled by ${compiler}`;
}

/**
 * Puts the addon and links to the libraries where tfjs-node looks for them, and loads it once.
 *
 * @param {string} root
 * @param {Wheel} wheel
 * @param {{ library: string, addon: string }} made
 */
async function placeAddon(root, wheel, { library, addon }) {
  const libraries = join(packageIn(root), 'deps', 'lib');
  await mkdir(libraries, { recursive: true });
  let changed = false;
  for (const name of wheel.libraries) {
    const link = join(libraries, name);
    const target = join(library, 'lib', name);
    if ((await readlink(link).catch(() => '')) === target) continue;
    await replaceByLink(link, target);
    changed = true;
  }
  const placed = addonIn(root);
  const same = (await readFile(placed).catch(() => Buffer.alloc(0))).equals(await readFile(addon));
  if (same && !changed) return;
  await mkdir(dirname(placed), { recursive: true });
  const fresh = `${placed}.${process.pid}`;
  await copyFile(addon, fresh);
  await rename(fresh, placed);
  await runCommand(process.execPath, ['-e', 'process.dlopen({ exports: {} }, process.argv[1])', placed], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
    timeoutMs: 60_000,
  });
}

/** @param {string} link @param {string} target */
async function replaceByLink(link, target) {
  const fresh = `${link}.${process.pid}`;
  await symlink(target, fresh);
  await rename(fresh, link);
}
