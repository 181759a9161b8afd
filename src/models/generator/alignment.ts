import { assign } from '../../crystal/geometry/assignment.ts';
import { shortest } from '../../crystal/geometry/torus.ts';

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
