import type { Table } from '../baselines/table.ts';
import type { Trees } from '../baselines/trees.ts';
import { gaussLegendre } from './gauss-legendre.ts';

/** What each column did to the sum of all trees. */
export interface TreeAttributions {
  /** The sum of the trees' means over the rows they were grown on. */
  readonly expected: number;
  /** [rows, width]: with `expected`, a row's numbers add up to what the trees say of it. */
  readonly values: Float64Array;
}

/**
 * Exact Shapley values of the trees' sum, of the game in which an absent column sends a row down both branches by
 * their cover (path-dependent TreeSHAP; Lundberg et al., Nat. Mach. Intell. 2, 56 (2020), algorithm 2). Computed in
 * time linear in depth: a leaf's game is Π (t o_k + (1 − t) z_k) in its multilinear extension, with o_k whether the row
 * passes all of the path's tests of column k and z_k their share of the cover; its Shapley values are
 * ∫ (o_k − z_k) Π_{j≠k} … dt (Owen, Manage. Sci. 18, 64 (1972)), a polynomial that Gauss-Legendre integrates exactly,
 * and leaves under one branch share it (as Yu et al., NeurIPS 2022, share polynomials).
 */
export function treeShap(trees: Trees, table: Table): TreeAttributions {
  const values = new Float64Array(table.rows * table.width);
  let expected = 0;
  trees.roots.forEach((root, index) => {
    const tree = prepareTree(trees, { root, end: trees.roots[index + 1] ?? trees.feature.length });
    expected += tree.expected;
    addTree(tree, table, values);
  });
  return { expected, values };
}

/** One tree, its nodes from 0; [nodes, points] arrays hold what each branch does at each point of the quadrature. */
interface Prepared {
  readonly nodes: number;
  readonly points: number;
  readonly expected: number;
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly child: Int32Array;
  readonly value: Float32Array;
  /** The nearest branch above that tests the same column; −1 when there is none. */
  readonly above: Int32Array;
  /** Cover over the parent's. */
  readonly share: Float64Array;
  /** What a branch multiplies the product by when the row takes it, and when it is the first of its column not to. */
  readonly takenFactor: Float64Array;
  readonly missedFactor: Float64Array;
  /** What the leaves under a branch say to its column in either case, the word of the branch above taken back. */
  readonly takenGain: Float64Array;
  readonly missedGain: Float64Array;
}

function prepareTree(trees: Trees, { root, end }: { root: number; end: number }): Prepared {
  const nodes = end - root;
  const feature = Int32Array.from(trees.feature.subarray(root, end));
  const cover = trees.cover.subarray(root, end);
  const child = Int32Array.from(trees.child.subarray(root, end), (at) => at - root);
  const value = trees.value.subarray(root, end);
  const parent = new Int32Array(nodes).fill(-1);
  const above = new Int32Array(nodes).fill(-1);
  const columns = new Int32Array(nodes);
  const share = new Float64Array(nodes).fill(1);
  /** Share of the cover that passes all tests of the branch's column. */
  const passing = new Float64Array(nodes).fill(1);
  let expected = 0;
  let most = 1;
  for (let node = 0; node < nodes; node++) {
    const over = parent[node] as number;
    if (over >= 0) {
      let other = over;
      while (other > 0 && feature[parent[other] as number] !== feature[over]) other = parent[other] as number;
      above[node] = other > 0 ? other : -1;
      share[node] = (cover[node] as number) / (cover[over] as number);
      passing[node] = (share[node] as number) * (other > 0 ? (passing[other] as number) : 1);
      columns[node] = (columns[over] as number) + (other > 0 ? 0 : 1);
      most = Math.max(most, columns[node] as number);
    }
    if ((feature[node] as number) < 0) {
      expected += ((value[node] as number) * (cover[node] as number)) / (cover[0] as number);
    } else {
      parent.fill(node, child[node], (child[node] as number) + 2);
    }
  }
  const { point, weight } = gaussLegendre(Math.ceil(most / 2));
  const points = point.length;
  const size = nodes * points;
  const [takenFactor, missedFactor] = [new Float64Array(size), new Float64Array(size)];
  const [takenGain, missedGain] = [new Float64Array(size), new Float64Array(size)];
  for (let node = 1; node < nodes; node++) {
    const z = passing[node] as number;
    const over = above[node] as number;
    for (let q = 0; q < points; q++) {
      const [t, w] = [point[q] as number, weight[q] as number];
      const at = node * points + q;
      const before = over < 0 ? 1 : t + (1 - t) * (passing[over] as number);
      const gainBefore = over < 0 ? 0 : (w * (1 - (passing[over] as number))) / before;
      takenFactor[at] = (t + (1 - t) * z) / before;
      missedFactor[at] = ((1 - t) * z) / before;
      takenGain[at] = (w * (1 - z)) / (t + (1 - t) * z) - gainBefore;
      missedGain[at] = -w / (1 - t) - gainBefore;
    }
  }
  return {
    nodes,
    points,
    expected,
    feature,
    threshold: trees.threshold.subarray(root, end),
    child,
    value,
    above,
    share,
    takenFactor,
    missedFactor,
    takenGain,
    missedGain,
  };
}

const TAKEN = 1;
/** Another branch of the same column was missed before: this one changes nothing for it. */
const MISSED_AGAIN = 2;

function addTree(tree: Prepared, { rows, width, values: table }: Table, into: Float64Array): void {
  const { nodes, points, feature, threshold, child, value, above, share } = tree;
  const state = new Uint8Array(nodes);
  /** Downwards the product at each point; upwards the sum of value · product over the leaves below. */
  const flow = new Float64Array(nodes * points);
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    flow.fill(1, 0, points);
    for (let node = 0; node < nodes; node++) {
      const column = feature[node] as number;
      if (column < 0) continue;
      const left = child[node] as number;
      const goesLeft = (table[start + column] as number) <= (threshold[node] as number);
      for (let branch = left; branch < left + 2; branch++) {
        const over = above[branch] as number;
        const missedBefore = over >= 0 && state[over] !== TAKEN;
        const taken = goesLeft === (branch === left);
        state[branch] = missedBefore ? MISSED_AGAIN : taken ? TAKEN : 0;
        const [from, to] = [node * points, branch * points];
        if (missedBefore) {
          const factor = share[branch] as number;
          for (let q = 0; q < points; q++) flow[to + q] = (flow[from + q] as number) * factor;
        } else {
          const factor = taken ? tree.takenFactor : tree.missedFactor;
          for (let q = 0; q < points; q++)
            flow[to + q] = (flow[from + q] as number) * (factor[to + q] as number);
        }
      }
    }
    for (let node = nodes - 1; node >= 0; node--) {
      const column = feature[node] as number;
      const at = node * points;
      if (column < 0) {
        const leaf = value[node] as number;
        for (let q = 0; q < points; q++) flow[at + q] = (flow[at + q] as number) * leaf;
        continue;
      }
      const left = (child[node] as number) * points;
      const right = left + points;
      for (let q = 0; q < points; q++)
        flow[at + q] = (flow[left + q] as number) + (flow[right + q] as number);
      let sum = 0;
      for (let branch = child[node] as number; branch * points <= right; branch++) {
        if (state[branch] === MISSED_AGAIN) continue;
        const gain = state[branch] === TAKEN ? tree.takenGain : tree.missedGain;
        const from = branch * points;
        for (let q = 0; q < points; q++) sum += (gain[from + q] as number) * (flow[from + q] as number);
      }
      into[start + column] = (into[start + column] as number) + sum;
    }
  }
}
