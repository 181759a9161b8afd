import { describeCrystals } from '../baselines/descriptors.ts';
import { standardise, standardiserOf } from '../baselines/table.ts';
import type { TrainingRow } from '../service.ts';
import { sameCrystals } from './duplicates.ts';
import type { Expectation } from './expectation.ts';
import { expect } from './expectation.ts';
import type { Finding } from './finding.ts';
import { impossibility } from './limits.ts';
import { unitSlip } from './unit-slip.ts';

/** Rows as they may train, and what was found in them. */
export interface DataCheck {
  /** The same rows in the same order, null in place of each value set aside. */
  readonly rows: readonly TrainingRow[];
  /** By row, then target, then kind. Whatever is set aside has its finding: nothing is dropped silently. */
  readonly findings: readonly Finding[];
}

/** Usual deviations beyond which a value is an outlier. */
const OUTLYING = 6;

/**
 * Looks at values before they train. Set aside: what is no finite number, impossible, from an unconverged calculation,
 * likely in another unit, or the second copy of a crystal with the same value. Only listed: copies of a crystal that
 * disagree, and outliers against the most similar crystals, since a discovery is one too.
 */
export function checkData(rows: readonly TrainingRow[], targets: readonly string[]): DataCheck {
  const table = describeCrystals(rows.map(({ crystal }) => crystal));
  const standardised = rows.length === 0 ? table : standardise(standardiserOf(table), table);
  const copies = sameCrystals(rows.map(({ crystal }) => crystal));
  const findings: Finding[] = [];
  targets.forEach((target, column) => {
    const values = new Map(
      rows.flatMap(({ values }, row) => {
        const value = values[column] ?? null;
        return value === null ? [] : [[row, value] as const];
      }),
    );
    const add = (
      kind: Finding['kind'],
      row: number,
      { reason, setAside }: { reason: string; setAside: boolean },
    ) => {
      findings.push({ kind, row, target, value: values.get(row) as number, setAside, reason });
    };
    const sound = new Map<number, number>();
    for (const [row, value] of values) {
      if (!Number.isFinite(value)) {
        add('not a number', row, { reason: `${value} is not a finite number`, setAside: true });
      } else if (rows[row]?.converged === false) {
        add('unconverged', row, { reason: 'the calculation did not converge', setAside: true });
      } else {
        sound.set(row, value);
      }
    }
    const expectation = expect(standardised, [...sound.keys()], (row) => sound.get(row) as number);
    for (const [row, value] of sound) {
      const doubt = doubtOf(target, value, {
        row,
        atoms: (rows[row] as TrainingRow).crystal.atomicNumbers.length,
        expectation,
      });
      if (doubt === null) continue;
      add(doubt.kind, row, doubt);
      if (doubt.setAside) sound.delete(row);
    }
    const near = 1e-3 * (expectation?.spread ?? 0);
    for (const same of copies) {
      const [first, ...others] = same.filter((row) => sound.has(row));
      if (first === undefined) continue;
      for (const row of others) {
        const apart = Math.abs((sound.get(row) as number) - (sound.get(first) as number));
        const agrees = apart <= near;
        const said = agrees
          ? `the crystal and the value of row ${first + 1} again`
          : `the crystal of row ${first + 1}, whose value is ${sound.get(first)}: both train`;
        add('duplicate', row, { reason: said, setAside: agrees });
      }
    }
  });
  const order = (finding: Finding): number => finding.row * targets.length + targets.indexOf(finding.target);
  findings.sort((l, r) => order(l) - order(r));
  const aside = new Set(findings.filter(({ setAside }) => setAside).map(order));
  const used = rows.map((row, index) => ({
    ...row,
    values: targets.map((_, column) =>
      aside.has(index * targets.length + column) ? null : (row.values[column] ?? null),
    ),
  }));
  return { rows: used, findings };
}

/** What is wrong with a finite value by itself or beside similar crystals; null when nothing is. */
function doubtOf(
  target: string,
  value: number,
  { row, atoms, expectation }: { row: number; atoms: number; expectation: Expectation | null },
): { kind: 'unit slip' | 'impossible' | 'outlier'; reason: string; setAside: boolean } | null {
  const impossible = impossibility(target, value);
  const expected = expectation?.of.get(row);
  const given =
    expectation !== null && expected !== undefined ? { expected, spread: expectation.spread } : null;
  const slip = given && unitSlip({ value, atoms, ...given }, target);
  if (slip !== null) {
    const reason =
      `${value} would be like similar crystals (${figure(given?.expected ?? 0)}) as ${figure(slip.corrected)}: ` +
      `were ${slip.name} taken for each other?`;
    return { kind: 'unit slip', reason, setAside: true };
  }
  if (impossible !== null) return { kind: 'impossible', reason: impossible, setAside: true };
  if (given === null) return null;
  const z = (value - given.expected) / given.spread;
  if (Math.abs(z) <= OUTLYING) return null;
  const reason = `${Math.abs(z).toFixed(1)} usual deviations ${z > 0 ? 'above' : 'below'} similar crystals (${figure(given.expected)})`;
  return { kind: 'outlier', reason, setAside: false };
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}
