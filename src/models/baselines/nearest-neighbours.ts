import { squaredDistance } from './linear-algebra.ts';
import type { Method } from './method.ts';
import { part, requireRows, scalar } from './method.ts';
import type { Table } from './table.ts';
import { pickRows } from './table.ts';

const CHOICES = [3, 5, 10, 20];

/**
 * Mean of the k nearest rows' values, weighted by inverse distance; k by the error that each row's neighbours leave
 * on it (a sample of rows, when there are many). The spread is the weighted deviation of the neighbours' values.
 */
export const nearestNeighbours: Method = {
  fit(table, values) {
    requireRows(table, values, 'nearest neighbours');
    const asked = Array.from({ length: Math.min(table.rows, 500) }, (_, i) =>
      Math.floor((i * table.rows) / Math.min(table.rows, 500)),
    );
    const most = Math.max(...CHOICES);
    const found = nearestRows(table, pickRows(table, asked), most + 1);
    let best = { error: Infinity, k: 1 };
    for (const k of CHOICES) {
      if (k >= table.rows) break;
      let error = 0;
      asked.forEach((row, query) => {
        const list = neighboursOf(found, query).filter(({ index }) => index !== row);
        error += Math.abs(weigh(list.slice(0, k), values).mean - (values[row] as number));
      });
      if (error < best.error) best = { error, k };
    }
    return {
      k: Float32Array.of(best.k),
      rows: table.values,
      values: Float32Array.from(values),
    };
  },
  predict(fitted, table) {
    const values = part(fitted, 'values');
    const rows = { rows: values.length, width: table.width, values: part(fitted, 'rows') };
    const found = nearestRows(rows, table, scalar(fitted, 'k'));
    const mean = new Float64Array(table.rows);
    const sigma = new Float64Array(table.rows);
    for (let query = 0; query < table.rows; query++) {
      const weighed = weigh(neighboursOf(found, query), values);
      mean[query] = weighed.mean;
      sigma[query] = Math.max(weighed.deviation, 1e-3);
    }
    return { mean, sigma };
  },
};

/** The k nearest rows of each query, nearest first, ties by row; [queries, k] flat. */
export interface NearestRows {
  /** k, or all rows when there are fewer. */
  readonly k: number;
  readonly index: Int32Array;
  readonly distance: Float64Array;
}

export function nearestRows(table: Table, queries: Table, k: number): NearestRows {
  const kept = Math.min(k, table.rows);
  const index = new Int32Array(queries.rows * kept);
  const distance = new Float64Array(queries.rows * kept).fill(Infinity);
  for (let query = 0; query < queries.rows; query++) {
    const wanted = queries.values.subarray(query * queries.width, (query + 1) * queries.width);
    const first = query * kept;
    const last = first + kept - 1;
    for (let row = 0; row < table.rows; row++) {
      const d = squaredDistance(table.values, row * table.width, wanted);
      if (d >= (distance[last] as number)) continue;
      let at = last;
      for (; at > first && d < (distance[at - 1] as number); at--) {
        distance[at] = distance[at - 1] as number;
        index[at] = index[at - 1] as number;
      }
      distance[at] = d;
      index[at] = row;
    }
  }
  return { k: kept, index, distance: distance.map(Math.sqrt) };
}

interface Neighbour {
  readonly index: number;
  readonly distance: number;
}

function neighboursOf({ k, index, distance }: NearestRows, query: number): Neighbour[] {
  return Array.from({ length: k }, (_, i) => ({
    index: index[query * k + i] as number,
    distance: distance[query * k + i] as number,
  }));
}

function weigh(list: readonly Neighbour[], values: ArrayLike<number>): { mean: number; deviation: number } {
  let [sum, squares, weights] = [0, 0, 0];
  for (const { index, distance } of list) {
    const weight = 1 / (distance + 1e-6);
    const value = values[index] as number;
    sum += weight * value;
    squares += weight * value ** 2;
    weights += weight;
  }
  const mean = sum / weights;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / weights - mean ** 2)) };
}
