import { elementOf } from '../chemistry/elements.ts';
import { type Composition, formulaOf } from '../chemistry/composition.ts';
import { type Crystal, makeCrystal } from '../crystal.ts';
import { closestPair } from '../geometry/closest-pair.ts';
import { determinant, latticeFromParameters, multiplyRows } from '../geometry/lattice.ts';
import { neighboursWithin } from '../geometry/neighbours.ts';
import type { Random } from '../random.ts';
import type { CrystalSystem } from '../symmetry/space-group.ts';
import { cellOfFree, type Orbit, orbitPoints, orbitTable } from './wyckoff-crystal.ts';

export interface RandomCrystalOptions {
  /** Atomic number → atoms in the primitive cell. */
  readonly composition: Composition;
  /** 1 to 230. */
  readonly spaceGroup: number;
  readonly random: Random;
  /** Least distance of two atoms, as a share of the sum of their radii. Default 0.75. */
  readonly leastDistanceOverRadii?: number;
  /** Choices of positions and cell tried. Default 50. */
  readonly attempts?: number;
}

/** Of the sum of the pure elements' volumes: 90 % of the binaries and ternaries of MP-20's parts lie in this range. */
const VOLUME_RANGE = [0.6, 1.1] as const;
/** Of one conventional axis to another, and angles where the crystal system leaves them free. */
const AXIS_RATIO_RANGE = [0.4, 2.5] as const;
const ANGLE_RANGE_DEGREE = [60, 120] as const;
/** For one orbit, before the whole attempt is given up. */
const PLACES_TRIED = 10;
/** Where the tables have none. */
const DEFAULT_RADIUS_ANGSTROM = 1.5;

/**
 * A crystal that has at least the symmetry asked for and exactly the composition: Wyckoff positions drawn uniformly
 * among all ways to place the atoms, a cell shape, a volume, then orbit by orbit free coordinates that keep the distances.
 * Null when no attempt kept the distances. Throws a RangeError when no positions of the group hold the composition.
 */
export function randomCrystal(options: RandomCrystalOptions): Crystal | null {
  const { composition, spaceGroup, random, leastDistanceOverRadii = 0.75, attempts = 50 } = options;
  const elements = [...composition.keys()];
  const placements = new Placements(orbitTable(spaceGroup).orbits, [...composition.values()]);
  if (placements.count === 0) {
    throw new RangeError(
      `no Wyckoff positions of space group ${spaceGroup} hold ${formulaOf(composition)} in a primitive cell: ` +
        `ask for other counts, or another group (1 holds everything)`,
    );
  }
  const pureVolume = [...composition].reduce((sum, [z, count]) => sum + count * volumeOf(z), 0);
  for (let attempt = 0; attempt < attempts; attempt++) {
    const latticeAngstrom = drawLattice(spaceGroup, pureVolume * between(VOLUME_RANGE, random), random);
    let crystal: Crystal | null = null;
    for (const { orbit, group } of placements.draw(random)) {
      const atomicNumber = elements[group] as number;
      crystal = addOrbit(crystal, { orbit, atomicNumber, latticeAngstrom }, leastDistanceOverRadii, random);
      if (crystal === null) break;
    }
    if (crystal !== null) return crystal;
  }
  return null;
}

/** The crystal with one more orbit, at free coordinates drawn until they keep the distances; null when none did. */
function addOrbit(
  crystal: Crystal | null,
  added: {
    readonly orbit: Orbit;
    readonly atomicNumber: number;
    readonly latticeAngstrom: readonly number[];
  },
  leastOverRadii: number,
  random: Random,
): Crystal | null {
  const { orbit, atomicNumber, latticeAngstrom } = added;
  const atomicNumbers = [
    ...(crystal?.atomicNumbers ?? []),
    ...new Array<number>(orbit.points).fill(atomicNumber),
  ];
  const draws = orbit.freeAxes.length === 0 ? 1 : PLACES_TRIED;
  for (let draw = 0; draw < draws; draw++) {
    const points = orbitPoints(
      orbit,
      orbit.freeAxes.map(() => random.uniform()),
    );
    const grown = makeCrystal({
      latticeAngstrom,
      fractionalCoordinates: [...(crystal?.fractionalCoordinates ?? []), ...points],
      atomicNumbers,
    });
    if (keepsDistances(grown, leastOverRadii)) return grown;
  }
  return null;
}

/** Whether the space group has Wyckoff positions that hold the composition in a primitive cell. */
export function holdsComposition(spaceGroup: number, composition: Composition): boolean {
  return new Placements(orbitTable(spaceGroup).orbits, [...composition.values()]).count > 0;
}

/** Rows of a primitive cell with this volume (Å³), Å. */
function drawLattice(spaceGroup: number, volume: number, random: Random): number[] {
  const { crystalSystem, primitiveRows } = orbitTable(spaceGroup);
  const cell = cellOfFree(crystalSystem, drawCell(crystalSystem, random));
  const lattice = multiplyRows(primitiveRows, latticeFromParameters(cell));
  const scale = Math.cbrt(volume / Math.abs(determinant(lattice)));
  return lattice.map((x) => x * scale);
}

/** Free parameters of a conventional cell, as `WyckoffCrystal.cell` has them. */
function drawCell(system: CrystalSystem, random: Random): number[] {
  const ratio = (): number =>
    Math.exp(between([Math.log(AXIS_RATIO_RANGE[0]), Math.log(AXIS_RATIO_RANGE[1])], random));
  const angle = (): number => between(ANGLE_RANGE_DEGREE, random);
  switch (system) {
    case 'triclinic':
      for (;;) {
        const [alpha, beta, gamma] = [angle(), angle(), angle()];
        // Angles that close no cell, or hardly one.
        if (
          alpha + beta + gamma < 350 &&
          alpha < beta + gamma - 10 &&
          beta < alpha + gamma - 10 &&
          gamma < alpha + beta - 10
        ) {
          return [ratio(), ratio(), alpha, beta, gamma];
        }
      }
    case 'monoclinic':
      return [ratio(), ratio(), angle()];
    case 'orthorhombic':
      return [ratio(), ratio()];
    case 'tetragonal':
    case 'trigonal':
    case 'hexagonal':
      return [ratio()];
    case 'cubic':
      return [];
  }
}

/** All ways to place given numbers of atoms on orbits: one without free coordinates holds one element, once. */
class Placements {
  readonly count: number;
  readonly #orbits: readonly Orbit[];
  readonly #numbers: readonly number[];
  /** Bit of each orbit without free coordinates; 0 for the others. */
  readonly #bits: readonly number[];
  readonly #counts = new Map<string, number>();

  constructor(orbits: readonly Orbit[], numbers: readonly number[]) {
    this.#orbits = orbits;
    this.#numbers = numbers;
    let bit = 1;
    this.#bits = orbits.map(({ freeAxes }) => {
      if (freeAxes.length > 0) return 0;
      const own = bit;
      bit *= 2;
      return own;
    });
    this.count = this.#countFrom(0, numbers[0] ?? 0, 0, 0);
  }

  /** Uniformly among all; `group` is the index of the number that the orbit belongs to. */
  draw(random: Random): { orbit: Orbit; group: number }[] {
    const chosen: { orbit: Orbit; group: number }[] = [];
    let used = 0;
    for (let group = 0; group < this.#numbers.length; group++) {
      let left = this.#numbers[group] as number;
      let from = 0;
      while (left > 0) {
        let target = random.uniform() * this.#countFrom(group, left, from, used);
        for (const [index, ways] of this.#choices({ group, left, from, used })) {
          target -= ways;
          if (target >= 0) continue;
          const orbit = this.#orbits[index] as Orbit;
          chosen.push({ orbit, group });
          left -= orbit.points;
          from = index;
          used += this.#bits[index] as number;
          break;
        }
      }
    }
    return chosen;
  }

  /** Ways to place what is left of a group and all later ones, its orbits in order from one on. */
  #countFrom(group: number, left: number, from: number, used: number): number {
    if (left === 0) {
      if (group + 1 === this.#numbers.length) return 1;
      return this.#countFrom(group + 1, this.#numbers[group + 1] as number, 0, used);
    }
    const key = `${group} ${left} ${from} ${used}`;
    const known = this.#counts.get(key);
    if (known !== undefined) return known;
    let count = 0;
    for (const [, ways] of this.#choices({ group, left, from, used })) count += ways;
    this.#counts.set(key, count);
    return count;
  }

  *#choices(at: { group: number; left: number; from: number; used: number }): Generator<[number, number]> {
    const { group, left, from, used } = at;
    for (let index = from; index < this.#orbits.length; index++) {
      const { points } = this.#orbits[index] as Orbit;
      const bit = this.#bits[index] as number;
      if (points > left || (bit & used) !== 0) continue;
      const ways = this.#countFrom(group, left - points, index, used + bit);
      if (ways > 0) yield [index, ways];
    }
  }
}

function keepsDistances(crystal: Crystal, leastOverRadii: number): boolean {
  const radii = crystal.atomicNumbers.map((z) => leastOverRadii * radiusOf(z));
  if (closestPair(crystal).distanceAngstrom < 2 * Math.min(...radii)) return false;
  const { centre, neighbour, distanceAngstrom } = neighboursWithin(crystal, 2 * Math.max(...radii));
  return distanceAngstrom.every(
    (d, p) => d >= (radii[centre[p] as number] as number) + (radii[neighbour[p] as number] as number),
  );
}

function radiusOf(z: number): number {
  return elementOf(z).radiusAngstrom ?? DEFAULT_RADIUS_ANGSTROM;
}

/** Of the pure element; where the tables have none, that of close-packed spheres. */
function volumeOf(z: number): number {
  return elementOf(z).volumeAngstrom3 ?? 4 * Math.SQRT2 * radiusOf(z) ** 3;
}

function between([least, most]: readonly [number, number], random: Random): number {
  return least + (most - least) * random.uniform();
}
