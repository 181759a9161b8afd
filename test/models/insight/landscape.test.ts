import { describe, expect, test } from 'vitest';
import { random } from '../../../src/crystal/random.ts';
import { densityClusters, meansClusters } from '../../../src/models/insight/clusters.ts';
import { drawLandscape } from '../../../src/models/insight/landscape.ts';

const WIDTH = 6;

/** `sizes[g]` rows around each of some centres 12 apart, then `strays` far from all. */
function groups(sizes: readonly number[], strays: number, seed: number) {
  const source = random('groups', seed);
  const truth: number[] = [];
  const values: number[] = [];
  sizes.forEach((size, group) => {
    for (let i = 0; i < size; i++) {
      truth.push(group);
      for (let c = 0; c < WIDTH; c++) values.push((c === group % WIDTH ? 12 : 0) + source.normal());
    }
  });
  for (let i = 0; i < strays; i++) {
    truth.push(-1);
    for (let c = 0; c < WIDTH; c++) values.push((c % 2 === 0 ? -1 : 1) * (30 + 25 * i) + source.normal());
  }
  return { points: { values: Float32Array.from(values), width: WIDTH }, truth };
}

/** Whether two labelings divide the rows alike, whatever the numbers say. */
function sameDivision(l: ArrayLike<number>, r: ArrayLike<number>): boolean {
  const pairs = new Set(Array.from(l, (label, row) => `${label} ${r[row]}`));
  return pairs.size === new Set(Array.from(l)).size && pairs.size === new Set(Array.from(r)).size;
}

describe('clusters', () => {
  test('k-means finds well-separated groups and how many there are', () => {
    for (const sizes of [
      [40, 40],
      [30, 60, 20],
      [25, 25, 25, 25, 25],
    ]) {
      const { points, truth } = groups(sizes, 0, sizes.length);
      expect(sameDivision(meansClusters(points, random(1)), truth)).toBe(true);
    }
  });

  test('one cloud is one cluster', () => {
    const { points } = groups([120], 0, 7);
    expect(new Set(meansClusters(points, random(2))).size).toBe(1);
  });

  test('density finds the strays and keeps nearly all others', () => {
    const { points, truth } = groups([60, 60], 4, 3);
    const outlier = Array.from(densityClusters(points), (cluster) => cluster === -1);
    truth.forEach((group, row) => group === -1 && expect(outlier[row]).toBe(true));
    expect(outlier.filter((is, row) => is && truth[row] !== -1).length).toBeLessThan(18);
  });
});

test('copies do not make outliers of all other rows', () => {
  const source = random('copies', 1);
  const row = Array.from({ length: WIDTH }, () => source.normal());
  const values = Array.from({ length: 100 }, (_, i) =>
    i < 70 ? row : Array.from({ length: WIDTH }, () => source.normal()),
  ).flat();
  const stray = Array.from({ length: WIDTH }, () => 40);
  const clusters = densityClusters({ values: Float32Array.from([...values, ...stray]), width: WIDTH });
  expect(clusters.at(-1)).toBe(-1);
  expect(clusters.filter((cluster) => cluster === -1).length).toBeLessThanOrEqual(10);
});

describe('the landscape', () => {
  const { points, truth } = groups([50, 50, 50], 2, 5);
  const map = drawLandscape(points, 1);

  test('keeps groups together on both maps', () => {
    for (const plane of [map.principal, map.manifold as Float32Array]) {
      const centre = (group: number, axis: number): number => {
        const own = truth.flatMap((g, row) => (g === group ? [plane[2 * row + axis] as number] : []));
        return own.reduce((sum, x) => sum + x, 0) / own.length;
      };
      const nearest = truth.map((_, row) => {
        const distances = [0, 1, 2].map((group) =>
          Math.hypot(...[0, 1].map((axis) => (plane[2 * row + axis] as number) - centre(group, axis))),
        );
        return distances.indexOf(Math.min(...distances));
      });
      const right = truth.filter((group, row) => group !== -1 && nearest[row] === group).length;
      expect(right / 150).toBeGreaterThan(0.9);
    }
  });

  test('flags the strays', () => {
    expect(map.outlier.slice(-2)).toEqual([true, true]);
  });

  test('is the same for the same rows and seed, and does not depend on the units of the columns', () => {
    expect(drawLandscape(points, 1)).toEqual(map);
    const told = points.values.map((x, at) => (at % WIDTH === 2 ? 1000 * x + 5 : x));
    const other = drawLandscape({ values: told, width: WIDTH }, 1);
    map.principal.forEach((x, at) => expect(other.principal[at]).toBeCloseTo(x, 2));
  });

  test('bears few rows and columns that never change, and says when there is nothing to map', () => {
    const three = { values: Float32Array.from([1, 7, 2, 7, 4, 7]), width: 2 };
    const small = drawLandscape(three, 1);
    expect(small.manifold).toBeNull();
    expect(small.explained[0]).toBeCloseTo(1);
    expect(() => drawLandscape({ values: new Float32Array(4), width: 2 }, 1)).toThrow(/at least 3/);
    expect(() => drawLandscape({ values: new Float32Array(8), width: 2 }, 1)).toThrow(/nothing to map/);
  });
});
