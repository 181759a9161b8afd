import { expect, test } from 'vitest';
import { computing, duration, fixed, significant } from '../../src/campaign/number-text.ts';

test.each([
  [0, '0'],
  [9.99, '10'],
  [0.0999, '0.10'],
  [0.01238, '0.012'],
  [-2.6481, '−2.6'],
  [118.4, '118'],
  [1e-9, '1.0e−9'],
  [2.5e12, '2.5e+12'],
  [Infinity, '∞'],
])('%d to two digits is %s', (value, text) => expect(significant(value)).toBe(text));

test('a rounded zero has no sign', () => expect(fixed(-0.0001, 2)).toBe('0.00'));

test.each([
  [0, '0 s'],
  [0.312, '0.31 s'],
  [59.6, '1 min'],
  [61, '1 min 1 s'],
  [3600, '1 h'],
  [12_345.6, '3 h 25 min'],
  [90_000, '1 d 1 h'],
])('%d s is %s', (seconds, text) => expect(duration(seconds)).toBe(text));

test.each([
  [90, '90 core-s'],
  [600, '10.0 core-min'],
  [36_000, '10.0 core-h'],
])('%d core-seconds are %s', (coreSeconds, text) => expect(computing(coreSeconds)).toBe(text));
