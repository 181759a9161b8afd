import { random } from '../crystal/random.ts';

/** Rows kept: more make scoring slower and the distance hardly finer. */
const LANDMARKS = 256;
const NEIGHBOURS = 5;
/** A tight cluster of copies still spans this share of a column's spread. */
const FLOOR = 1e-6;

/** Where a model was trained, in the space of its embedding. */
export interface TrainingDomain {
  readonly width: number;
  /** Per column: what brings it to spread 1. */
  readonly scale: Float32Array;
  /** [landmarks, width], scaled. */
  readonly landmarks: Float32Array;
  /** Distance that 95 % of the training rows keep to their nearest others. */
  readonly edge: number;
}

/**
 * The domain of the rows a model was trained on. `embedding` is [n, width], flat. One row spans no domain:
 * every later distance is infinite.
 */
export function trainingDomain(embedding: Float32Array, width: number): TrainingDomain {
  const n = embedding.length / width;
  const kept = random('domain', n)
    .shuffle(Array.from({ length: n }, (_, row) => row))
    .slice(0, LANDMARKS);
  const scale = columnScales(embedding, width);
  const landmarks = new Float32Array(kept.length * width);
  kept.forEach((row, index) => {
    for (let k = 0; k < width; k++)
      landmarks[index * width + k] = (embedding[row * width + k] as number) * (scale[k] as number);
  });
  const edge = kept.length < 2 ? 0 : edgeOf(ownDistances(landmarks, width));
  return { width, scale, landmarks, edge };
}

/**
 * How far each of the rows [n, width] that span a domain lies from the others: as `distanceFromDomain` would say of it,
 * had it not been there. Above 1 are the 5 % farthest out. Throws a RangeError for fewer than 2 rows.
 */
export function distanceWithinDomain(embedding: Float32Array, width: number): Float32Array {
  if (embedding.length < 2 * width)
    throw new RangeError(`${embedding.length / width} rows span no domain: give at least 2`);
  const scale = columnScales(embedding, width);
  const own = ownDistances(
    embedding.map((x, at) => x * (scale[at % width] as number)),
    width,
  );
  const edge = edgeOf(own);
  return Float32Array.from(own, (distance) => distance / edge);
}

/** Distance of each row, scaled, from its nearest others. */
function ownDistances(landmarks: Float32Array, width: number): Float64Array {
  return Float64Array.from({ length: landmarks.length / width }, (_, index) =>
    meanDistanceToNearest(landmarks, { landmarks, width, from: index * width, except: index }),
  );
}

function edgeOf(own: Float64Array): number {
  return Math.max(FLOOR, own.toSorted()[Math.ceil(0.95 * own.length) - 1] as number);
}

/**
 * How far from the domain each row of [n, width] lies: the mean distance to its 5 nearest training rows over the
 * distance that 95 % of these keep among themselves. Above 1 a prediction is an extrapolation.
 */
export function distanceFromDomain(domain: TrainingDomain, embedding: Float32Array): Float32Array {
  const { width, scale, landmarks, edge } = domain;
  if (landmarks.length < 2 * width) return new Float32Array(embedding.length / width).fill(Infinity);
  const row = new Float32Array(width);
  return Float32Array.from({ length: embedding.length / width }, (_, index) => {
    for (let k = 0; k < width; k++) row[k] = (embedding[index * width + k] as number) * (scale[k] as number);
    return meanDistanceToNearest(row, { landmarks, width, from: 0, except: -1 }) / edge;
  });
}

function columnScales(embedding: Float32Array, width: number): Float32Array {
  const n = embedding.length / width;
  return Float32Array.from({ length: width }, (_, k) => {
    let [sum, squares] = [0, 0];
    for (let at = k; at < embedding.length; at += width) {
      sum += embedding[at] as number;
      squares += (embedding[at] as number) ** 2;
    }
    const deviation = Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
    return deviation > FLOOR ? 1 / deviation : 0;
  });
}

/** Mean Euclidean distance from the row of `rows` that begins at `from` to its nearest landmarks. */
function meanDistanceToNearest(
  rows: Float32Array,
  options: { landmarks: Float32Array; width: number; from: number; except: number },
): number {
  const { landmarks, width, from, except } = options;
  const count = landmarks.length / width;
  const nearest = new Float64Array(Math.min(NEIGHBOURS, count - (except >= 0 ? 1 : 0))).fill(Infinity);
  if (nearest.length === 0) return Infinity;
  for (let landmark = 0; landmark < count; landmark++) {
    if (landmark === except) continue;
    const farthest = nearest[nearest.length - 1] as number;
    const squared = squaredDistance(rows, landmarks, { from, at: landmark * width, width, farthest });
    if (squared >= farthest) continue;
    let place = nearest.length - 1;
    while (place > 0 && (nearest[place - 1] as number) > squared) {
      nearest[place] = nearest[place - 1] as number;
      place--;
    }
    nearest[place] = squared;
  }
  return nearest.reduce((sum, squared) => sum + Math.sqrt(squared), 0) / nearest.length;
}

/** Given up as soon as it is no nearer than `farthest`, which most landmarks are after a few columns. */
function squaredDistance(
  rows: Float32Array,
  landmarks: Float32Array,
  { from, at, width, farthest }: { from: number; at: number; width: number; farthest: number },
): number {
  let squared = 0;
  for (let first = 0; first < width && squared < farthest; first += 16) {
    const end = Math.min(width, first + 16);
    for (let k = first; k < end; k++) {
      const difference = (rows[from + k] as number) - (landmarks[at + k] as number);
      squared += difference * difference;
    }
  }
  return squared;
}
