import { afterEach, describe, expect, test } from 'vitest';
import type { EvaluationRequest } from '../../src/executors/contract.ts';
import type * as Threads from '../../src/executors/threads.ts';

// The compiled threads: Node 20 runs no TypeScript in a thread.
const compiled = new URL('../../dist/src/executors/threads.js', import.meta.url).href;
const { ExecutorThreads } = (await import(compiled)) as typeof Threads;

const module = new URL('../fixtures/executors/misbehaving.mjs', import.meta.url).href;
const request = (key: string, deadlineSeconds: number): EvaluationRequest => ({
  contractVersion: 1,
  key,
  crystal: {
    latticeAngstrom: [3, 0, 0, 0, 3, 0, 0, 0, 3],
    fractionalCoordinates: [0, 0, 0],
    atomicNumbers: [29],
  },
  properties: { energyEvPerAtom: 'eV/atom' },
  settings: {},
  fidelity: 'none',
  deadlineSeconds,
  seed: 1,
});

let threads: Threads.ExecutorThreads;
const evaluate = (key: string, { signal = new AbortController().signal, deadlineSeconds = 15 } = {}) =>
  threads.evaluate(request(key, deadlineSeconds), { signal, heartbeat: () => undefined });

afterEach(() => threads.close());

describe('executor threads', () => {
  test.each([
    ['throws', 'infrastructure', 'the executor threw: the licence server is down'],
    ['hangs', 'outOfTime', 'no answer within the deadline of 1 s'],
    ['answers NaN', 'infrastructure', 'the answer breaks the contract at values.energyEvPerAtom.value'],
    ['answers nonsense', 'infrastructure', 'the answer breaks the contract at'],
    ['exits', 'infrastructure', 'the executor thread exited without an answer'],
  ])('an executor that %s costs its own evaluation, not the next', async (behaviour, kind, message) => {
    threads = new ExecutorThreads({ module, settings: { behaviour } });
    const answer = await evaluate('misbehave', behaviour === 'hangs' ? { deadlineSeconds: 1 } : {});
    expect(answer).toMatchObject({ status: 'failed', failure: { kind } });
    expect(answer.status === 'failed' && answer.failure.message).toContain(message);
    expect(await evaluate('well')).toMatchObject({ status: 'succeeded' });
  });

  test('a thread is kept for the next evaluation', async () => {
    threads = new ExecutorThreads({ module, settings: {} });
    for (const calls of [1, 2, 3]) {
      expect(await evaluate('well')).toMatchObject({ values: { energyEvPerAtom: { value: calls } } });
    }
  });

  test('an aborted evaluation rejects with the reason, and its thread is gone', async () => {
    threads = new ExecutorThreads({ module, settings: { behaviour: 'hangs' } });
    const abort = new AbortController();
    const evaluation = evaluate('misbehave', { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('cancelled by a person')), 300);
    await expect(evaluation).rejects.toThrow('cancelled by a person');
  });
});
