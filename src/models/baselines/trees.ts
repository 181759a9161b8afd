import type { Fitted } from './method.ts';
import { part } from './method.ts';
import type { Table } from './table.ts';

/**
 * Binary trees, node after node: a row goes from `roots[tree]` to child[node] where row[feature[node]] ≤
 * threshold[node], else to child[node] + 1, until feature[node] is -1.
 */
export interface Trees {
  /** [trees] */
  readonly roots: Float32Array;
  /** [nodes], -1 at a leaf. */
  readonly feature: Float32Array;
  readonly threshold: Float32Array;
  readonly child: Float32Array;
  /** What a leaf says; what an inner node would say if the tree ended there. */
  readonly value: Float32Array;
  /** Training rows that came by. */
  readonly cover: Float32Array;
}

const ARRAYS = ['roots', 'feature', 'threshold', 'child', 'value', 'cover'] as const;

/** The trees of a fitted forest or boosting. */
export function treesOf(fitted: Fitted): Trees {
  return Object.fromEntries(ARRAYS.map((name) => [name, part(fitted, name)])) as unknown as Trees;
}

/** Float32 counts nodes exactly up to here. */
const MOST_NODES = 2 ** 24;

/** Collects nodes as trees grow. */
export class TreeBuilder {
  readonly #roots: number[] = [];
  readonly #feature: number[] = [];
  readonly #threshold: number[] = [];
  readonly #child: number[] = [];
  readonly #value: number[] = [];
  readonly #cover: number[] = [];

  /** A leaf that `split` may divide later; its number. */
  leaf(value: number, cover: number): number {
    if (this.#feature.length >= MOST_NODES) {
      throw new RangeError(`trees of more than ${MOST_NODES} nodes: give fewer rows or grow fewer trees`);
    }
    this.#threshold.push(0);
    this.#child.push(-1);
    this.#value.push(value);
    this.#cover.push(cover);
    return this.#feature.push(-1) - 1;
  }

  root(value: number, cover: number): number {
    this.#roots.push(this.#feature.length);
    return this.leaf(value, cover);
  }

  /** Makes a leaf an inner node; its children must be the next two leaves. */
  split(node: number, feature: number, threshold: number): void {
    this.#feature[node] = feature;
    this.#threshold[node] = threshold;
    this.#child[node] = this.#feature.length;
  }

  build(): Fitted & Trees {
    return {
      roots: Float32Array.from(this.#roots),
      feature: Float32Array.from(this.#feature),
      threshold: Float32Array.from(this.#threshold),
      child: Float32Array.from(this.#child),
      value: Float32Array.from(this.#value),
      cover: Float32Array.from(this.#cover),
    };
  }
}

/** Calls `add` with what each tree says of each row, all trees for one row after the other. */
export function eachLeafValue(
  { roots, feature, threshold, child, value }: Trees,
  { rows, width, values }: Table,
  add: (row: number, value: number) => void,
): void {
  const [features, children] = [Int32Array.from(feature), Int32Array.from(child)];
  for (let row = 0; row < rows; row++) {
    const start = row * width;
    for (let tree = 0; tree < roots.length; tree++) {
      let node = roots[tree] as number;
      let k = features[node] as number;
      while (k >= 0) {
        const left = (values[start + k] as number) <= (threshold[node] as number);
        node = (children[node] as number) + (left ? 0 : 1);
        k = features[node] as number;
      }
      add(row, value[node] as number);
    }
  }
}
