import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { commandFields } from '../../../src/campaign/spec.ts';
import { createExecutor } from '../../../src/executors/registry.ts';
import type { EvaluationAnswer, EvaluationRequest } from '../../../src/executors/contract.ts';
import { listProcesses } from '../../../src/executors/command/process-table.ts';

const PROGRAM = resolve('test/fixtures/executors/command/behaviour.sh');
const request: EvaluationRequest = {
  contractVersion: 1,
  key: 'k',
  crystal: {
    latticeAngstrom: [3, 0, 0, 0, 3, 0, 0, 0, 3],
    fractionalCoordinates: [0, 0, 0],
    atomicNumbers: [29],
  },
  properties: { energyEvPerAtom: 'eV/atom' },
  settings: {},
  fidelity: 'none',
  deadlineSeconds: 20,
  seed: 1,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assayer-command-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const spec = (behaviour: string, limits: object = {}) => ({
  name: 'command' as const,
  command: [PROGRAM, behaviour],
  serve: false,
  limits: commandFields.limits.parse({ disk: '1 GiB', ...limits }),
  settings: {},
  slots: 1,
  deadline: 60,
});

interface Run {
  readonly limits?: object;
  readonly change?: Partial<EvaluationRequest>;
  readonly signal?: AbortSignal;
}

async function evaluate(behaviour: string, { limits = {}, change = {}, signal }: Run = {}) {
  const executor = await createExecutor(spec(behaviour, limits), folder);
  return executor.evaluate(
    { ...request, ...change },
    { signal: signal ?? new AbortController().signal, heartbeat: () => undefined },
  );
}

const starts = async (key = 'k') =>
  (await readFile(join(folder, key, 'started.txt'), 'utf8')).trim().split('\n').length;

/** Process groups of this test that still have members. */
async function survivors(): Promise<number[]> {
  const text = await readFile(join(folder, 'k', '.process'), 'utf8').catch(() => '');
  const group = Number.parseInt(text, 10);
  return (await listProcesses()).filter((row) => row.group === group).map(({ pid }) => pid);
}

const energyOf = (answer: EvaluationAnswer) =>
  answer.status === 'succeeded' ? answer.values['energyEvPerAtom']?.value : answer.failure.message;

describe('a program that answers', () => {
  test.each(['well', 'noisy', 'pretty', 'by-file', 'background'])('%s', async (behaviour) => {
    const answer = await evaluate(behaviour);
    expect(energyOf(answer)).toBe(-1.5);
    expect(answer.cost?.coreSeconds).toBeGreaterThanOrEqual(0);
    expect(await survivors()).toEqual([]);
  });

  test('is told nothing of the servers', async () => {
    vi.stubEnv('MONGODB_URI', 'mongodb://user:secret@host');
    vi.stubEnv('TEMPORAL_API_KEY', 'secret');
    expect(energyOf(await evaluate('environment'))).toBe(0);
    vi.unstubAllEnvs();
  });

  test('has its processor time measured', async () => {
    const { cost } = await evaluate('burns');
    expect(cost?.coreSeconds).toBeGreaterThan(0.02);
    expect(cost?.coreSeconds).toBeLessThan(10);
  });
});

describe('a program that fails is a failed answer with its remedy', () => {
  test.each<[string, string, RegExp, Run?]>([
    ['dies', 'infrastructure', /ended with exit code 3 .*'licence server not found'; run it by hand/],
    ['crashes', 'infrastructure', /was killed by SIGSEGV before it answered/],
    ['calls-missing', 'infrastructure', /was not found; .*no-such-tool-at-all.* install what is missing/],
    ['silent', 'infrastructure', /printed nothing on standard output; print one JSON answer there/],
    ['mute', 'infrastructure', /printed no JSON answer on standard output but 'total energy = -3.7'/],
    ['nan', 'infrastructure', /holds NaN or Infinity, .* answer a failure when a number is missing/],
    ['version', 'infrastructure', /speaks contract version 2, this Assayer speaks 1; install versions/],
    ['other-key', 'infrastructure', /is for key 'other', but 'k' was asked; repeat the request's key/],
    ['no-unit', 'infrastructure', /breaks the contract at values.energyEvPerAtom.unit/],
    [
      'hangs',
      'outOfTime',
      /no answer within the deadline of 0.5 s; give more time/,
      { change: { deadlineSeconds: 0.5 } },
    ],
    [
      'fills',
      'infrastructure',
      /filling its folder beyond the 8 MiB that executor.limits.disk allows/,
      { limits: { disk: '8 MiB' } },
    ],
    [
      'one-file',
      'infrastructure',
      /the 8 MiB that executor.limits.disk allows/,
      { limits: { disk: '8 MiB' } },
    ],
    ['eats', 'infrastructure', /more memory than the 100 MiB/, { limits: { memory: '100 MiB' } }],
  ])('%s', async (behaviour, kind, message, run = {}) => {
    const answer = await evaluate(behaviour, run);
    expect(answer).toMatchObject({ status: 'failed', failure: { kind } });
    expect(energyOf(answer)).toMatch(message);
    expect(await survivors()).toEqual([]);
  });

  test('missing: before a campaign starts, and when it vanishes later', async () => {
    const missing = { ...spec('well'), command: ['/no/such/program'] };
    await expect(createExecutor(missing, folder)).rejects.toThrow(
      /no program '\/no\/such\/program'; correct the path/,
    );
    const copy = join(folder, 'program.sh');
    await writeFile(copy, await readFile(PROGRAM), { mode: 0o755 });
    const executor = await createExecutor({ ...spec('well'), command: [copy, 'well'] }, folder);
    await rm(copy);
    const answer = await executor.evaluate(request, {
      signal: new AbortController().signal,
      heartbeat: () => undefined,
    });
    expect(energyOf(answer)).toMatch(/there is no program/);
  });

  test('is another version than the campaign was made with', async () => {
    const description = { ...(await createExecutor(spec('well'), folder)).description, version: '0.9' };
    await expect(createExecutor({ ...spec('well'), description }, folder)).rejects.toThrow(
      /is now behaviour 1, but the campaign was made with behaviour 0.9; install that again/,
    );
  });
});

describe('nothing is computed twice', () => {
  test('an answer in the folder is given again', async () => {
    const first = await evaluate('well');
    expect(await evaluate('well')).toEqual(first);
    expect(await starts()).toBe(1);
  });

  test('an answer that was printed but not yet read is found after a crash of the worker', async () => {
    await evaluate('well');
    await rm(join(folder, 'k', 'answer.json'));
    expect(energyOf(await evaluate('well'))).toBe(-1.5);
    expect(await starts()).toBe(1);
  });

  test('unless it lacks what is asked now', async () => {
    await evaluate('well');
    await evaluate('well', { change: { properties: { bandGapEv: 'eV' } } });
    expect(await starts()).toBe(2);
  });

  test('a failure that passes is tried again, in the same folder', async () => {
    expect(await evaluate('passing')).toMatchObject({ status: 'failed', failure: { retry: 'same' } });
    expect(energyOf(await evaluate('passing'))).toBe(-1.5);
  });

  test('a run that was killed goes on from what it left', async () => {
    expect(energyOf(await evaluate('resumes'))).toMatch(/was killed by SIGKILL/);
    expect(energyOf(await evaluate('resumes'))).toBe(-2);
  });

  test('asked twice at once, by one process or by two, it runs once', async () => {
    const answers = await Promise.all([evaluate('slow'), evaluate('slow')]);
    const executor = await createExecutor(spec('slow'), folder);
    const context = { signal: new AbortController().signal, heartbeat: () => undefined };
    const again = { ...request, key: 'k2' };
    answers.push(...(await Promise.all([1, 2].map(() => executor.evaluate(again, context)))));
    expect(answers.map(energyOf)).toEqual([-1.5, -1.5, -1.5, -1.5]);
    expect([await starts(), await starts('k2')]).toEqual([1, 1]);
  });
});

describe('ending', () => {
  test.each(['hangs', 'stubborn'])('a cancelled program that %s is gone with all it started', async (how) => {
    const abort = new AbortController();
    const evaluation = evaluate(how, { signal: abort.signal });
    await vi.waitFor(async () => expect(await survivors()).not.toEqual([]), 5000);
    abort.abort(new Error('cancelled by a person'));
    await expect(evaluation).rejects.toThrow('cancelled by a person');
    expect(await survivors()).toEqual([]);
  });

  test('a program whose end would do harm is let run to its own', async () => {
    const abort = new AbortController();
    const evaluation = evaluate('unsafe', { signal: abort.signal });
    await vi.waitFor(async () => expect(await starts()).toBe(1), 5000);
    abort.abort(new Error('cancelled by a person'));
    expect(energyOf(await evaluation)).toBe(-1.5);
  });
});

describe('when the worker is killed', { timeout: 60_000 }, () => {
  /** Evaluates in a process of its own, and kills that as soon as the program has started. */
  async function killedWhileEvaluating(behaviour: string): Promise<void> {
    const worker = resolve('test/fixtures/executors/command/worker.mjs');
    const job = JSON.stringify({ spec: spec(behaviour), folder, request });
    const child = spawn(process.execPath, [worker, job], { stdio: 'inherit' });
    await vi.waitFor(async () => expect(await starts()).toBe(1), 40_000);
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  test('the program and all that it started end with it, and the next attempt starts anew', async () => {
    await killedWhileEvaluating('hangs');
    await vi.waitFor(async () => expect(await survivors()).toEqual([]), 5000);
    expect(energyOf(await evaluate('well'))).toBe(-1.5);
  });

  test('a program whose end would do harm runs on, and the next attempt waits for it', async () => {
    vi.stubEnv('SECONDS_TO_SLEEP', '3');
    await killedWhileEvaluating('unsafe');
    expect(await survivors()).not.toEqual([]);
    expect(energyOf(await evaluate('unsafe'))).toBe(-1.5);
    expect(await starts()).toBe(1);
    vi.unstubAllEnvs();
  });
});
