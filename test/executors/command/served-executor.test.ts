import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { listProcesses } from '../../../src/executors/command/process-table.ts';
import type { EvaluationAnswer, EvaluationRequest } from '../../../src/executors/contract.ts';
import {
  type ExecutorSpec,
  type HostedExecutor,
  createExecutor,
  hostExecutor,
} from '../../../src/executors/registry.ts';

const command = [process.execPath, resolve('test/fixtures/executors/command/server.mjs')];
const spec: ExecutorSpec = {
  ...{ name: 'command', command, serve: true, limits: { disk: 2 ** 30 } },
  ...{ settings: {}, slots: 1, deadline: 60 },
};
const ask = (key: string, behaviour = 'well', deadlineSeconds = 20): EvaluationRequest => ({
  contractVersion: 1,
  key,
  crystal: {
    latticeAngstrom: [3, 0, 0, 0, 3, 0, 0, 0, 3],
    fractionalCoordinates: [0, 0, 0],
    atomicNumbers: [29],
  },
  properties: { energyEvPerAtom: 'eV/atom' },
  settings: { behaviour },
  fidelity: 'none',
  deadlineSeconds,
  seed: 1,
});

let folder: string;
let executor: HostedExecutor;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assayer-served-'));
  executor = await hostExecutor({ ...spec, command: [...command, folder] }, folder);
});
afterEach(async () => {
  await executor.close();
  await rm(folder, { recursive: true, force: true });
});

const evaluate = (request: EvaluationRequest, signal = new AbortController().signal) =>
  executor.evaluate(request, { signal, heartbeat: () => undefined });
/** How many requests the process that answered had answered by then. */
const countOf = (answer: EvaluationAnswer) =>
  answer.status === 'succeeded' ? answer.values['energyEvPerAtom']?.value : answer.failure.message;

describe('a program that serves', () => {
  test('is kept for the next request, whatever it prints beside its answers', async () => {
    expect([countOf(await evaluate(ask('a'))), countOf(await evaluate(ask('b')))]).toEqual([1, 2]);
    expect(JSON.parse(await readFile(join(folder, 'b', 'answer.json'), 'utf8'))).toMatchObject({ key: 'b' });
  });

  test('is asked once for one key', async () => {
    const answers = [
      ...(await Promise.all([evaluate(ask('a')), evaluate(ask('a'))])),
      await evaluate(ask('a')),
    ];
    expect(answers.map(countOf)).toEqual([1, 1, 1]);
    expect(countOf(await evaluate(ask('b')))).toBe(2);
  });

  test('is started twice for two requests at once', async () => {
    const answers = await Promise.all([evaluate(ask('a')), evaluate(ask('b'))]);
    expect(answers.map(countOf)).toEqual([1, 1]);
  });

  test.each([
    ['dies', 'infrastructure', /ended with exit code 9 before it answered; .*out of memory on the device/],
    ['hangs', 'outOfTime', /no answer within the deadline of 1 s/],
    ['other key', 'infrastructure', /is for key 'other', but 'x' was asked/],
  ])('that %s costs its own evaluation, not the next', async (behaviour, kind, message) => {
    await evaluate(ask('a'));
    const failed = await evaluate(ask('x', behaviour, 1));
    expect(failed).toMatchObject({ status: 'failed', failure: { kind } });
    expect(countOf(failed)).toMatch(message);
    expect(countOf(await evaluate(ask('b')))).toBe(1);
  });

  test('is ended when it is cancelled, and ended when it is no longer needed', async () => {
    const abort = new AbortController();
    const evaluation = evaluate(ask('x', 'hangs'), abort.signal);
    await sleep(300);
    abort.abort(new Error('cancelled by a person'));
    await expect(evaluation).rejects.toThrow('cancelled by a person');
    await evaluate(ask('a'));
    await executor.close();
    // A killed process is listed until the system has taken it away.
    await vi.waitFor(async () => {
      const commands = (await listProcesses()).map(({ pid }) => commandLine(pid));
      expect((await Promise.all(commands)).filter((line) => line.includes(folder))).toEqual([]);
    }, 5000);
  });
});

test('a program whose end would do harm cannot serve', async () => {
  const behaviour = resolve('test/fixtures/executors/command/behaviour.sh');
  await expect(createExecutor({ ...spec, command: [behaviour, 'unsafe'] }, folder)).rejects.toThrow(
    /must not be ended in the middle/,
  );
});

/** Programs of this test are told its folder, so that no other test's are taken for them. */
async function commandLine(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
}
