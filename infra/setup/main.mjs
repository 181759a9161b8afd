import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './root.mjs';
import { setUp, SetUpError } from './set-up.mjs';
import { runTests } from './test-run.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Assayer needs Node 20.19 or later; this is ${process.version}`);
  process.exit(1);
}

const [command, ...args] = process.argv.slice(2);
try {
  process.exitCode = await run(command, args);
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** @param {string | undefined} command @param {string[]} args @returns {Promise<number>} the exit code */
async function run(command, args) {
  switch (command) {
    case undefined:
      await setUp();
      return 0;
    case 'demo':
      await setUp();
      return runNode('dist/src/cli/main.js', ['run', 'examples/alloys.yaml', ...args]);
    case 'bench':
      await setUp();
      return runNode('dist/bench/main.js', args);
    case 'test':
      await setUp({ serversOptional: true });
      return runTests(args);
    default:
      console.error(`unknown command ${command}: use demo, test or bench, or none for the set-up alone`);
      return 2;
  }
}

/**
 * Runs a compiled program of the clone in its place: same terminal, same signals, same exit code.
 *
 * @param {string} script
 * @param {string[]} args
 * @returns {Promise<number>}
 */
function runNode(script, args) {
  const child = spawn(process.execPath, ['--enable-source-maps', join(root, script), ...args], {
    stdio: 'inherit',
  });
  process.on('SIGINT', () => {}); // a terminal sends it to the child as well
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal ? 128 : 1)));
  });
}
