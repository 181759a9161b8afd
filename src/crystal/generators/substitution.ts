import { type Crystal, makeCrystal, scaleToVolume } from '../crystal.ts';
import { elementOf } from '../chemistry/elements.ts';
import type { Prototype } from './prototypes.ts';
import type { Random } from '../random.ts';

export interface SubstitutionOptions {
  readonly prototypes: readonly Prototype[];
  readonly allowedAtomicNumbers: readonly number[];
  readonly minAtoms: number;
  readonly maxAtoms: number;
  readonly minElements: number;
  readonly maxElements: number;
  readonly count: number;
  readonly random: Random;
}

export interface Substituted {
  readonly crystal: Crystal;
  readonly prototype: string;
}

/**
 * Crystals of known structure types with other elements on their sites: the type drawn by the square root of how
 * often it occurs (half of all finds are one type), the elements uniformly, each on one label. The cell gets the sum of the pure
 * elements' volumes (Vegard). Repeats may occur: `identity` finds them. Throws a RangeError when no prototype fits.
 */
export function* substitute(options: SubstitutionOptions): Generator<Substituted> {
  const { allowedAtomicNumbers, minAtoms, maxAtoms, minElements, maxElements, random } = options;
  const most = Math.min(maxElements, allowedAtomicNumbers.length);
  const fitting = options.prototypes.filter(({ labels }) => {
    const elements = new Set(labels).size;
    return (
      labels.length >= minAtoms && labels.length <= maxAtoms && elements >= minElements && elements <= most
    );
  });
  if (fitting.length === 0) {
    throw new RangeError(
      `no prototype has ${minAtoms} to ${maxAtoms} atoms and ${minElements} to ${most} elements: widen the space`,
    );
  }
  const draw = weightedDraw(fitting.map((prototype) => Math.sqrt(prototype.weight)));
  for (let i = 0; i < options.count; i++) {
    const prototype = fitting[draw(random.uniform())] as Prototype;
    const species = random.shuffle(allowedAtomicNumbers);
    yield { crystal: occupy(prototype, species), prototype: prototype.name };
  }
}

/** The prototype with species[label] on each site, at Vegard's volume. Throws a RangeError for an untabulated volume. */
export function occupy(prototype: Prototype, species: readonly number[]): Crystal {
  const atomicNumbers = prototype.labels.map((label) => species[label] as number);
  const volume = atomicNumbers.reduce((sum, z) => {
    const { volumeAngstrom3, symbol } = elementOf(z);
    if (volumeAngstrom3 === null)
      throw new RangeError(`no volume is tabulated for ${symbol}: leave it out of the space`);
    return sum + volumeAngstrom3;
  }, 0);
  const { lattice, fractionalCoordinates } = prototype;
  return scaleToVolume(
    makeCrystal({ latticeAngstrom: lattice, fractionalCoordinates, atomicNumbers }),
    volume,
  );
}

/** A function from [0, 1) to an index, each with a chance proportional to its weight. */
function weightedDraw(weights: readonly number[]): (uniform: number) => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (uniform) => {
    let left = uniform * total;
    return Math.max(
      0,
      weights.findIndex((weight) => (left -= weight) < 0),
    );
  };
}
