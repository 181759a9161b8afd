import { readFile, readdir } from 'node:fs/promises';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';

// Histories of real campaigns: running campaigns must go on under this code. `npm run record-histories` made them.
const FOLDER = 'test/histories';
const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.json'));
const logger = new DefaultLogger('ERROR');
let workflowBundle: Awaited<ReturnType<typeof bundleWorkflowCode>>;

beforeAll(async () => {
  Runtime.install({ logger });
  const workflowsPath = new URL('../../src/workflows/index.ts', import.meta.url).pathname;
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
}, 60_000);

describe('recorded histories', () => {
  test('cover every workflow', () => {
    for (const type of ['campaign', 'evaluation', 'learning']) {
      expect(files.some((file) => file.includes(`-${type}-`))).toBe(true);
    }
  });

  test.each(files)('%s replays', async (file) => {
    const history = JSON.parse(await readFile(`${FOLDER}/${file}`, 'utf8')) as unknown;
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).resolves.toBeUndefined();
  });

  test('a history that tells another story is refused', async () => {
    const file =
      files.find((name) => name.includes('-evaluation-')) ?? expect.fail('no evaluation was recorded');
    const told = (await readFile(`${FOLDER}/${file}`, 'utf8')).replaceAll('"evaluate"', '"guess"');
    await expect(Worker.runReplayHistory({ workflowBundle }, JSON.parse(told) as unknown)).rejects.toThrow(
      /Nondeterminism|determinism/i,
    );
  });
});
