import { expect, test } from 'vitest';
import { isInSpace } from '../../src/campaign/space.ts';
import { specWith } from './builders.ts';

const { space } = specWith();
const crystal = (...atomicNumbers: number[]) => ({
  latticeAngstrom: [4, 0, 0, 0, 4, 0, 0, 0, 4],
  fractionalCoordinates: atomicNumbers.flatMap((_, i) => [i / 10, 0, 0]),
  atomicNumbers,
});

test.each([
  [[29, 79], true],
  [[29, 46, 79], true],
  [[29, 29], false],
  [[29, 26], false],
  [[29], false],
  [Array.from({ length: 9 }, (_, i) => (i === 0 ? 29 : 79)), false],
])('%j in a space of Cu, Pd, Au, 2 to 3 elements, 2 to 8 atoms: %s', (atomicNumbers, expected) => {
  expect(isInSpace(crystal(...atomicNumbers), space)).toBe(expected);
});
