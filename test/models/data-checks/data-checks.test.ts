import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { supercellOf } from './doubled.ts';
import { checkData } from '../../../src/models/data-checks/data-checks.ts';
import type { FindingKind } from '../../../src/models/data-checks/finding.ts';
import type { TrainingRow } from '../../../src/models/service.ts';
import { analyticRows } from '../analytic-rows.ts';

const TARGET = 'formationEnergyEvPerAtom';

/** Smooth values around -2 eV/atom, so that a slip of units is far from them. */
const sound: TrainingRow[] = analyticRows(80, 4).map((row) => ({
  ...row,
  values: [-2 + 0.1 * Math.tanh(row.values[0]!)],
}));

function withValue(row: number, value: number, changes: Partial<TrainingRow> = {}): TrainingRow[] {
  return sound.map((given, index) => (index === row ? { ...given, values: [value], ...changes } : given));
}

function kindsIn(rows: readonly TrainingRow[], targets = [TARGET]): [number, FindingKind, boolean][] {
  return checkData(rows, targets).findings.map(({ row, kind, setAside }) => [row, kind, setAside]);
}

test('finds nothing in sound values, and leaves them as they are', () => {
  const { rows, findings } = checkData(sound, [TARGET]);
  expect(findings).toEqual([]);
  expect(rows).toEqual(sound);
});

describe('sets aside', () => {
  test.each([NaN, Infinity, -Infinity])('%s', (value) => {
    expect(kindsIn(withValue(3, value))).toEqual([[3, 'not a number', true]]);
  });

  test.each([
    ['formationEnergyEvPerAtom', -11],
    ['heatOfFormationEvPerAtom', 40],
    ['indirectGapEv', -0.1],
    ['bulkModulusVrhGpa', -3],
  ])('an impossible %s', (target, value) => {
    const few = sound.slice(0, 5).map((row) => ({ ...row, values: [value] }));
    const { findings } = checkData(few, [target]);
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(['impossible']));
    expect(findings[0]!.reason).toContain(String(value));
  });

  test.each([
    ['Hartree and eV', 1 / 27.211386],
    ['eV and kJ/mol', 96.485332],
    ['a unit and its thousandth', 1000],
  ])('a slip between %s', (name, factor) => {
    const value = factor * sound[7]!.values[0]!;
    const { findings } = checkData(withValue(7, value), [TARGET]);
    expect(findings).toMatchObject([{ row: 7, kind: 'unit slip', setAside: true, value }]);
    expect(findings[0]!.reason).toContain(name);
  });

  test('the energy of a cell in place of one atom', () => {
    const row = sound.findIndex(({ crystal }) => crystal.atomicNumbers.length === 4);
    const { findings } = checkData(withValue(row, 4 * sound[row]!.values[0]!), [TARGET]);
    expect(findings).toMatchObject([{ row, kind: 'unit slip' }]);
    expect(findings[0]!.reason).toContain('the cell and one atom');
  });

  test('what did not converge', () => {
    expect(kindsIn(withValue(5, -2, { converged: false }))).toEqual([[5, 'unconverged', true]]);
  });

  test('the second copy of a crystal with the same value, in another cell too', () => {
    const copy = { ...sound[2]!, crystal: supercellOf(sound[2]!.crystal) };
    expect(kindsIn([...sound, copy])).toEqual([[80, 'duplicate', true]]);
  });
});

describe('only lists', () => {
  test('copies that disagree', () => {
    const copy = { ...sound[2]!, values: [sound[2]!.values[0]! + 0.05] };
    const { rows, findings } = checkData([...sound, copy], [TARGET]);
    expect(findings).toMatchObject([{ row: 80, kind: 'duplicate', setAside: false }]);
    expect(rows[80]!.values).toEqual(copy.values);
  });

  test('a value far from those of similar crystals, since a discovery is one too', () => {
    expect(kindsIn(withValue(9, -3.3))).toEqual([[9, 'outlier', false]]);
  });

  test('a gap among metals, which is no slip of units', () => {
    const gaps = sound.map((row, index) => ({ ...row, values: [index % 9 === 0 ? 0.05 : 0] }));
    gaps[4] = { ...gaps[4]!, values: [6] };
    expect(checkData(gaps, ['indirectGapEv']).findings.every(({ setAside }) => !setAside)).toBe(true);
  });
});

test('a logarithm may be negative', () => {
  const soft = sound.slice(0, 5).map((row) => ({ ...row, values: [-0.3] }));
  expect(kindsIn(soft, ['logBulkModulusVrhGpa'])).toEqual([]);
});

test('doubts nothing by its neighbours when there are few', () => {
  expect(kindsIn(withValue(3, -3.3).slice(0, 20))).toEqual([]);
});

test('nothing vanishes: every value is used as it is, or set aside with a finding', () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.double(),
    fc.constantFrom(NaN, -2, -54.4, -2000, 0, 12),
    fc.double({ min: -2.2, max: -1.8, noNaN: true }),
  );
  const row = fc.record({
    source: fc.nat(sound.length - 1),
    values: fc.tuple(value, value),
    converged: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 60 }), (list) => {
      const targets = [TARGET, 'gapEv'];
      const given = list.map(({ source, values, converged }) => ({ ...sound[source]!, values, converged }));
      const { rows, findings } = checkData(given, targets);
      expect(rows).toHaveLength(given.length);
      given.forEach(({ values }, index) => {
        values.forEach((before, column) => {
          const after = rows[index]!.values[column];
          const reasons = findings.filter(
            (finding) => finding.row === index && finding.target === targets[column] && finding.setAside,
          );
          if (before === null || reasons.length > 0) expect(after).toBeNull();
          else expect(after).toBe(before);
          expect(reasons.length).toBeLessThanOrEqual(before === null ? 0 : 1);
          for (const { value: told } of reasons) expect(told).toBe(before);
          if (after !== null) expect(Number.isFinite(after)).toBe(true);
        });
      });
    }),
    { numRuns: 60 },
  );
});
