import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './root.mjs';

/** @typedef {{ passed: number, failed: number, skipped: { name: string, why: string }[], errors: number }} Counts */

const checks = [
  { name: 'lint', args: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', args: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'] },
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] },
];

/**
 * Runs lint, format, types and the tests, all of them whatever fails, and ends with the count of the tests.
 *
 * @param {string[]} args passed on to vitest
 * @returns {Promise<number>} the exit code
 */
export async function runTests(args) {
  const failed = [];
  for (const check of checks) {
    const code = await runNode(check.args);
    console.log(`${check.name}: ${code === 0 ? 'ok' : 'failed'}`);
    if (code !== 0) failed.push(check.name);
  }
  const scratch = await mkdtemp(join(tmpdir(), 'assayer-tests-'));
  try {
    const countsPath = join(scratch, 'counts.json');
    const reporters = ['--reporter=default', '--reporter=./infra/setup/count-reporter.mjs'];
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args];
    const code = await runNode(vitest, { ASSAYER_TEST_COUNTS: countsPath });
    /** @type {Counts} */
    const counts = JSON.parse(await readFile(countsPath, 'utf8'));
    for (const { name, why } of counts.skipped) console.log(`skipped: ${name}: ${why}`);
    if (code !== 0 || counts.failed + counts.errors > 0) failed.push('tests');
    if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return failed.length > 0 ? 1 : 0;
}

/** @param {string[]} args @param {NodeJS.ProcessEnv} [env] @returns {Promise<number>} */
function runNode(args, env = {}) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
