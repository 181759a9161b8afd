import { density, distribution } from './normal.ts';

/** A prediction as a normal distribution; mean and sigma in one unit. */
export interface Belief {
  readonly mean: number;
  readonly sigma: number;
}

/**
 * Expected improvement below a limit, E[max(0, limit - y)], in the unit of the belief (Jones, Schonlau and Welch 1998).
 */
export function expectedImprovementBelow({ mean, sigma }: Belief, limit: number): number {
  if (sigma <= 0) return Math.max(0, limit - mean);
  const z = (limit - mean) / sigma;
  return sigma * (z * distribution(z) + density(z));
}

/**
 * What a candidate is worth to a hull: the probability that it lies within the objective's tolerance of the hull or
 * below it, plus the expected improvement below that limit in eV/atom. The probability finds phases where many lie
 * close together; while the hull is still high and all are sure to lie below it, the improvement tells them apart.
 */
export function hullWorth(belief: Belief, limitEvPerAtom: number): number {
  return (
    probabilityInside([belief], [{ min: -Infinity, max: limitEvPerAtom }]) +
    expectedImprovementBelow(belief, limitEvPerAtom)
  );
}

/** Probability that every property lies in its window; properties count as independent. */
export function probabilityInside(
  beliefs: readonly Belief[],
  windows: readonly { readonly min: number; readonly max: number }[],
): number {
  return beliefs.reduce((product, { mean, sigma }, index) => {
    const window = windows[index];
    if (!window) throw new RangeError(`${beliefs.length} beliefs, but only ${windows.length} windows`);
    const below = (limit: number) =>
      sigma > 0 ? distribution((limit - mean) / sigma) : Number(mean <= limit);
    const above = window.min === -Infinity ? 0 : below(window.min);
    const within = (window.max === Infinity ? 1 : below(window.max)) - above;
    return product * Math.max(0, within);
  }, 1);
}
