import { elementCounts, reduceComposition } from './chemistry/composition.ts';
import { elementOf, isMetal, symbolOf } from './chemistry/elements.ts';
import { guessOxidationStates } from './chemistry/oxidation-states.ts';
import { type Crystal, densityGramPerCm3, volumeAngstrom3 } from './crystal.ts';
import { cutoffHolding } from './geometry/closest-pair.ts';
import { searchPairs } from './geometry/pair-search.ts';

export interface ValidityCheck {
  /** What was checked, with its unit. */
  readonly name: keyof typeof RULES;
  /** Allowed range, both ends included; null: no upper end. */
  readonly threshold: { readonly least: number; readonly most: number | null };
  readonly value: number;
  readonly passed: boolean;
  /** The two atoms that the value is of (the same twice: an atom and its own image); null: it is of the whole cell. */
  readonly atoms: readonly [number, number] | null;
}

interface Rule {
  readonly threshold: ValidityCheck['threshold'];
  readonly words: string;
  readonly unit: string;
  readonly remedy: string;
}

/** What is allowed. mp_20_biternary: the 14,258 binary and ternary crystals of the Materials Project's MP-20. */
const RULES = {
  // The rule of CDVAE (Xie et al., ICLR 2022) for structural validity; no bond is shorter than H₂'s 0.74 Å, and that is
  // the least in mp_20_biternary.
  shortestDistanceAngstrom: {
    threshold: { least: 0.5, most: null },
    words: 'shortest distance',
    unit: ' Å',
    remedy: 'move the atoms apart, remove one that lies on another, or check that lengths are in Å',
  },
  // Atomic radii of Slater, J. Chem. Phys. 41, 3199 (1964), whose sums give bond lengths to 0.12 Å on average. The least
  // in mp_20_biternary is 0.64.
  shortestDistanceOverRadii: {
    threshold: { least: 0.5, most: null },
    words: 'shortest distance over the sum of the atomic radii',
    unit: '',
    remedy: 'move the atoms apart or give the cell more volume',
  },
  // Around the 5.8 to 202 Å³ of mp_20_biternary; diamond has 5.7, solid caesium 117.
  volumePerAtomAngstrom3: {
    threshold: { least: 2, most: 250 },
    words: 'volume per atom',
    unit: ' Å³',
    remedy: 'scale the cell to the volume of its elements, or check that lengths are in Å',
  },
  // Solid hydrogen has 0.09 and osmium, the densest of all, 22.6 g/cm³; mp_20_biternary 0.22 to 22.0.
  densityGramPerCm3: {
    threshold: { least: 0.05, most: 30 },
    words: 'density',
    unit: ' g/cm³',
    remedy: 'scale the cell to the volume of its elements, or check that lengths are in Å',
  },
  neutralAssignments: {
    threshold: { least: 1, most: null },
    words: 'ways found to give the atoms known oxidation states without a net charge',
    unit: '',
    remedy:
      'change the composition so that charges can balance, or leave this check out for what is not ionic',
  },
} satisfies Record<string, Rule>;

/** Cheap physical checks of the geometry, before anything is spent on a crystal. Atoms on one site fail, never throw. */
export function checkValidity(crystal: Crystal): ValidityCheck[] {
  const { nearest, relative } = closest(crystal);
  return [
    checked('shortestDistanceAngstrom', nearest.value, nearest.atoms),
    checked('shortestDistanceOverRadii', relative.value, relative.atoms),
    checked('volumePerAtomAngstrom3', volumeAngstrom3(crystal) / crystal.atomicNumbers.length),
    checked('densityGramPerCm3', densityGramPerCm3(crystal)),
  ];
}

export function isValid(crystal: Crystal): boolean {
  return checkValidity(crystal).every((check) => check.passed);
}

/**
 * Can the charges balance? Compositions of metals alone and pure elements pass, and so does every other composition to
 * which known oxidation states can be given (`guessOxidationStates`, which allows mixed valence). Where the crystal has
 * oxidation states, it is their sum that counts. Apart from `checkValidity`, because many real crystals are not ionic.
 */
export function checkCharge(crystal: Crystal): ValidityCheck {
  return checked('neutralAssignments', isBalanced(crystal) ? 1 : 0);
}

function isBalanced({ oxidationStates, ...crystal }: Crystal): boolean {
  const { chargeE = 0 } = crystal;
  if (oxidationStates) {
    return Math.abs(oxidationStates.reduce((sum, state) => sum + state, 0) - chargeE) < 1e-6;
  }
  if (crystal.atomicNumbers.every(isMetal)) return true;
  const counts = elementCounts(crystal);
  return guessOxidationStates(chargeE === 0 ? reduceComposition(counts) : counts, { chargeE }).length > 0;
}

/**
 * Structural validity as CDVAE and the generators after it report it (Xie et al., ICLR 2022): no two different atoms
 * nearer than 0.5 Å, images included, and a cell of 0.1 Å³ or more. An atom's own images do not count there.
 */
export function isStructurallyValid(crystal: Crystal): boolean {
  if (volumeAngstrom3(crystal) < 0.1) return false;
  const limit = RULES.shortestDistanceAngstrom.threshold.least;
  const pairs = searchPairs(crystal.latticeAngstrom, crystal.fractionalCoordinates, limit);
  for (let i = 0; i < crystal.atomicNumbers.length; i++) {
    for (let block = at(pairs.firstBlock, i); block < at(pairs.firstBlock, i + 1); block++) {
      if (at(pairs.blockNeighbour, block) === i) continue;
      for (let p = block === 0 ? 0 : at(pairs.blockEnd, block - 1); p < at(pairs.blockEnd, block); p++) {
        if (at(pairs.distanceAngstrom, p) < limit) return false;
      }
    }
  }
  return true;
}

/** One line for people: what was found and where, what is allowed, and for a failure what to do. */
export function describeCheck(
  { name, threshold, value, passed, atoms }: ValidityCheck,
  crystal: Crystal,
): string {
  const { words, unit, remedy }: Rule = RULES[name];
  const { least, most } = threshold;
  const allowed = most === null ? `at least ${least}${unit}` : `${least} to ${most}${unit}`;
  const found = `${words} ${Number(value.toPrecision(3))}${unit}${atoms ? ` between ${atomsText(atoms, crystal)}` : ''}`;
  return `${found}, allowed ${allowed}${passed ? '' : `: ${remedy}`}`;
}

function atomsText([first, second]: readonly [number, number], { atomicNumbers }: Crystal): string {
  const name = (atom: number): string => `${atom} (${symbolOf(at(atomicNumbers, atom))})`;
  return first === second
    ? `atom ${name(first)} and its own image`
    : `atoms ${name(first)} and ${name(second)}`;
}

function checked(
  name: ValidityCheck['name'],
  value: number,
  atoms: ValidityCheck['atoms'] = null,
): ValidityCheck {
  const { threshold }: Rule = RULES[name];
  const passed = value >= threshold.least && value <= (threshold.most ?? Infinity);
  return { name, threshold, value, passed, atoms };
}

/** Elements without a tabulated radius, Å. */
const USUAL_RADIUS_ANGSTROM = 1.5;

type Nine = readonly [number, number, number, number, number, number, number, number, number];

interface Found {
  readonly value: number;
  readonly atoms: readonly [number, number];
}

/** The shortest distance, Å, and the shortest as a share of the sum of the two atoms' radii. */
function closest(crystal: Crystal): { nearest: Found; relative: Found } {
  const radii = Float64Array.from(
    crystal.atomicNumbers,
    (z) => elementOf(z).radiusAngstrom ?? USUAL_RADIUS_ANGSTROM,
  );
  const largest = 2 * radii.reduce((most, radius) => Math.max(most, radius), 0);
  // An image at the end of a lattice vector is found at the latest there: a crushed cell has few pairs to look at.
  const [ax, ay, az, bx, by, bz, cx, cy, cz] = crystal.latticeAngstrom as Nine;
  const shortestVector = Math.min(Math.hypot(ax, ay, az), Math.hypot(bx, by, bz), Math.hypot(cx, cy, cz));
  for (let cutoff = Math.min(cutoffHolding(crystal, 4), shortestVector); ;) {
    const found = closestWithin(crystal, radii, cutoff);
    // Beyond this no pair has a smaller share of its radii.
    const needed = found === null ? 1.25 * cutoff : found.relative.value * largest;
    if (found !== null && needed <= cutoff) return found;
    cutoff = needed;
  }
}

function closestWithin(
  { latticeAngstrom, fractionalCoordinates }: Crystal,
  radii: Float64Array,
  cutoffAngstrom: number,
): { nearest: Found; relative: Found } | null {
  const pairs = searchPairs(latticeAngstrom, fractionalCoordinates, cutoffAngstrom);
  const { count, firstBlock, blockNeighbour, blockEnd, distanceAngstrom } = pairs;
  if (count === 0) return null;
  let nearest: Found = { value: Infinity, atoms: [0, 0] };
  let relative = nearest;
  for (let i = 0, p = 0; i < radii.length; i++) {
    for (let block = at(firstBlock, i); block < at(firstBlock, i + 1); block++) {
      let shortest = Infinity;
      for (; p < at(blockEnd, block); p++) shortest = Math.min(shortest, at(distanceAngstrom, p));
      const j = at(blockNeighbour, block);
      const share = shortest / (at(radii, i) + at(radii, j));
      if (shortest < nearest.value) nearest = { value: shortest, atoms: [i, j] };
      if (share < relative.value) relative = { value: share, atoms: [i, j] };
    }
  }
  return { nearest, relative };
}

/** An element whose index is known to be in range. */
function at(array: ArrayLike<number>, index: number): number {
  return array[index] as number;
}
