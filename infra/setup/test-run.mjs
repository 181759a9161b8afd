import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createProgress } from './progress.mjs';
import { ensurePython } from './python.mjs';
import { root } from './root.mjs';

/** @typedef {{ passed: number, failed: number, skipped: { name: string, why: string }[], errors: number }} Counts */

const checks = [
  { name: 'lint', args: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'format', args: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'] },
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'] },
];

const pythonChecks = [
  { name: 'python lint', args: ['-m', 'ruff', 'check', '--quiet', '--no-cache', '.'] },
  { name: 'python format', args: ['-m', 'ruff', 'format', '--check', '--quiet', '--no-cache', '.'] },
  { name: 'python types', args: ['-m', 'mypy', '--no-error-summary'] },
];

/**
 * Runs lint, format, types and the tests, of TypeScript and then of Python, all of them whatever fails, and ends with
 * the count of the tests.
 *
 * @param {string[]} args passed on to vitest; with any, Python is left out
 * @returns {Promise<number>} the exit code
 */
export async function runTests(args) {
  const failed = [];
  for (const check of checks) {
    const code = await runNode(check.args);
    console.log(`${check.name}: ${code === 0 ? 'ok' : 'failed'}`);
    if (code !== 0) failed.push(check.name);
  }
  const progress = createProgress();
  // Made beside the tests of TypeScript: the first time it is minutes of downloading and compiling.
  const python =
    args.length > 0
      ? undefined
      : progress
          .follow('python', (tell) => ensurePython({ root, env: process.env, tell }))
          .catch((/** @type {unknown} */ error) => String(error instanceof Error ? error.message : error));
  const scratch = await mkdtemp(join(tmpdir(), 'assayer-tests-'));
  try {
    const countsPath = join(scratch, 'counts.json');
    const reporters = ['--reporter=default', '--reporter=./infra/setup/count-reporter.mjs'];
    const vitest = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args];
    const code = await runNode(vitest, { ASSAYER_TEST_COUNTS: countsPath });
    const counts = await readCounts(countsPath);
    if (code !== 0 || counts.failed + counts.errors > 0) failed.push('tests');
    const environment = await python;
    progress.end();
    if (typeof environment === 'string') {
      counts.skipped.push({ name: 'all tests of Python', why: environment });
    } else if (environment !== undefined) {
      failed.push(...(await runPython(environment.python, join(scratch, 'python.json'), counts)));
    }
    for (const { name, why } of counts.skipped) console.log(`skipped: ${name}: ${why}`);
    if (failed.length > 0) console.log(`failed: ${failed.join(', ')}`);
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped.length} skipped`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return failed.length > 0 ? 1 : 0;
}

/**
 * Checks and tests the Python executor; adds its tests to the counts.
 *
 * @param {string} python
 * @param {string} countsPath
 * @param {Counts} counts
 * @returns {Promise<string[]>} what failed
 */
async function runPython(python, countsPath, counts) {
  const cwd = join(root, 'python');
  const failed = [];
  const env = {
    ASSAYER_TEST_COUNTS: countsPath,
    MYPY_CACHE_DIR: join(dirname(python), '..', 'mypy-cache'),
    OMP_NUM_THREADS: '1',
    OPENBLAS_NUM_THREADS: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  for (const check of pythonChecks) {
    const code = await run(python, check.args, { cwd, env });
    console.log(`${check.name}: ${code === 0 ? 'ok' : 'failed'}`);
    if (code !== 0) failed.push(check.name);
  }
  const code = await run(python, ['-m', 'pytest', '-p', 'no:cacheprovider'], { cwd, env });
  if (code !== 0) failed.push('python tests');
  const found = await readCounts(countsPath);
  counts.passed += found.passed;
  counts.failed += found.failed;
  counts.skipped.push(...found.skipped);
  return failed;
}

/** @param {string} path @returns {Promise<Counts>} */
async function readCounts(path) {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** @param {string[]} args @param {NodeJS.ProcessEnv} [env] @returns {Promise<number>} */
function runNode(args, env = {}) {
  return run(process.execPath, args, { cwd: root, env });
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>}
 */
function run(program, args, { cwd, env = {} }) {
  const child = spawn(program, args, { cwd, stdio: 'inherit', env: { ...process.env, ...env } });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
