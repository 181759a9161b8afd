import type { Random } from '../../crystal/random.ts';

/** Rows of numbers, [n, width], flat. */
export interface Points {
  readonly values: Float32Array;
  readonly width: number;
}

const MOST_CLUSTERS = 8;
const ROUNDS = 100;
/** Neighbours that make a row the core of a dense region (Ester et al. 1996 use 4 in two dimensions). */
const CORE_NEIGHBOURS = 5;
/** A region ends where distances grow beyond this multiple of the typical one, … */
const REACH = 1.5;
/** … but not before this share of the rows is core: copies make the typical distance nothing. */
const LEAST_CORE = 0.9;

/**
 * Clusters by k-means (k-means++ seeding; Arthur and Vassilvitskii 2007), k from 2 to 8 by the largest mean silhouette
 * (Rousseeuw 1987). All 0 when no division is better than none (silhouette below 0.25, "no substantial structure").
 */
export function meansClusters(points: Points, random: Random): Int32Array {
  const n = points.values.length / points.width;
  let best: { silhouette: number; clusters: Int32Array } = { silhouette: 0.25, clusters: new Int32Array(n) };
  for (let k = 2; k <= Math.min(MOST_CLUSTERS, n - 1); k++) {
    const clusters = divide(points, k, random);
    const silhouette = meanSilhouette(points, clusters, k);
    if (silhouette > best.silhouette) best = { silhouette, clusters };
  }
  return best.clusters;
}

/**
 * Clusters by density (DBSCAN; Ester et al., KDD 1996): regions where each core row has 5 others within the reach:
 * 1.5 times the median distance to the fifth nearest, or what makes 9 in 10 rows core where that is more. −1 marks the rows that belong to none: the outliers.
 */
export function densityClusters(points: Points): Int32Array {
  const n = points.values.length / points.width;
  const cluster = new Int32Array(n).fill(-1);
  if (n <= CORE_NEIGHBOURS) return cluster.fill(0);
  const fifth = Float64Array.from({ length: n }, (_, row) => {
    const all = Float64Array.from({ length: n }, (_, other) => distance(points, row, other)).sort();
    return all[CORE_NEIGHBOURS] as number;
  });
  const sorted = fifth.toSorted();
  const reach = Math.max(
    REACH * (sorted[Math.floor(n / 2)] as number),
    sorted[Math.ceil(LEAST_CORE * n) - 1] as number,
  );
  const isCore = (row: number): boolean => (fifth[row] as number) <= reach;
  let next = 0;
  for (let start = 0; start < n; start++) {
    if (cluster[start] !== -1 || !isCore(start)) continue;
    const open = [start];
    cluster[start] = next;
    for (let row = open.pop(); row !== undefined; row = open.pop()) {
      if (!isCore(row)) continue;
      for (let other = 0; other < n; other++) {
        if (cluster[other] !== -1 || distance(points, row, other) > reach) continue;
        cluster[other] = next;
        open.push(other);
      }
    }
    next++;
  }
  return cluster;
}

function divide(points: Points, k: number, random: Random): Int32Array {
  const { values, width } = points;
  const n = values.length / width;
  const centres = seedCentres(points, k, random);
  const clusters = new Int32Array(n).fill(-1);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (let row = 0; row < n; row++) {
      const nearest = nearestCentre(points, row, centres);
      if (nearest !== clusters[row]) moved = true;
      clusters[row] = nearest;
    }
    if (!moved) break;
    const sizes = new Float64Array(k);
    const sums = new Float32Array(k * width);
    for (let row = 0; row < n; row++) {
      const cluster = clusters[row] as number;
      sizes[cluster] = (sizes[cluster] as number) + 1;
      for (let c = 0; c < width; c++) {
        const at = cluster * width + c;
        sums[at] = (sums[at] as number) + (values[row * width + c] as number);
      }
    }
    // An emptied cluster keeps its centre.
    for (let at = 0; at < sums.length; at++) {
      const size = sizes[Math.floor(at / width)] as number;
      if (size > 0) centres[at] = (sums[at] as number) / size;
    }
  }
  return clusters;
}

function seedCentres({ values, width }: Points, k: number, random: Random): Float32Array {
  const n = values.length / width;
  const centres = new Float32Array(k * width);
  const squared = new Float64Array(n).fill(1);
  for (let cluster = 0; cluster < k; cluster++) {
    const total = squared.reduce((sum, x) => sum + x, 0);
    let left = random.uniform() * total;
    const chosen = Math.max(
      0,
      squared.findIndex((x) => (left -= x) < 0),
    );
    centres.set(values.subarray(chosen * width, (chosen + 1) * width), cluster * width);
    for (let row = 0; row < n; row++) {
      const d = squaredBetween(values, row * width, { other: centres, at: cluster * width, width });
      squared[row] = cluster === 0 ? d : Math.min(squared[row] as number, d);
    }
  }
  return centres;
}

function nearestCentre({ values, width }: Points, row: number, centres: Float32Array): number {
  let [nearest, least] = [0, Infinity];
  for (let at = 0; at < centres.length; at += width) {
    const d = squaredBetween(values, row * width, { other: centres, at, width });
    if (d < least) [nearest, least] = [at / width, d];
  }
  return nearest;
}

/** Mean over the rows of (b − a) / max(a, b): a within the own cluster, b to the nearest other one. */
function meanSilhouette(points: Points, clusters: Int32Array, k: number): number {
  const n = clusters.length;
  let sum = 0;
  for (let row = 0; row < n; row++) {
    const totals = new Float64Array(k);
    const sizes = new Float64Array(k);
    for (let other = 0; other < n; other++) {
      if (other === row) continue;
      const cluster = clusters[other] as number;
      totals[cluster] = (totals[cluster] as number) + distance(points, row, other);
      sizes[cluster] = (sizes[cluster] as number) + 1;
    }
    const own = clusters[row] as number;
    if (sizes[own] === 0) continue;
    const a = (totals[own] as number) / (sizes[own] as number);
    let b = Infinity;
    for (let cluster = 0; cluster < k; cluster++) {
      const size = sizes[cluster] as number;
      if (cluster !== own && size > 0) b = Math.min(b, (totals[cluster] as number) / size);
    }
    if (Number.isFinite(b) && Math.max(a, b) > 0) sum += (b - a) / Math.max(a, b);
  }
  return sum / n;
}

function distance({ values, width }: Points, row: number, other: number): number {
  return Math.sqrt(squaredBetween(values, row * width, { other: values, at: other * width, width }));
}

function squaredBetween(
  values: Float32Array,
  from: number,
  { other, at, width }: { other: Float32Array; at: number; width: number },
): number {
  let sum = 0;
  for (let c = 0; c < width; c++) sum += ((values[from + c] as number) - (other[at + c] as number)) ** 2;
  return sum;
}
