import type { Table } from '../baselines/table.ts';
import { nearestRows } from '../baselines/nearest-neighbours.ts';
import { pickRows } from '../baselines/table.ts';

const NEIGHBOURS = 9;
/** Under so many values, neighbours say too little to doubt one by. */
const FEWEST = 30;

/** What the most similar crystals lead to expect of values, and how far values usually are from that. */
export interface Expectation {
  /** Median of the nearest rows' values, by row. */
  readonly of: ReadonlyMap<number, number>;
  /** Robust standard deviation of value - expectation. */
  readonly spread: number;
}

/**
 * Expectations of the given rows from one another. The spread is the larger of 1.4826 times the median absolute
 * deviation and the 90 % quantile over 1.645, which for normal residuals are the same. Null when the rows are too few
 * or most of them are exactly as expected, so that nothing can be called far.
 */
export function expect(
  table: Table,
  rows: readonly number[],
  valueOf: (row: number) => number,
): Expectation | null {
  if (rows.length < FEWEST) return null;
  const own = pickRows(table, rows);
  const { k, index } = nearestRows(own, own, NEIGHBOURS + 1);
  const of = new Map(
    rows.map((row, query) => {
      const near = Array.from(index.subarray(query * k, (query + 1) * k)).filter((other) => other !== query);
      return [row, median(near.slice(0, NEIGHBOURS).map((other) => valueOf(rows[other] as number)))] as const;
    }),
  );
  const residuals = rows.map((row) => Math.abs(valueOf(row) - (of.get(row) as number))).sort((l, r) => l - r);
  const quantile = (share: number): number => residuals[Math.floor(share * residuals.length)] as number;
  const spread = Math.max(1.4826 * quantile(0.5), quantile(0.9) / 1.645);
  return spread > 0 ? { of, spread } : null;
}

function median(values: readonly number[]): number {
  return values.toSorted((l, r) => l - r)[values.length >> 1] as number;
}
