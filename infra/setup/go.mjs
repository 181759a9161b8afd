import { findOnPath, isAtLeast, runCommand } from './command.mjs';

/**
 * Finds a Go that can build a module asking for `least`: Go 1.21 and later fetch a newer toolchain by themselves
 * unless GOTOOLCHAIN says local.
 *
 * @param {NodeJS.ProcessEnv} env
 * @param {string} least
 * @returns {Promise<{ path: string, version: string } | { path: undefined, why: string }>}
 */
export async function findGo(env, least) {
  const path = await findOnPath('go', env);
  if (path === undefined) return { path: undefined, why: 'there is no Go' };
  let output;
  try {
    output = await runCommand(path, ['env', 'GOVERSION', 'GOTOOLCHAIN'], { env, timeoutMs: 10_000 });
  } catch {
    return { path: undefined, why: `${path} does not run` };
  }
  const [name = '', toolchain = 'local'] = output.trim().split('\n');
  const version = name.replace('go', '');
  const fetches = isAtLeast(version, '1.21') && !toolchain.startsWith('local');
  if (isAtLeast(version, least) || fetches) return { path, version };
  return { path: undefined, why: `Go ${version} is older than ${least}` };
}
