/** Arithmetic of fractional coordinates, which live on the flat torus [0, 1)³. */

/** The representative of x in [0, 1). */
export function wrap(x: number): number {
  const wrapped = x - Math.floor(x);
  return wrapped === 1 ? 0 : wrapped;
}

/** The shortest signed way from 0 to x around the unit circle, in [-1/2, 1/2]. */
export function shortest(x: number): number {
  return x - Math.round(x);
}

/**
 * Assigns each of n rows one column of a square cost matrix (flat, row-major) at the least total cost.
 * Returns the column of each row. Shortest augmenting paths, O(n³) (Jonker and Volgenant, Computing 38, 325, 1987).
 */
export function assign(cost: Float64Array, n: number): Int32Array {
  const rowPotential = new Float64Array(n + 1);
  const columnPotential = new Float64Array(n + 1);
  const rowOfColumn = new Int32Array(n + 1);
  const previous = new Int32Array(n + 1);
  for (let row = 1; row <= n; row++) {
    const slack = new Float64Array(n + 1).fill(Infinity);
    const visited = new Uint8Array(n + 1);
    rowOfColumn[0] = row;
    let column = 0;
    do {
      visited[column] = 1;
      const current = rowOfColumn[column] as number;
      let least = Infinity;
      let next = 0;
      for (let j = 1; j <= n; j++) {
        if (visited[j]) continue;
        const reduced =
          (cost[(current - 1) * n + j - 1] as number) -
          (rowPotential[current] as number) -
          (columnPotential[j] as number);
        if (reduced < (slack[j] as number)) {
          slack[j] = reduced;
          previous[j] = column;
        }
        if ((slack[j] as number) < least) {
          least = slack[j] as number;
          next = j;
        }
      }
      for (let j = 0; j <= n; j++) {
        if (visited[j]) {
          (rowPotential[rowOfColumn[j] as number] as number) += least;
          (columnPotential[j] as number) -= least;
        } else {
          (slack[j] as number) -= least;
        }
      }
      column = next;
    } while (rowOfColumn[column] !== 0);
    while (column !== 0) {
      const before = previous[column] as number;
      rowOfColumn[column] = rowOfColumn[before] as number;
      column = before;
    }
  }
  const columnOfRow = new Int32Array(n);
  for (let j = 1; j <= n; j++) columnOfRow[(rowOfColumn[j] as number) - 1] = j - 1;
  return columnOfRow;
}

/** How the atoms of a crystal are matched to as many points on the torus. */
export interface Alignment {
  /** For each point, the atom that it travels to. */
  readonly atomOfPoint: Int32Array;
  /** Shortest way from each point to its atom, flat 3·n, its mean over the atoms removed. */
  readonly displacement: Float64Array;
}

/**
 * Matches points to atoms, up to relabelling and rigid translation of the crystal, so that the paths between them are
 * short: flows learned on such pairs are straighter and need fewer steps (equivariant optimal transport, Klein et al.,
 * NeurIPS 2023). `translations` (flat, 3 each) are tried in turn; the mean displacement is removed because a rigid
 * translation is the same crystal.
 */
export function align(
  points: ArrayLike<number>,
  atoms: ArrayLike<number>,
  translations: ArrayLike<number>,
): Alignment {
  const n = points.length / 3;
  const cost = new Float64Array(n * n);
  let best: Alignment | undefined;
  let bestLength = Infinity;
  for (let s = 0; s + 2 < translations.length; s += 3) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let squared = 0;
        for (let axis = 0; axis < 3; axis++) {
          squared +=
            shortest(
              (atoms[3 * j + axis] as number) +
                (translations[s + axis] as number) -
                (points[3 * i + axis] as number),
            ) ** 2;
        }
        cost[i * n + j] = squared;
      }
    }
    const atomOfPoint = assign(cost, n);
    const displacement = new Float64Array(3 * n);
    for (let axis = 0; axis < 3; axis++) {
      let mean = 0;
      for (let i = 0; i < n; i++) {
        const way = shortest(
          (atoms[3 * (atomOfPoint[i] as number) + axis] as number) +
            (translations[s + axis] as number) -
            (points[3 * i + axis] as number),
        );
        displacement[3 * i + axis] = way;
        mean += way / n;
      }
      for (let i = 0; i < n; i++) (displacement[3 * i + axis] as number) -= mean;
    }
    const length = displacement.reduce((sum, d) => sum + d * d, 0);
    if (length < bestLength) {
      bestLength = length;
      best = { atomOfPoint, displacement };
    }
  }
  if (best === undefined) throw new RangeError('align needs at least one translation to try');
  return best;
}
