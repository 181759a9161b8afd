import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Course } from '../../../src/models/surrogate/course.ts';
import { freshState } from '../../../src/models/surrogate/optimiser.ts';

const keep = join(await mkdtemp(join(tmpdir(), 'assayer-')), 'training.unfinished');
const start = Float32Array.of(1, 2);
const options = { of: 'this training', start, epochs: 20, keep };
const weightsOf = (epoch: number) => Float32Array.of(epoch, -epoch);
const errors = [0.5, 0.3, 0.4, 0.4, 0.35, 0.31, 0.33, 0.1];

/** Looks at every epoch until the course says stop, or until one is done. */
function follow(course: Course, until = Infinity): number {
  for (let epoch = course.from.epoch + 1; ; epoch++) {
    course.look(weightsOf(epoch), errors[epoch - 1]!);
    const verdict = course.endEpoch(epoch, () => ({ ...freshState(weightsOf(epoch)), step: 3 * epoch }));
    if (verdict === 'stop' || epoch === until) return epoch;
  }
}

test('a course stops when five looks found nothing better, wherever it was interrupted, and stays stopped', () => {
  for (const interruption of [1, 2, 4, 6]) {
    expect(follow(new Course({ ...options, of: `until ${interruption}` }), interruption)).toBe(interruption);
    const resumed = new Course({ ...options, of: `until ${interruption}` });
    expect(resumed.from).toMatchObject({ epoch: interruption, state: { step: 3 * interruption } });
    expect(resumed.epochs).toBe(20);
    expect(follow(resumed)).toBe(7);
    expect(resumed.bestWeights).toEqual(weightsOf(2));
    const over = new Course({ ...options, of: `until ${interruption}` });
    expect(over.epochs).toBe(0);
    expect(over.bestWeights).toEqual(weightsOf(2));
  }
});

test('where no error can be measured the latest weights are the best', () => {
  const course = new Course({ ...options, of: 'blind' });
  for (let epoch = 1; epoch <= 9; epoch++) {
    course.look(weightsOf(epoch), null);
    expect(course.endEpoch(epoch, () => freshState(start))).toBe('go on');
  }
  expect(new Course({ ...options, of: 'blind' }).bestWeights).toEqual(weightsOf(9));
});

test('a course of something else, of other length or size begins at the beginning', () => {
  follow(new Course(options), 3);
  expect(new Course(options).from.epoch).toBe(3);
  for (const other of [
    { of: 'another' },
    { epochs: 21 },
    { start: Float32Array.of(1) },
    { keep: undefined },
  ]) {
    expect(new Course({ ...options, ...other }).from.epoch).toBe(0);
  }
});
