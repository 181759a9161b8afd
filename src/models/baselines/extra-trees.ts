import { random } from '../../crystal/random.ts';
import type { Random } from '../../crystal/random.ts';
import type { Method } from './method.ts';
import { requireRows } from './method.ts';
import type { Table } from './table.ts';
import { columnsOf } from './table.ts';
import { eachLeafValue, TreeBuilder, treesOf } from './trees.ts';

const TREES = 64;
/** Share of the columns tried at each split. */
const TRIED = 1 / 3;
const FEWEST_IN_LEAF = 1;

/**
 * Extremely randomised trees (Geurts, Ernst and Wehenkel 2006): at each split a random threshold for each of some
 * random columns, the best of them by variance. The spread is the trees' disagreement.
 */
export const extraTrees: Method = {
  fit(table, values, { seed }) {
    requireRows(table, values, 'a forest');
    const builder = new TreeBuilder();
    const columns = columnsOf(table);
    for (let tree = 0; tree < TREES; tree++) {
      growTree({ table, columns, values, source: random(seed, 'extra tree', tree), builder });
    }
    return builder.build();
  },
  predict(fitted, table) {
    const trees = treesOf(fitted);
    const count = trees.roots.length;
    const sum = new Float64Array(table.rows);
    const squares = new Float64Array(table.rows);
    eachLeafValue(trees, table, (row, value) => {
      sum[row] = (sum[row] as number) + value;
      squares[row] = (squares[row] as number) + value * value;
    });
    const mean = sum.map((x) => x / count);
    const sigma = squares.map((x, row) =>
      Math.max(1e-3, Math.sqrt(Math.max(0, x / count - (mean[row] as number) ** 2))),
    );
    return { mean, sigma };
  },
};

interface Growth {
  readonly table: Table;
  readonly columns: Float32Array;
  readonly values: Float64Array;
  readonly source: Random;
  readonly builder: TreeBuilder;
}

/** Rows first to last - 1 of the order stand in the node. */
interface Node {
  readonly id: number;
  readonly first: number;
  readonly last: number;
}

/** What a node's rows hold, side by side in memory. */
class Scratch {
  readonly values: Float64Array;
  readonly column: Float32Array;

  constructor(rows: number) {
    this.values = new Float64Array(rows);
    this.column = new Float32Array(rows);
  }
}

function growTree({ table: { rows: n, width }, columns, values, source, builder }: Growth): void {
  const order = Int32Array.from({ length: n }, (_, row) => row);
  const list = Int32Array.from({ length: width }, (_, k) => k);
  const scratch = new Scratch(n);
  const meanIn = (first: number, last: number): number => {
    let sum = 0;
    for (let i = first; i < last; i++) sum += values[order[i] as number] as number;
    return sum / (last - first);
  };
  const waiting: Node[] = [{ id: builder.root(meanIn(0, n), n), first: 0, last: n }];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const { id, first, last } = node;
    if (last - first < 2 * FEWEST_IN_LEAF) continue;
    const split = bestRandomSplit(order.subarray(first, last), { n, columns, values, source, list, scratch });
    if (split === null) continue;
    let middle = first;
    for (let i = first; i < last; i++) {
      const row = order[i] as number;
      if ((columns[split.feature * n + row] as number) > split.threshold) continue;
      order[i] = order[middle] as number;
      order[middle++] = row;
    }
    builder.split(id, split.feature, split.threshold);
    const left = builder.leaf(meanIn(first, middle), middle - first);
    const right = builder.leaf(meanIn(middle, last), last - middle);
    waiting.push({ id: left, first, last: middle }, { id: right, first: middle, last });
  }
}

interface Search {
  readonly n: number;
  readonly columns: Float32Array;
  readonly values: Float64Array;
  readonly source: Random;
  /** All columns, in any order; shuffled as far as they are tried. */
  readonly list: Int32Array;
  readonly scratch: Scratch;
}

/** The best of the thresholds drawn; null when the values or all columns are constant in the node. */
function bestRandomSplit(
  rows: Int32Array,
  { n, columns, values, source, list, scratch }: Search,
): { feature: number; threshold: number } | null {
  const count = rows.length;
  const { values: y, column: x } = scratch;
  let sum = 0;
  let varies = false;
  for (let i = 0; i < count; i++) {
    const value = values[rows[i] as number] as number;
    y[i] = value;
    sum += value;
    varies ||= Math.abs(value - (y[0] as number)) > 1e-9;
  }
  if (!varies) return null;
  const wanted = Math.max(1, Math.round(list.length * TRIED));
  let bestScore = -Infinity;
  let feature = -1;
  let threshold = 0;
  // Goes on past the columns wanted only until one of them varies.
  for (let k = 0; k < list.length && (k < wanted || feature < 0); k++) {
    const other = k + source.integer(list.length - k);
    const candidate = list[other] as number;
    list[other] = list[k] as number;
    list[k] = candidate;
    const start = candidate * n;
    let low = columns[start + (rows[0] as number)] as number;
    let high = low;
    for (let i = 0; i < count; i++) {
      const value = columns[start + (rows[i] as number)] as number;
      x[i] = value;
      if (value < low) low = value;
      else if (value > high) high = value;
    }
    if (low === high) continue;
    // At the lowest value at least, and below the highest, so that both sides hold a row.
    const drawn = Math.fround(low + source.uniform() * (high - low));
    const cut = drawn < high ? drawn : low;
    let left = 0;
    let leftSum = 0;
    for (let i = 0; i < count; i++) {
      // Without a branch, which would be guessed wrong half the time.
      const goesLeft = Number((x[i] as number) <= cut);
      left += goesLeft;
      leftSum += goesLeft * (y[i] as number);
    }
    const right = count - left;
    if (left < FEWEST_IN_LEAF || right < FEWEST_IN_LEAF) continue;
    // Largest when the squared residuals left on both sides are least.
    const score = leftSum ** 2 / left + (sum - leftSum) ** 2 / right;
    if (score > bestScore) {
      bestScore = score;
      feature = candidate;
      threshold = cut;
    }
  }
  return feature < 0 ? null : { feature, threshold };
}
