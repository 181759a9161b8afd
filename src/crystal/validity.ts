import { type Crystal, densityGramPerCm3, volumeAngstrom3 } from './crystal.ts';
import { elementOf } from './chemistry/elements.ts';
import { minimumDistanceAngstrom, neighboursWithin } from './geometry/neighbours.ts';

export interface ValidityCheck {
  /** What was checked, with its unit. */
  readonly name:
    'shortestDistanceAngstrom' | 'shortestDistanceOverRadii' | 'volumePerAtomAngstrom3' | 'densityGramPerCm3';
  /** Allowed range, both ends included; null: no upper end. */
  readonly threshold: { readonly least: number; readonly most: number | null };
  readonly value: number;
  readonly passed: boolean;
}

const THRESHOLDS: Readonly<Record<ValidityCheck['name'], ValidityCheck['threshold']>> = {
  // The rule of CDVAE (Xie et al., ICLR 2022) for structural validity.
  shortestDistanceAngstrom: { least: 0.5, most: null },
  // Of the sum of the two atomic radii.
  shortestDistanceOverRadii: { least: 0.5, most: null },
  volumePerAtomAngstrom3: { least: 2, most: 250 },
  densityGramPerCm3: { least: 0.05, most: 30 },
};

/** Cheap physical checks, before anything is spent on a crystal. */
export function checkValidity(crystal: Crystal): ValidityCheck[] {
  const { absolute, overRadii } = shortestDistances(crystal);
  const values: Readonly<Record<ValidityCheck['name'], number>> = {
    shortestDistanceAngstrom: absolute,
    shortestDistanceOverRadii: overRadii,
    volumePerAtomAngstrom3: volumeAngstrom3(crystal) / crystal.atomicNumbers.length,
    densityGramPerCm3: densityGramPerCm3(crystal),
  };
  return (Object.keys(THRESHOLDS) as ValidityCheck['name'][]).map((name) => {
    const threshold = THRESHOLDS[name];
    const value = values[name];
    return {
      name,
      threshold,
      value,
      passed: value >= threshold.least && value <= (threshold.most ?? Infinity),
    };
  });
}

export function isValid(crystal: Crystal): boolean {
  return checkValidity(crystal).every((check) => check.passed);
}

/** Å, and as a share of the sum of the two atoms' radii; elements without a tabulated radius count as 1.5 Å. */
function shortestDistances(crystal: Crystal): { absolute: number; overRadii: number } {
  const radii = crystal.atomicNumbers.map((z) => elementOf(z).radiusAngstrom ?? 1.5);
  const shortest = minimumDistanceAngstrom(crystal);
  // Beyond the sum of the largest radii the ratio is above 1, and that passes anyway.
  const cutoff = Math.max(2 * Math.max(...radii), 1.001 * shortest);
  const { centre, neighbour, distanceAngstrom } = neighboursWithin(crystal, cutoff);
  const overRadii = distanceAngstrom.reduce((least, distance, p) => {
    const sum = (radii[centre[p] as number] as number) + (radii[neighbour[p] as number] as number);
    return Math.min(least, distance / sum);
  }, Infinity);
  return { absolute: shortest, overRadii };
}
