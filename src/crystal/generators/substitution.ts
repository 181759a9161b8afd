import { type Crystal, makeCrystal, scaleToVolume } from '../crystal.ts';
import { elementOf } from '../chemistry/elements.ts';
import type { ProposalOptions } from './proposal-options.ts';
import { type Prototype, unitCell } from './prototype.ts';
import { learnSubstitution } from './substitution-model.ts';

export interface SubstitutionOptions extends ProposalOptions {
  /** Also what the substitution probabilities and the volumes are learned from. */
  readonly prototypes: readonly Prototype[];
  /** 1 (default): as learned; higher is flatter; Infinity: every element alike on every site. */
  readonly temperature?: number;
}

export interface Substituted {
  readonly crystal: Crystal;
  readonly prototype: string;
}

/** After so many draws in a row that brought nothing new, a space counts as exhausted. */
const FRUITLESS_DRAWS = 1000;

/**
 * Known crystals with other elements of the space on their sites. A known crystal is drawn by how well the space's
 * elements replace its own, times n^(-1/2) for a type with n known crystals (half of all finds are a few types); then
 * on each label an element by its chance to stand there, p(new | known)^(1/temperature). Volumes are the model's.
 * Each type and choice of elements comes once; fewer than `count` when there are no more. Throws a RangeError when no
 * prototype fits.
 */
export function* substitute(options: SubstitutionOptions): Generator<Substituted> {
  const { allowedAtomicNumbers, minAtoms, maxAtoms, minElements, maxElements, random } = options;
  const most = Math.min(maxElements, allowedAtomicNumbers.length);
  const fitting = options.prototypes.filter(
    ({ labels, labelCount }) =>
      labels.length >= minAtoms &&
      labels.length <= maxAtoms &&
      labelCount >= minElements &&
      labelCount <= most,
  );
  if (fitting.length === 0) {
    throw new RangeError(
      `no prototype has ${minAtoms} to ${maxAtoms} atoms and ${minElements} to ${most} elements: widen the space`,
    );
  }
  const model = learnSubstitution(options.prototypes);
  const replacements = new Map<number, Weights>();
  const replacementsOf = (known: number): Weights => {
    const weights =
      replacements.get(known) ??
      new Weights(
        allowedAtomicNumbers.map((z) => model.probability(known, z) ** (1 / (options.temperature ?? 1))),
      );
    replacements.set(known, weights);
    return weights;
  };
  const starts = fitting.flatMap((prototype, type) =>
    prototype.members.map(({ elements }) => ({ prototype, type, elements })),
  );
  const draw = new Weights(
    starts.map(({ prototype, elements }) =>
      elements.reduce((product, z) => product * replacementsOf(z).total, prototype.members.length ** -0.5),
    ),
  );

  const seen = new Set<string>();
  for (let fruitless = 0; seen.size < options.count && fruitless < FRUITLESS_DRAWS; fruitless++) {
    const { prototype, type, elements } = starts[draw.index(random.uniform())] as (typeof starts)[number];
    const species = elements.map(
      (z) => allowedAtomicNumbers[replacementsOf(z).index(random.uniform())] as number,
    );
    // An element on two labels would be another type.
    if (new Set(species).size < species.length) continue;
    const key = `${type} ${species.join()}`;
    if (seen.has(key)) continue;
    seen.add(key);
    fruitless = 0;
    const volume = prototype.labels.length * model.volumePerAtomAngstrom3(prototype, species);
    yield { crystal: occupy(prototype, species, volume), prototype: prototype.name };
  }
}

/**
 * The prototype with species[label] on each site, at the given volume of the cell (Å³), or at Vegard's: the sum of the
 * pure elements' volumes. Throws a RangeError for an untabulated volume.
 */
export function occupy(
  prototype: Prototype,
  species: readonly number[],
  cellVolumeAngstrom3: number = vegardVolumeAngstrom3(prototype, species),
): Crystal {
  const { lattice, fractionalCoordinates } = unitCell(prototype);
  const atomicNumbers = prototype.labels.map((label) => species[label] as number);
  return scaleToVolume(
    makeCrystal({ latticeAngstrom: lattice, fractionalCoordinates, atomicNumbers }),
    cellVolumeAngstrom3,
  );
}

function vegardVolumeAngstrom3({ labels }: Prototype, species: readonly number[]): number {
  return labels.reduce((sum, label) => {
    const { volumeAngstrom3, symbol } = elementOf(species[label] as number);
    if (volumeAngstrom3 === null)
      throw new RangeError(`no volume is tabulated for ${symbol}: leave it out of the space`);
    return sum + volumeAngstrom3;
  }, 0);
}

/** Draws indices with chances in proportion to weights. */
class Weights {
  readonly total: number;
  readonly #cumulative: Float64Array;

  constructor(weights: readonly number[]) {
    let total = 0;
    this.#cumulative = Float64Array.from(weights, (weight) => (total += weight));
    this.total = total;
  }

  /** From a uniform number in [0, 1). */
  index(uniform: number): number {
    const target = uniform * this.total;
    let low = 0;
    let high = this.#cumulative.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#cumulative[middle] as number) > target) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
