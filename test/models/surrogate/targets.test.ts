import { expect, test } from 'vitest';
import { kindOf, labelsOf, scaleOf, standardise, zerosOf } from '../../../src/models/surrogate/targets.ts';

test('a target that is zero or positive is learned in two parts, any other as a value', () => {
  const gaps = [0, 0, 1.5, 3];
  expect(kindOf(gaps)).toBe('two-part');
  expect(kindOf([...gaps, -0.1])).toBe('value');
  expect(kindOf([1.5, 3])).toBe('value');
  expect(kindOf([0, 0])).toBe('value');
  expect(kindOf([])).toBe('value');
  // One zero among thirty is a coincidence.
  expect(kindOf([0, ...Array.from({ length: 29 }, (_, i) => i + 1)])).toBe('value');
});

test('the scale of a two-part target is that of its values above zero', () => {
  expect(scaleOf([0, 0, 1, 3], 'two-part')).toEqual({ mean: 2, deviation: 1 });
  expect(scaleOf([0, 0, 2, 2], 'value')).toEqual({ mean: 1, deviation: 1 });
  expect(scaleOf([5, 5], 'value')).toEqual({ mean: 5, deviation: 1 });
  expect(scaleOf([0], 'two-part')).toBeNull();
  expect(scaleOf([], 'value')).toBeNull();
});

test('zeros of a two-part target become a class without a value, and what was not measured stays out of both', () => {
  const kinds = ['value', 'two-part'] as const;
  const scales = [
    { mean: 0, deviation: 1 },
    { mean: 0.3, deviation: 0.7 },
  ];
  const rows = [
    [0, 0],
    [2, 1],
    [null, null],
  ];
  const zeros = zerosOf(kinds, scales);
  expect(zeros).toEqual([null, -0.3 / 0.7]);
  const { values, present } = labelsOf(standardise(rows, scales), zeros);
  expect([...values]).toEqual([0, NaN, 2, Math.fround(1), NaN, NaN]);
  expect([...present]).toEqual([NaN, 0, NaN, 1, NaN, NaN]);
});
