import type { Attribution, AttributionTerm } from '../../campaign/facts.ts';
import { boosting } from '../baselines/boosting.ts';
import { DESCRIPTOR_NAMES } from '../baselines/descriptors.ts';
import type { Fitted } from '../baselines/method.ts';
import type { SimpleHead } from '../baselines/simple-surrogate.ts';
import type { Table } from '../baselines/table.ts';
import { pickRows } from '../baselines/table.ts';
import { treesOf } from '../baselines/trees.ts';
import { treeShap } from './tree-shap.ts';

/** Descriptors named; the rest move the predictions less. */
const MOST_TERMS = 15;

export interface DescriptorJob {
  readonly target: string;
  /** Standardised descriptors. */
  readonly table: Table;
  /** One per row, null where not measured; target's unit. */
  readonly values: readonly (number | null)[];
  /** What predicts this target; null for the network. */
  readonly head: SimpleHead | null;
  readonly seed: number;
}

/**
 * Which descriptors move the predictions of a target. Of a forest or a boosting, its own; any other model has no
 * Shapley values that are exact and cheap, so a boosting is fitted to the same labels beside it, and is what is
 * explained. Null without a value, and when no descriptor tells the labels apart.
 */
export function attributeDescriptors(job: DescriptorJob): Attribution | null {
  const explained = isOfTrees(job.head)
    ? { ...explainHead(job.head, job.table), model: job.head.method }
    : explainBeside(job);
  if (explained === null || explained.table.rows === 0) return null;
  const terms = termsOf(explained.values, explained.table);
  if (terms.length === 0) return null;
  const { model, table } = explained;
  return { target: job.target, over: 'descriptors', model, method: 'TreeSHAP', labels: table.rows, terms };
}

interface Explained {
  readonly table: Table;
  /** [rows, width], target's unit. */
  readonly values: Float64Array;
}

function isOfTrees(head: SimpleHead | null): head is SimpleHead {
  return head?.method === 'extra trees' || head?.method === 'gradient boosting';
}

function explainHead({ method, fitted, scale }: SimpleHead, table: Table): Explained {
  const trees = treesOf(fitted);
  // A forest says the mean of its trees, a boosting their sum.
  const factor = scale.deviation / (method === 'extra trees' ? trees.roots.length : 1);
  return { table, values: treeShap(trees, table).values.map((x) => factor * x) };
}

function explainBeside({ table, values, head, seed }: DescriptorJob): (Explained & { model: string }) | null {
  const known = values.flatMap((value, row) => (value === null ? [] : [row]));
  if (known.length === 0) return null;
  const fitting = Float64Array.from(known, (row) => values[row] as number);
  const own = pickRows(table, known);
  const fitted: Fitted = boosting.fit(own, fitting, { seed });
  return {
    table: own,
    values: treeShap(treesOf(fitted), own).values,
    model: `gradient boosting, fitted to the same labels beside ${head?.method ?? 'the network'}`,
  };
}

function termsOf(values: Float64Array, { rows, width, values: table }: Table): AttributionTerm[] {
  return DESCRIPTOR_NAMES.map((name, column): AttributionTerm => {
    let meanAbsolute = 0;
    for (let row = 0; row < rows; row++)
      meanAbsolute += Math.abs(values[row * width + column] as number) / rows;
    return { name, labels: rows, meanAbsolute, direction: correlation(table, values, { column, width }) };
  })
    .filter(({ meanAbsolute }) => meanAbsolute > 0)
    .toSorted((l, r) => r.meanAbsolute - l.meanAbsolute)
    .slice(0, MOST_TERMS);
}

/** Pearson's, of one column in both; 0 where either does not vary. */
function correlation(
  l: Float32Array,
  r: Float64Array,
  { column, width }: { column: number; width: number },
): number {
  let [n, sumL, sumR, squaresL, squaresR, products] = [0, 0, 0, 0, 0, 0];
  for (let at = column; at < l.length; at += width) {
    const [x, y] = [l[at] as number, r[at] as number];
    n += 1;
    sumL += x;
    sumR += y;
    squaresL += x * x;
    squaresR += y * y;
    products += x * y;
  }
  const variances = (squaresL - sumL ** 2 / n) * (squaresR - sumR ** 2 / n);
  return variances > 0 ? (products - (sumL * sumR) / n) / Math.sqrt(variances) : 0;
}
