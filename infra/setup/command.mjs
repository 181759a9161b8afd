import { spawn } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();

/** Ends the commands that are still running, with everything they started. */
export function endCommands() {
  for (const child of running) endGroup(child, 'SIGTERM');
}

/**
 * Runs a command in its own process group and keeps its output. Rejects when it cannot start, fails or takes
 * too long, with its first and last lines in the message.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number }} [options]
 * @returns {Promise<string>} stdout and stderr together
 */
export function runCommand(command, args, { cwd, env, timeoutMs } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    let timedOut = false;
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            endGroup(child, 'SIGKILL');
          }, timeoutMs);
    /** @param {Buffer} chunk */
    const keep = (chunk) => {
      output = (output + chunk.toString()).slice(-200_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    /** @param {string} what */
    const fail = (what) => {
      const lines = output.trim().split('\n');
      const shown = lines.length > 16 ? [...lines.slice(0, 8), '…', ...lines.slice(-8)] : lines;
      reject(new Error(`${command} ${what}${output.trim() ? `:\n${shown.join('\n')}` : ''}`));
    };
    child.on('error', (error) => {
      running.delete(child);
      clearTimeout(timer);
      fail(`could not be started (${error.message})`);
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      clearTimeout(timer);
      if (timedOut) fail(`did not end within ${timeoutMs} ms`);
      else if (code === 0) resolve(output);
      else fail(signal ? `was ended by ${signal}` : `ended with code ${code}`);
    });
  });
}

/** @param {import('node:child_process').ChildProcess} child @param {NodeJS.Signals} signal */
function endGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} the first executable file of that name on PATH
 */
export async function findOnPath(name, env) {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder || '.', name);
    try {
      await access(path, constants.X_OK);
      if ((await stat(path)).isFile()) return path;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

/**
 * @param {string} path
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} the first x.y or x.y.z it prints, or nothing when it does not run
 */
export async function versionOf(path, args, env) {
  try {
    const output = await runCommand(path, args, { env, timeoutMs: 10_000 });
    return /\d+\.\d+(\.\d+)?/.exec(output)?.[0];
  } catch {
    return undefined;
  }
}

/**
 * @param {string | undefined} version
 * @param {string} least
 */
export function isAtLeast(version, least) {
  if (version === undefined) return false;
  const given = version.split('.').map(Number);
  for (const [index, part] of least.split('.').map(Number).entries()) {
    const other = given[index] ?? 0;
    if (other !== part) return other > part;
  }
  return true;
}

/**
 * What went wrong, in one line.
 *
 * @param {unknown} error
 */
export function firstLine(error) {
  const message = error instanceof Error ? error.message : String(error);
  const [head = '', second] = message.split('\n');
  return head.endsWith(':') && second ? `${head} ${second}` : head;
}
