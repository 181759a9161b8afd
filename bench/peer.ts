import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * Python of an environment with the pinned requirements, made at the first use and kept in the cache folder,
 * `peer-<folder of the requirements>-<their digest>`.
 */
export function peerPython(requirementsPath: string): string {
  const requirements = resolve(requirementsPath);
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(
    process.env.ASSAYER_CACHE ?? join(homedir(), '.cache', 'assayer'),
    `peer-${basename(dirname(requirements))}-${digest}`,
  );
  const python = join(folder, 'bin', 'python');
  if (!existsSync(join(folder, 'ready'))) {
    execFileSync('python3', ['-m', 'venv', folder]);
    execFileSync(python, ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
    execFileSync('touch', [join(folder, 'ready')]);
  }
  return python;
}

/** Runs a peer's script on one core: the job goes to its stdin as JSON, the answer comes from its stdout as JSON. */
export function askPeer(python: string, script: string, job: object): unknown {
  const answer = execFileSync(python, [script], {
    input: JSON.stringify(job),
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' },
    maxBuffer: 1 << 29,
  });
  return JSON.parse(answer.toString());
}
