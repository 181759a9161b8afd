import { random } from '../../crystal/random.ts';
import type { Random } from '../../crystal/random.ts';
import type { Method } from './method.ts';
import { meanOf, requireRows, scalar } from './method.ts';
import { distanceSpread, spreadByDistance } from './spread.ts';
import type { Table } from './table.ts';
import { columnsOf } from './table.ts';
import { eachLeafValue, TreeBuilder, treesOf } from './trees.ts';

const ROUNDS = 200;
const RATE = 0.08;
const DEPTH = 5;
/** Of the columns, what a split looks at; of the rows, what a tree sees. */
const COLUMN_SHARE = 0.3;
const ROW_SHARE = 0.7;
/** L2 penalty on a leaf's value, in rows. */
const PENALTY = 1;
const MOST_BINS = 32;

/**
 * Gradient boosting of small trees on binned columns (Friedman 2001; histograms as in Ke et al. 2017), second order:
 * squared error for values, logarithmic loss for classes. The spread grows with the distance from the rows fitted.
 */
export const boosting: Method = {
  fit(table, values, { seed, kind = 'value' }) {
    requireRows(table, values, 'boosting');
    const bins = binColumns(table);
    const { rows } = table;
    const centre = meanOf(values);
    const start = kind === 'value' ? centre : logOdds((centre * rows + 0.5) / (rows + 1));
    const score = new Float64Array(rows).fill(start);
    const gradient = new Float64Array(rows);
    const hessian = new Float64Array(rows).fill(1);
    const builder = new TreeBuilder();
    for (let round = 0; round < ROUNDS; round++) {
      for (let row = 0; row < rows; row++) {
        const y = values[row] as number;
        const s = score[row] as number;
        if (kind === 'value') gradient[row] = s - y;
        else {
          const p = logistic(s);
          gradient[row] = p - y;
          hessian[row] = Math.max(1e-6, p * (1 - p));
        }
      }
      growTree({ bins, rows, gradient, hessian, score, source: random(seed, 'boosting', round), builder });
    }
    return {
      ...builder.build(),
      start: Float32Array.of(start),
      isClass: Float32Array.of(kind === 'class' ? 1 : 0),
      ...distanceSpread(table),
    };
  },
  predict(fitted, table) {
    const mean = new Float64Array(table.rows).fill(scalar(fitted, 'start'));
    eachLeafValue(treesOf(fitted), table, (row, value) => (mean[row] = (mean[row] as number) + value));
    if (scalar(fitted, 'isClass') === 1) mean.forEach((s, row) => (mean[row] = logistic(s)));
    return { mean, sigma: spreadByDistance(fitted, table) };
  },
};

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function logOdds(p: number): number {
  return Math.log(p / (1 - p));
}

interface Bins {
  readonly width: number;
  /** [width, rows]: the bin of each number. */
  readonly codes: Uint8Array;
  /** Per column, the upper edge of every bin but the last. */
  readonly edges: readonly Float32Array[];
  /** Columns with more than one bin. */
  readonly useful: readonly number[];
}

/** Bins of about equal counts, their edges between values that occur. */
function binColumns(table: Table): Bins {
  const { rows, width } = table;
  const columns = columnsOf(table);
  const codes = new Uint8Array(rows * width);
  const edges = Array.from({ length: width }, (_, k) => {
    const column = columns.subarray(k * rows, (k + 1) * rows);
    const found = binEdges(column.toSorted());
    column.forEach((x, row) => (codes[k * rows + row] = binOf(x, found)));
    return found;
  });
  const useful = edges.flatMap((list, k) => (list.length > 0 ? [k] : []));
  return { width, codes, edges, useful };
}

function binEdges(sorted: Float32Array): Float32Array {
  const distinct = sorted.filter((x, i) => i === 0 || x > (sorted[i - 1] as number));
  const many = distinct.length > MOST_BINS;
  const edges = Array.from({ length: Math.min(distinct.length, MOST_BINS) - 1 }, (_, bin) => {
    const lower = many
      ? (sorted[Math.floor(((bin + 1) * sorted.length) / MOST_BINS) - 1] as number)
      : (distinct[bin] as number);
    const upper = distinct[binOf(lower, distinct) + 1] ?? lower;
    // Halfway, unless rounding puts it on the value above.
    const middle = Math.fround((lower + upper) / 2);
    return middle < upper ? middle : lower;
  });
  return Float32Array.from(new Set(edges)).filter((edge) => edge < (sorted.at(-1) as number));
}

/** The first bin whose upper edge is not under x. */
function binOf(x: number, edges: Float32Array): number {
  let [low, high] = [0, edges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x <= (edges[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface Growth {
  readonly bins: Bins;
  readonly rows: number;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
  /** What all trees so far say of each row: the new tree's leaves are added. */
  readonly score: Float64Array;
  readonly source: Random;
  readonly builder: TreeBuilder;
}

interface Node {
  readonly id: number;
  readonly rows: Int32Array;
  readonly depth: number;
}

function growTree({ bins, rows, gradient, hessian, score, source, builder }: Growth): void {
  const sampled = Int32Array.from({ length: rows }, (_, row) => row).filter(
    () => source.uniform() < ROW_SHARE || rows < 20,
  );
  if (sampled.length === 0) return;
  const list = Int32Array.from(bins.useful);
  const fewest = Math.max(1, Math.min(10, Math.round(rows / 50)));
  const valueOf = (list: Int32Array): number => {
    let [g, h] = [0, 0];
    for (const row of list) {
      g += gradient[row] as number;
      h += hessian[row] as number;
    }
    return Math.fround((-RATE * g) / (h + PENALTY));
  };
  const histogram = new Histogram();
  const leaves = new Map<number, { feature: number; code: number; child: number } | number>();
  const firstValue = valueOf(sampled);
  const root = builder.root(firstValue, sampled.length);
  leaves.set(root, firstValue);
  const waiting: Node[] = [{ id: root, rows: sampled, depth: 0 }];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (node.depth === DEPTH || node.rows.length < 2 * fewest) continue;
    const split = bestSplit(node.rows, {
      bins,
      list,
      source,
      total: rows,
      gradient,
      hessian,
      histogram,
      fewest,
    });
    if (split === null) continue;
    const { feature, code } = split;
    const goesLeft = (row: number): boolean => (bins.codes[feature * rows + row] as number) <= code;
    const [left, right] = [node.rows.filter(goesLeft), node.rows.filter((row) => !goesLeft(row))];
    builder.split(node.id, feature, bins.edges[feature]?.[code] as number);
    const [leftValue, rightValue] = [valueOf(left), valueOf(right)];
    const child = builder.leaf(leftValue, left.length);
    builder.leaf(rightValue, right.length);
    leaves.set(node.id, { feature, code, child });
    leaves.set(child, leftValue);
    leaves.set(child + 1, rightValue);
    waiting.push(
      { id: child, rows: left, depth: node.depth + 1 },
      { id: child + 1, rows: right, depth: node.depth + 1 },
    );
  }
  for (let row = 0; row < rows; row++) {
    let at = leaves.get(root);
    while (typeof at === 'object') {
      const left = (bins.codes[at.feature * rows + row] as number) <= at.code;
      at = leaves.get(at.child + (left ? 0 : 1));
    }
    score[row] = (score[row] as number) + (at as number);
  }
}

/** Sums per bin, kept between splits. */
class Histogram {
  readonly gradient = new Float64Array(MOST_BINS);
  readonly hessian = new Float64Array(MOST_BINS);
  readonly count = new Int32Array(MOST_BINS);
}

interface Search {
  readonly bins: Bins;
  /** The useful columns, in any order; shuffled as far as they are looked at. */
  readonly list: Int32Array;
  readonly source: Random;
  /** Rows of the whole table. */
  readonly total: number;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
  readonly histogram: Histogram;
  readonly fewest: number;
}

/** The column and bin whose split takes most loss; null when none takes any. */
function bestSplit(
  rows: Int32Array,
  { bins, list, source, total, gradient, hessian, histogram, fewest }: Search,
): { feature: number; code: number } | null {
  let g = 0;
  let h = 0;
  for (let i = 0; i < rows.length; i++) {
    g += gradient[rows[i] as number] as number;
    h += hessian[rows[i] as number] as number;
  }
  let best: { feature: number; code: number } | null = null;
  let bestScore = g ** 2 / (h + PENALTY) + 1e-9;
  const { gradient: gs, hessian: hs, count } = histogram;
  const wanted = Math.min(list.length, Math.max(1, Math.round(list.length * COLUMN_SHARE)));
  for (let k = 0; k < wanted; k++) {
    const other = k + source.integer(list.length - k);
    const feature = list[other] as number;
    list[other] = list[k] as number;
    list[k] = feature;
    const last = (bins.edges[feature] as Float32Array).length;
    gs.fill(0, 0, last + 1);
    hs.fill(0, 0, last + 1);
    count.fill(0, 0, last + 1);
    const start = feature * total;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const bin = bins.codes[start + row] as number;
      gs[bin] = (gs[bin] as number) + (gradient[row] as number);
      hs[bin] = (hs[bin] as number) + (hessian[row] as number);
      count[bin] = (count[bin] as number) + 1;
    }
    let leftG = 0;
    let leftH = 0;
    let left = 0;
    for (let code = 0; code < last; code++) {
      leftG += gs[code] as number;
      leftH += hs[code] as number;
      left += count[code] as number;
      if (left < fewest) continue;
      if (rows.length - left < fewest) break;
      const score = leftG ** 2 / (leftH + PENALTY) + (g - leftG) ** 2 / (h - leftH + PENALTY);
      if (score > bestScore) {
        bestScore = score;
        best = { feature, code };
      }
    }
  }
  return best;
}
