import { PCA } from 'ml-pca';
import { UMAP } from 'umap-js';
import { random } from '../../crystal/random.ts';
import { type Points, densityClusters, meansClusters } from './clusters.ts';

/** Two maps of the same rows, and what lies together on them. Flat arrays, one row or one pair a point. */
export interface Landscape {
  /** [n, 2]: the first two principal components of the standardised columns. */
  readonly principal: Float32Array;
  /** Share of the variance that each of the two carries. */
  readonly explained: readonly [number, number];
  /** [n, 2]: uniform manifold approximation; null for fewer than 5 rows. */
  readonly manifold: Float32Array | null;
  /** k-means cluster of each row, from 0. */
  readonly cluster: Int32Array;
  /** Whether each row lies in no dense region (DBSCAN). */
  readonly outlier: readonly boolean[];
}

/** Components that clusters are looked for in: the rest is noise more often than not. */
const CLUSTERED_COMPONENTS = 10;
const NEIGHBOURS = 15;
/** Of 32-bit numbers computed in another order. */
const ROUNDING = 1e-5;
const FEWEST = 3;
const FEWEST_FOR_MANIFOLD = 5;

/**
 * Maps rows of a network's last layer, or of descriptors, onto the plane: PCA and UMAP (McInnes et al.,
 * arXiv:1802.03426), with k-means clusters and DBSCAN outliers, both found in the leading ten components. The same
 * rows and seed give the same map. Throws a RangeError for fewer than 3 rows, or rows that are all alike.
 */
export function drawLandscape({ values, width }: Points, seed: number): Landscape {
  const n = values.length / width;
  if (n < FEWEST) throw new RangeError(`${n} rows make no map: give at least ${FEWEST}`);
  const rows = Array.from({ length: n }, (_, row) =>
    Array.from(values.subarray(row * width, (row + 1) * width)),
  );
  const varying = varyingColumns({ values, width });
  if (varying.length === 0) throw new RangeError(`all ${n} rows are alike: there is nothing to map`);
  const analysis = new PCA(
    rows.map((row) => varying.map((c) => row[c] as number)),
    { center: true, scale: true },
  );
  const components = Math.min(CLUSTERED_COMPONENTS, varying.length, n - 1);
  const scores = withFixedSigns(
    analysis
      .predict(
        rows.map((row) => varying.map((c) => row[c] as number)),
        { nComponents: components },
      )
      .to2DArray(),
  );
  const leading: Points = { values: Float32Array.from(scores.flat()), width: components };
  const [first = 0, second = 0] = analysis.getExplainedVariance();
  return {
    principal: Float32Array.from(scores.flatMap((row) => [row[0] as number, row[1] ?? 0])),
    explained: [first, second],
    manifold: n < FEWEST_FOR_MANIFOLD ? null : manifoldOf(scores, seed),
    cluster: meansClusters(leading, random('landscape', seed)),
    outlier: Array.from(densityClusters(leading), (cluster) => cluster === -1),
  };
}

/** Whether rows are enough, and differ enough, for a map. */
export function isMappable(points: Points): boolean {
  return points.values.length >= FEWEST * points.width && varyingColumns(points).length > 0;
}

/** Columns that change by more than rounding would make them. */
function varyingColumns({ values, width }: Points): number[] {
  return Array.from({ length: width }, (_, c) => c).filter((c) => {
    let [low, high] = [Infinity, -Infinity];
    for (let at = c; at < values.length; at += width) {
      low = Math.min(low, values[at] as number);
      high = Math.max(high, values[at] as number);
    }
    return high - low > ROUNDING * Math.max(-low, high);
  });
}

function manifoldOf(rows: number[][], seed: number): Float32Array {
  const { uniform } = random('manifold', seed);
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: Math.min(NEIGHBOURS, rows.length - 1),
    random: uniform,
  });
  return Float32Array.from(umap.fit(rows).flat());
}

/** The sign of a component is free: its largest score is made positive, so that maps can be compared. */
function withFixedSigns(scores: number[][]): number[][] {
  const signs = (scores[0] ?? []).map((_, c) => {
    const largest = scores.reduce(
      (most, row) => (Math.abs(row[c] as number) > Math.abs(most) ? (row[c] as number) : most),
      0,
    );
    return largest < 0 ? -1 : 1;
  });
  return scores.map((row) => row.map((x, c) => x * (signs[c] as number)));
}
