import type { Crystal } from '../../../src/crystal/crystal.ts';
import { cellParameters, determinant } from '../../../src/crystal/geometry/lattice.ts';
import { shortest } from '../../../src/crystal/geometry/torus.ts';

/** What stays of a crystal in a format. */
export interface Kept {
  /** The rows of the lattice as they are; else lengths, angles and handedness only. */
  readonly orientation: boolean;
  readonly order: boolean;
  readonly charge: boolean;
  readonly oxidationStates: boolean;
  readonly moments: boolean;
}

/**
 * The largest difference between a crystal and what came back from a format (Å, degrees, fractions, elementary charges,
 * Bohr magnetons), of all that the format keeps; infinite where something is missing or another atom. A left-handed
 * cell may come back as -a, -b, -c with negated coordinates, which is the same crystal.
 */
export function differenceBetween(again: Crystal, crystal: Crystal, kept: Kept): number {
  const handedness = Math.sign(determinant(crystal.latticeAngstrom));
  const sign = Math.sign(determinant(again.latticeAngstrom)) === handedness ? 1 : -1;
  if (sign < 0 && handedness > 0) return Infinity;
  const order = [...crystal.atomicNumbers.keys()];
  // POSCAR groups the atoms by element.
  if (!kept.order) {
    const z = crystal.atomicNumbers as number[];
    order.sort((l, r) => (z[l] as number) - (z[r] as number) || l - r);
  }
  const fractional = crystal.fractionalCoordinates;
  const atOnce = crystal.magneticMomentsMuB?.length === crystal.atomicNumbers.length;
  return Math.max(
    kept.orientation
      ? largest(
          again.latticeAngstrom,
          crystal.latticeAngstrom.map((x) => sign * x),
        )
      : largest(parametersOf(again), parametersOf(crystal)),
    largest(
      again.atomicNumbers,
      order.map((i) => crystal.atomicNumbers[i] as number),
    ) === 0
      ? 0
      : Infinity,
    largest(
      again.fractionalCoordinates,
      order.flatMap((i) => fractional.slice(3 * i, 3 * i + 3)).map((x) => sign * x),
      shortest,
    ),
    kept.charge ? largest(optional(again.chargeE), optional(crystal.chargeE)) : 0,
    kept.oxidationStates ? largest(again.oxidationStates, crystal.oxidationStates) : 0,
    !kept.moments || (!kept.orientation && !atOnce)
      ? 0
      : largest(again.magneticMomentsMuB, crystal.magneticMomentsMuB),
  );
}

function parametersOf({ latticeAngstrom }: Crystal): number[] {
  const { lengthsAngstrom, anglesDegree } = cellParameters(latticeAngstrom);
  return [...lengthsAngstrom, ...anglesDegree];
}

function optional(number: number | undefined): number[] | undefined {
  return number === undefined ? undefined : [number];
}

function largest(
  l: readonly number[] | undefined,
  r: readonly number[] | undefined,
  shortened: (difference: number) => number = (x) => x,
): number {
  if (l === undefined || r === undefined) return l === r ? 0 : Infinity;
  if (l.length !== r.length) return Infinity;
  return l.reduce((most, x, i) => Math.max(most, Math.abs(shortened(x - (r[i] as number)))), 0);
}
