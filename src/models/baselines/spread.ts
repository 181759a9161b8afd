import type { Fitted } from './method.ts';
import { part, scalar } from './method.ts';
import { nearestRows } from './nearest-neighbours.ts';
import type { Table } from './table.ts';

/** Rows kept to measure distances from; more change the nearest distance little. */
const KEPT = 300;

/** For methods without a spread of their own: what `spreadByDistance` needs. */
export function distanceSpread(table: Table): Fitted {
  const stride = Math.max(1, table.rows / KEPT);
  const kept = Math.min(table.rows, KEPT);
  const reference = new Float32Array(kept * table.width);
  for (let i = 0; i < kept; i++) {
    const row = Math.floor(i * stride);
    reference.set(table.values.subarray(row * table.width, (row + 1) * table.width), i * table.width);
  }
  const rows = { rows: kept, width: table.width, values: reference };
  const { distance } = nearestRows(rows, rows, 2);
  const typical = median(Array.from({ length: kept }, (_, i) => distance[2 * i + 1] ?? 0));
  return { reference, typical: Float32Array.of(typical > 0 ? typical : 1) };
}

/** √(1 + (d / typical)²) / √2, with d the distance from the nearest row fitted: 1 at a typical distance. */
export function spreadByDistance(fitted: Fitted, table: Table): Float64Array {
  const reference = part(fitted, 'reference');
  const rows = { rows: reference.length / table.width, width: table.width, values: reference };
  const { distance } = nearestRows(rows, table, 1);
  const typical = scalar(fitted, 'typical');
  return distance.map((d) => Math.sqrt((1 + (d / typical) ** 2) / 2));
}

function median(values: readonly number[]): number {
  return values.toSorted((l, r) => l - r)[values.length >> 1] ?? 0;
}
