import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isRunning } from '../../infra/stack/process-info.ts';
import { readState, statePath } from '../../infra/stack/state.ts';
import type { ProcessPlan, ProcessState, StackState } from '../../infra/stack/state.ts';
import { supervise } from '../../infra/stack/supervisor.ts';
import { temporaryFolder } from './temporary-folder.ts';

const patience = { timeout: 15_000, interval: 50 };
const ready = "console.log('ready'); setInterval(() => {}, 1000);";

function plan(name: string, script: string, stopStage = 0): ProcessPlan {
  return {
    name,
    command: process.execPath,
    args: ['-e', script],
    env: { NAME: name },
    health: { kind: 'log', line: 'ready' },
    stopStage,
    graceMs: 500,
  };
}

async function startSupervisor(plans: ProcessPlan[]) {
  const home = await temporaryFolder();
  const initial: StackState = {
    version: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    supervisor: null,
    temporal: null,
    store: null,
    plans,
    processes: {},
  };
  const lines: string[] = [];
  const supervisor = await supervise(home, initial, (line) => lines.push(line));
  onTestFinished(async () => {
    supervisor.stop();
    await supervisor.done;
  });
  async function stateOf(name: string): Promise<ProcessState | undefined> {
    return (await readState(statePath(home)))?.processes[name];
  }
  return { home, lines, supervisor, stateOf };
}

test('a killed process is started again, and stack.json says so', async () => {
  const { lines, stateOf } = await startSupervisor([plan('worker', ready), plan('other', ready)]);
  await expect.poll(() => stateOf('worker'), patience).toMatchObject({ phase: 'healthy', restarts: 0 });
  const first = (await stateOf('worker'))?.mark;
  process.kill(first?.pid ?? 0, 'SIGKILL');
  await expect
    .poll(() => stateOf('worker'), patience)
    .toMatchObject({ phase: 'healthy', restarts: 1, lastExit: 'SIGKILL' });
  expect((await stateOf('worker'))?.mark?.pid).not.toBe(first?.pid);
  expect(await stateOf('other')).toMatchObject({ phase: 'healthy', restarts: 0 });
  expect(lines).toContain('worker ended (SIGKILL); it starts again in 250 ms');
});

test('a process that cannot stay up is tried again and again, ever slower, and never called healthy', async () => {
  const { lines, stateOf } = await startSupervisor([plan('broken', 'process.exit(7)')]);
  await expect
    .poll(() => lines.filter((line) => line.startsWith('broken ended')), patience)
    .toEqual(
      expect.arrayContaining([
        'broken ended (code 7); it starts again in 250 ms',
        'broken ended (code 7); it starts again in 500 ms',
        'broken ended (code 7); it starts again in 1000 ms',
      ]),
    );
  expect((await stateOf('broken'))?.phase).not.toBe('healthy');
});

test('a command that does not exist is reported like an end', async () => {
  const { lines } = await startSupervisor([{ ...plan('none', ''), command: '/no/such/program' }]);
  await expect
    .poll(() => lines, patience)
    .toContain('none ended (spawn /no/such/program ENOENT); it starts again in 250 ms');
});

test('stop ends stage after stage, also those that do not listen, and removes stack.json', async () => {
  const home = await temporaryFolder();
  const said = join(home, 'said');
  const append = `require('fs').appendFileSync(${JSON.stringify(said)}, process.env.NAME + ' ')`;
  const polite = `process.on('SIGTERM', () => { ${append}; process.exit(0); }); ${ready}`;
  const deaf = `process.on('SIGTERM', () => { ${append}; }); ${ready}`;
  const {
    home: folder,
    supervisor,
    stateOf,
  } = await startSupervisor([plan('store', polite, 2), plan('worker', deaf, 0), plan('temporal', polite, 1)]);
  const marks = [];
  for (const name of ['store', 'worker', 'temporal']) {
    await expect.poll(() => stateOf(name), patience).toMatchObject({ phase: 'healthy' });
    marks.push((await stateOf(name))?.mark);
  }
  supervisor.stop();
  await supervisor.done;
  expect(await readFile(said, 'utf8')).toBe('worker temporal store ');
  for (const mark of marks) expect(mark && (await isRunning(mark))).toBe(false);
  expect(await readState(statePath(folder))).toBeUndefined();
});
