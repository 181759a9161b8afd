import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, evaluationKey } from '../../src/executors/key.ts';

test('the order of settings does not matter; their values do', () => {
  const executor = { name: 'emt', version: '1' };
  const key = (settings: Record<string, unknown>) => evaluationKey('CuAu-1', executor, settings);
  expect(key({ a: 1, b: { c: 2, d: 3 } })).toBe(key({ b: { d: 3, c: 2 }, a: 1 }));
  expect(key({ a: 1 })).not.toBe(key({ a: 2 }));
  expect(evaluationKey('CuAu-1', { name: 'emt', version: '2' }, {})).not.toBe(key({}));
});

test('canonical JSON means the same', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const read: unknown = JSON.parse(canonicalJson(value));
      expect(read).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
