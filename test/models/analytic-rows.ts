import { makeCrystal } from '../../src/crystal/crystal.ts';
import type { Crystal } from '../../src/crystal/crystal.ts';
import { neighboursWithin } from '../../src/crystal/geometry/neighbours.ts';
import { random } from '../../src/crystal/random.ts';
import type { Random } from '../../src/crystal/random.ts';
import type { TrainingRow } from '../../src/models/service.ts';

const ELEMENTS = [13, 22, 28, 29, 47];

/** A random skewed cell of one to four atoms, about 15 Å³ each. */
export function randomCrystal(source: Random): Crystal {
  const atoms = 1 + source.integer(4);
  const edge = Math.cbrt(15 * atoms) * (0.95 + 0.1 * source.uniform());
  const latticeAngstrom = [1, 0, 0, 0, 1, 0, 0, 0, 1].map(
    (x) => edge * (x + 0.15 * (source.uniform() - 0.5)),
  );
  return makeCrystal({
    latticeAngstrom,
    fractionalCoordinates: Array.from({ length: 3 * atoms }, () => source.uniform()),
    atomicNumbers: Array.from({ length: atoms }, () => source.pick(ELEMENTS)),
  });
}

/** Energy per atom of a soft pair potential whose depth hangs on both elements: smooth, cheap, exactly known. */
export function pairEnergyEvPerAtom(crystal: Crystal): number {
  const { centre, neighbour, distanceAngstrom } = neighboursWithin(crystal, 5);
  const strength = (atom: number): number => ELEMENTS.indexOf(crystal.atomicNumbers[atom] as number) - 2;
  let energy = 0;
  distanceAngstrom.forEach((distance, pair) => {
    const [i, j] = [centre[pair] as number, neighbour[pair] as number];
    energy += (0.2 + 0.1 * strength(i) * strength(j)) * Math.exp(-distance) * (1 - distance / 5) ** 2;
  });
  return (10 * energy) / crystal.atomicNumbers.length;
}

/** Random crystals with their pair energies, each its own group. */
export function analyticRows(count: number, seed: number): TrainingRow[] {
  const source = random(seed, 'analytic rows');
  return Array.from({ length: count }, (_, index) => {
    const crystal = randomCrystal(source);
    return { crystal, values: [pairEnergyEvPerAtom(crystal)], group: `group ${index}` };
  });
}
