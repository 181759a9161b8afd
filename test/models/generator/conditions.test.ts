import { describe, expect, test } from 'vitest';
import { requirePossible } from '../../../src/models/generator/conditions.ts';
import { tinyModel } from './tiny.ts';

const possible = { allowedAtomicNumbers: [29, 46], minAtoms: 2, maxAtoms: 8, minElements: 1, maxElements: 2 };
const check = (change: Partial<typeof possible>): void =>
  requirePossible({ ...possible, ...change }, tinyModel());

describe('conditions of generation', () => {
  test('accepts what the generator can do', () => {
    expect(() => check({})).not.toThrow();
    expect(() => check({ maxElements: 5, minElements: 2 })).not.toThrow();
  });

  test.each([
    [{ allowedAtomicNumbers: [] }, /no element is allowed/],
    [{ allowedAtomicNumbers: [29, 79] }, /never saw Au/],
    [{ allowedAtomicNumbers: [29, 200] }, /never saw atomic number 200/],
    [{ maxAtoms: 21 }, /at most 20 atoms, not 21/],
    [{ minAtoms: 5, maxAtoms: 4 }, /5 to 4 atoms/],
    [{ minAtoms: 0 }, /0 to 8 atoms/],
    [{ minElements: 3, maxElements: 3 }, /only 2 are allowed/],
    [{ allowedAtomicNumbers: [29, 29], minElements: 2 }, /only 1 are allowed/],
    [{ minElements: 2, minAtoms: 1, maxAtoms: 1 }, /do not fit into 1 atoms/],
    [{ minAtoms: 9, maxAtoms: 12 }, /never saw cells of 9 to 12 atoms/],
  ])('refuses %o', (change, message) => {
    expect(() => check(change)).toThrow(message);
  });
});
