import type { Composition } from '../chemistry/composition.ts';
import type { Crystal } from '../crystal.ts';
import type { Random } from '../random.ts';
import type { ProposalOptions } from './proposal-options.ts';
import { holdsComposition, randomCrystal } from './random-crystal.ts';

const SPACE_GROUPS = 230;
/** Compositions and groups given up in a row before the space counts as one that holds nothing. */
const FRUITLESS_DRAWS = 2000;

/**
 * Random crystals with symmetry, after AIRSS (Pickard and Needs, J. Phys.: Condens. Matter 23, 053201 (2011)) and
 * PyXtal (Fredericks et al., Comput. Phys. Commun. 261, 107810 (2021)): the number of atoms in the primitive cell, the
 * number of elements, the elements and their counts are drawn uniformly, then a space group uniformly among all that
 * hold the composition, then a crystal. Crystals whose atoms find no room are drawn anew, composition and all.
 * Throws a RangeError for a space that holds no composition, and an Error when its atoms find no room.
 */
export function* randomCrystals(options: ProposalOptions): Generator<Crystal> {
  const { allowedAtomicNumbers, minAtoms, maxAtoms, minElements, random } = options;
  const mostElements = Math.min(options.maxElements, allowedAtomicNumbers.length, maxAtoms);
  if (mostElements < minElements || maxAtoms < minAtoms) {
    throw new RangeError(
      `no composition has ${minAtoms} to ${maxAtoms} atoms and ${minElements} to ${mostElements} elements: widen the space`,
    );
  }
  for (let made = 0, fruitless = 0; made < options.count;) {
    if (fruitless++ === FRUITLESS_DRAWS) {
      throw new Error(
        `${FRUITLESS_DRAWS} random crystals in a row had atoms too close: allow other elements, or other sizes`,
      );
    }
    const elements = minElements + random.integer(mostElements - minElements + 1);
    const least = Math.max(minAtoms, elements);
    const atoms = least + random.integer(maxAtoms - least + 1);
    const chosen = random.shuffle(allowedAtomicNumbers).slice(0, elements);
    const composition = drawComposition(chosen, atoms, random);
    const spaceGroup = drawSpaceGroup(composition, random);
    const crystal = randomCrystal({ composition, spaceGroup, random, attempts: 20 });
    if (crystal === null) continue;
    fruitless = 0;
    made++;
    yield crystal;
  }
}

/** Uniform among all ways to share the atoms out so that each element gets one at least. */
function drawComposition(elements: readonly number[], atoms: number, random: Random): Composition {
  const cuts = random
    .shuffle(Array.from({ length: atoms - 1 }, (_, i) => i + 1))
    .slice(0, elements.length - 1)
    .sort((l, r) => l - r);
  const ends = [0, ...cuts, atoms];
  return new Map(elements.map((z, i) => [z, (ends[i + 1] as number) - (ends[i] as number)]));
}

/** Group 1 holds everything, so this ends. */
function drawSpaceGroup(composition: Composition, random: Random): number {
  for (;;) {
    const spaceGroup = 1 + random.integer(SPACE_GROUPS);
    if (holdsComposition(spaceGroup, composition)) return spaceGroup;
  }
}
