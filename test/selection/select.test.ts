import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { random } from '../../src/crystal/random.ts';
import { select } from '../../src/selection/select.ts';

const acquisitions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 });

function embed(values: readonly number[]) {
  return { values: values.flatMap((value, index) => [value, index % 7]), width: 2 };
}

describe('select', () => {
  test('takes no candidate twice, and as many as asked while there are some', () => {
    fc.assert(
      fc.property(acquisitions, fc.nat(20), fc.nat(20), fc.nat(), (acquisition, model, control, seed) => {
        const ranked = select(
          { acquisition, embedding: embed(acquisition), counts: { model, control } },
          random(seed),
        );
        const indices = ranked.map(({ index }) => index);
        expect(new Set(indices).size).toBe(indices.length);
        const controls = ranked.filter(({ arm }) => arm === 'control').length;
        expect(controls).toBe(Math.min(control, acquisition.length));
        expect(ranked.length - controls).toBe(Math.min(model, acquisition.length - controls));
      }),
    );
  });

  test('the same seed selects the same', () => {
    const acquisition = Array.from({ length: 50 }, (_, i) => Math.sin(i) ** 2);
    const job = { acquisition, embedding: embed(acquisition), counts: { model: 10, control: 5 } };
    expect(select(job, random(3))).toEqual(select(job, random(3)));
    expect(select(job, random(3))).not.toEqual(select(job, random(4)));
  });

  test('the control arm does not look at the acquisition', () => {
    const counts = { model: 0, control: 10 };
    const rising = Array.from({ length: 100 }, (_, i) => i);
    const falling = rising.toReversed();
    const drawn = (acquisition: number[]) =>
      select({ acquisition, embedding: null, counts }, random(1)).map(({ index }) => index);
    expect(drawn(rising)).toEqual(drawn(falling));
  });

  test('the best comes first; its twin in the embedding comes after a different candidate of almost its worth', () => {
    const acquisition = [1, 0.99, 0.9, 0.1, 0.1, 0.1];
    const values = [0, 0, 0, 0, 5, 5, 9, 9, 14, 2, 3, 17];
    const ranked = select(
      { acquisition, embedding: { values, width: 2 }, counts: { model: 3, control: 0 } },
      random(1),
    );
    expect(ranked.slice(0, 2).map(({ index }) => index)).toEqual([0, 2]);
  });
});
