import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { ModelCancelledError, startModelProcess } from '../../../src/models/process/client.ts';
import { analyticRows } from '../analytic-rows.ts';

const ROOT = join(import.meta.dirname, '../../..');
const COMPILED = join(ROOT, 'dist/src/models/process/client.js');

const models = startModelProcess({ env: { ASSAYER_BACKEND: 'wasm' } });
afterAll(() => models.close());
const quiet = { signal: new AbortController().signal, progress: () => undefined };

async function job(rows: number, members: number) {
  const output = join(await mkdtemp(join(tmpdir(), 'assayer-')), 'surrogate.safetensors');
  const targets = ['energyEvPerAtom'];
  return { base: null, champion: null, rows: analyticRows(rows, 1), targets, members, seed: 1, output };
}

describe('the model process', () => {
  test('trains with progress, then scores and explains what it trained', async () => {
    const details: string[] = [];
    const small = await job(12, 1);
    const report = await models.trainSurrogate(small, { ...quiet, progress: (d) => details.push(d) });
    expect(report.checkpoint).toBe(small.output);
    expect(details).toContainEqual(expect.stringMatching(/^epoch \d+ of \d+, loss/));
    const crystals = small.rows.map(({ crystal }) => crystal);
    const scores = await models.score({ checkpoint: small.output, crystals });
    expect(scores.mean).toBeInstanceOf(Float32Array);
    expect(scores.mean).toHaveLength(12);
    expect(scores.memberMeans).toHaveLength(12);
    expect(scores.embedding).toHaveLength(12 * scores.embeddingWidth);
    const asked: string[] = [];
    const { map } = await models.explain(
      { checkpoint: small.output, rows: small.rows, seed: 1 },
      { ...quiet, progress: (d) => asked.push(d) },
    );
    expect(map?.rows).toHaveLength(12);
    expect(asked[0]).toBe('mapping 12 labels');
  }, 60_000);

  test('an abort kills the training within a second, and the next call is served', async () => {
    const controller = new AbortController();
    const training = models.trainSurrogate(await job(200, 4), { ...quiet, signal: controller.signal });
    const waiting = models.backend();
    await sleep(700);
    const at = performance.now();
    controller.abort();
    await expect(training).rejects.toThrow(ModelCancelledError);
    expect(performance.now() - at).toBeLessThan(1000);
    expect(await waiting).toMatchObject({ backend: 'wasm' });
  }, 60_000);

  test('training and scoring leave the event loop of their caller free', async () => {
    const { rows, ...small } = await job(100, 2);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const before = performance.eventLoopUtilization();
    delay.enable();
    const controller = new AbortController();
    const details: string[] = [];
    const progress = (detail: string) => {
      if (details.push(detail) === 3) controller.abort();
    };
    const watch = { signal: controller.signal, progress };
    await expect(models.trainSurrogate({ rows, ...small }, watch)).rejects.toThrow(ModelCancelledError);
    const crystals = Array.from({ length: 4 }, () => rows.map(({ crystal }) => crystal)).flat();
    const checkpoint = join(ROOT, 'checkpoints/surrogate-base.safetensors');
    expect((await models.score({ checkpoint, crystals })).mean.length).toBeGreaterThanOrEqual(400);
    delay.disable();
    // With the tensors in this process the loop would be busy all the time, a step or a batch at once.
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.25);
    expect(delay.percentile(99) / 1e6, 'ms').toBeLessThan(500);
  }, 60_000);

  test('a call whose signal is already aborted never starts', async () => {
    const watch = { ...quiet, signal: AbortSignal.abort() };
    await expect(models.trainSurrogate(await job(12, 2), watch)).rejects.toThrow(ModelCancelledError);
  });

  test('an error keeps its name and its remedy', async () => {
    const score = models.score({ checkpoint: '/nowhere/model.safetensors', crystals: [] });
    await expect(score).rejects.toMatchObject({ name: 'CheckpointError' });
    await expect(models.score({ checkpoint: '/nowhere/model.safetensors', crystals: [] })).rejects.toThrow(
      /check the path/,
    );
  });

  test('dies with its parent', async () => {
    const script = `
      import { startModelProcess } from ${JSON.stringify(`file://${COMPILED}`)};
      await startModelProcess({ env: { ASSAYER_BACKEND: 'wasm' } }).backend();
      const { readFileSync } = await import('node:fs');
      const child = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').trim();
      process.stdout.write(child + '\\n');
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const child = await new Promise<string>((resolve) =>
      parent.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())),
    );
    expect(existsSync(`/proc/${child}`)).toBe(true);
    parent.kill('SIGKILL');
    for (let wait = 0; wait < 50 && existsSync(`/proc/${child}`); wait++) await sleep(100);
    expect(existsSync(`/proc/${child}`)).toBe(false);
  }, 60_000);
});
