const NEIGHBOURS = 5;

/** Mean of the 5 nearest rows' values, weighted by inverse distance. Throws a RangeError without rows. */
export function fitNearestNeighbours(
  rows: readonly (readonly number[])[],
  values: readonly number[],
): { predict(row: readonly number[]): number } {
  if (rows.length === 0) throw new RangeError('nearest neighbours need at least one row');
  return {
    predict: (row) => {
      const nearest = rows
        .map((other, index) => ({
          index,
          distance: Math.hypot(...other.map((x, k) => x - (row[k] as number))),
        }))
        .sort((l, r) => l.distance - r.distance || l.index - r.index)
        .slice(0, NEIGHBOURS);
      let [sum, weights] = [0, 0];
      for (const { index, distance } of nearest) {
        const weight = 1 / (distance + 1e-6);
        sum += weight * (values[index] as number);
        weights += weight;
      }
      return sum / weights;
    },
  };
}
