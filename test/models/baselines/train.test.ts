import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { holdsSimpleModels, simpleFromCheckpoint } from '../../../src/models/baselines/simple-checkpoint.ts';
import { scoreSimple } from '../../../src/models/baselines/simple-surrogate.ts';
import { METHOD_NAMES } from '../../../src/models/baselines/methods.ts';
import { trainSimpleModels } from '../../../src/models/baselines/train.ts';
import { CheckpointError, readCheckpoint } from '../../../src/models/checkpoint.ts';
import type { TrainingRow } from '../../../src/models/service.ts';
import { analyticRows } from '../analytic-rows.ts';
import { writtenSurrogate } from '../written-surrogate.ts';

const quiet = (): void => undefined;
function job(rows: readonly TrainingRow[], training: readonly number[], targets = ['energyEvPerAtom']) {
  return { rows, training, targets, seed: 1, progress: quiet };
}
const all = (rows: readonly unknown[]): number[] => rows.map((_, row) => row);

describe('simple models', () => {
  const rows = analyticRows(90, 2);
  const inside = all(rows).slice(0, 70);
  const trained = trainSimpleModels(job(rows, inside));

  test('are measured on every row outside the training and out of fold on every row inside', async () => {
    const { fits } = await trained;
    expect(fits[0]!.map(({ method }) => method)).toEqual(METHOD_NAMES);
    for (const { outOfFold, heldOut } of fits[0]!) {
      expect(outOfFold.map(({ row }) => row).sort((l, r) => l - r)).toEqual(inside);
      expect(heldOut.map(({ row }) => row)).toEqual(all(rows).slice(70));
    }
  });

  test('predict the mean of the training rows by the mean alone', async () => {
    const mean = inside.reduce((sum, row) => sum + rows[row]!.values[0]!, 0) / inside.length;
    const { fits } = await trained;
    fits[0]![0]!.heldOut.forEach((point) => expect(point.mean).toBeCloseTo(mean, 6));
  });

  test('the best of them is better than the mean and about calibrated', async () => {
    const { best, fits } = await trained;
    const mae = (fit: (typeof fits)[0][0]): number =>
      fit.heldOut.reduce((sum, { value, mean }) => sum + Math.abs(value - mean), 0) / fit.heldOut.length;
    expect(mae(best!.fits[0]!)).toBeLessThan(0.8 * mae(fits[0]![0]!));
    const z = best!.fits[0]!.outOfFold.map(({ value, mean, sigma }) => ((value - mean) / sigma) ** 2);
    const meanSquare = z.reduce((sum, x) => sum + x, 0) / z.length;
    expect(meanSquare).toBeGreaterThan(0.5);
    expect(meanSquare).toBeLessThan(1.5);
  });

  test('never see a row of the same group in the fold that predicts it', async () => {
    // Each group has one value, which is not to be had from the crystals: only a leak could predict it.
    const source = analyticRows(80, 3);
    const twins = source.map((row, index) => ({
      ...row,
      crystal: source[index - (index % 4)]!.crystal,
      values: [((Math.floor(index / 4) * 7919) % 13) - 6],
      group: `group ${Math.floor(index / 4)}`,
    }));
    const { fits } = await trainSimpleModels(job(twins, all(twins)));
    const nearest = fits[0]!.find(({ method }) => method === 'nearest neighbours')!;
    const error = nearest.outOfFold.reduce((sum, { value, mean }) => sum + Math.abs(value - mean), 0) / 80;
    expect(error).toBeGreaterThan(2);
  });

  test('take each target on its own rows, and say nothing of one without any', async () => {
    const two = rows.map((row, index) => ({
      ...row,
      values: [row.values[0]!, index < 40 ? null : 3 * row.values[0]!],
    }));
    const { fits, best } = await trainSimpleModels(job(two, inside, ['energyEvPerAtom', 'other']));
    expect(fits[1]![0]!.outOfFold).toHaveLength(30);
    expect(best!.surrogate.heads).toHaveLength(2);
    const none = await trainSimpleModels(job(two, inside.slice(0, 40), ['energyEvPerAtom', 'other']));
    expect(none.fits[1]).toEqual([]);
    expect(none.best).toBeNull();
  });

  test.each([1, 2, 5])('go on with %i labels', async (count) => {
    const few = rows.slice(0, count);
    const { best } = await trainSimpleModels(job(few, all(few)));
    const { mean, sigma } = scoreSimple(
      best!.surrogate,
      rows.map(({ crystal }) => crystal),
    );
    expect(mean.every(Number.isFinite)).toBe(true);
    expect(sigma.every((s) => s >= 0 && Number.isFinite(s))).toBe(true);
  });

  test('stop when progress throws', async () => {
    const stop = (): void => {
      throw new Error('stop');
    };
    await expect(trainSimpleModels({ ...job(rows, inside), progress: stop })).rejects.toThrow('stop');
  });
});

describe('a checkpoint of simple models', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'assayer-'));
  const rows = analyticRows(40, 5);
  const trained = trainSimpleModels(job(rows, all(rows)));
  const crystals = analyticRows(30, 6).map(({ crystal }) => crystal);

  test.each(METHOD_NAMES)('gives back %s to the last bit', async (name) => {
    const { fits, best } = await trained;
    const { head } = fits[0]!.find(({ method }) => method === name)!;
    const surrogate = { ...best!.surrogate, heads: [head] };
    const path = join(folder, `${name.replace(' ', '-')}.safetensors`);
    const card = await writtenSurrogate(path, { kind: 'simple', model: surrogate });
    expect(holdsSimpleModels(card)).toBe(true);
    const again = simpleFromCheckpoint(path, await readCheckpoint(path, 'surrogate'));
    expect(scoreSimple(again, crystals)).toEqual(scoreSimple(surrogate, crystals));
  });

  test('of another set of descriptors or a cut-off file is refused', async () => {
    const { best } = await trained;
    const path = join(folder, 'spoiled.safetensors');
    await writtenSurrogate(path, { kind: 'simple', model: best!.surrogate });
    const read = await readCheckpoint(path, 'surrogate');
    const other = {
      ...read,
      card: { ...read.card, architecture: { model: 'simple models 1', descriptors: '3' } },
    };
    expect(() => simpleFromCheckpoint(path, other)).toThrow(CheckpointError);
    const bytes = await readFile(path);
    await writeFile(path, bytes.subarray(0, bytes.length - 10));
    await expect(readCheckpoint(path, 'surrogate')).rejects.toThrow(/damaged or cut off/);
  });
});
