import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Crystal, makeCrystal } from '../../src/crystal/crystal.ts';
import { neighboursWithin } from '../../src/crystal/geometry/neighbours.ts';
import { random } from '../../src/crystal/random.ts';
import { SHELL_FEATURES, type Sites, sitesOf } from '../../src/models/sites.ts';
import { randomCrystal } from './analytic-rows.ts';

const source = random('sites');
const crystals = Array.from({ length: 20 }, () => randomCrystal(source));

const RADII_ANGSTROM = new Map([
  [13, 1.25],
  [22, 1.4],
  [28, 1.35],
  [29, 1.35],
  [47, 1.6],
]);

/** Of one atom, [elements, SHELL_FEATURES], as the docstring says: neighbour by neighbour and centre by centre. */
function plainSums(crystal: Crystal, atom: number): Map<number, Float64Array> {
  const { atomicNumbers } = crystal;
  const sums = new Map(atomicNumbers.map((z) => [z, new Float64Array(SHELL_FEATURES)]));
  const { centre, neighbour, distanceAngstrom } = neighboursWithin(crystal, 8);
  distanceAngstrom.forEach((distance, p) => {
    if (centre[p] !== atom) return;
    const [own, other] = [atomicNumbers[atom]!, atomicNumbers[neighbour[p]!]!];
    const add = (first: number, length: number, [from, to, centres, weight]: number[]): void => {
      if (length >= to!) return;
      const position = Math.max(0, (Math.log(length / from!) / Math.log(to! / from!)) * (centres! - 1));
      for (let k = 0; k < centres!; k++) {
        sums.get(other)![first + k]! +=
          weight! * (1 - (length / to!) ** 2) ** 2 * Math.exp(-((position - k) ** 2));
      }
    };
    const bond = RADII_ANGSTROM.get(own)! + RADII_ANGSTROM.get(other)!;
    add(0, distance, [0.8, 8, 40, 1 / (1 + (distance / 2.5) ** 2)]);
    add(40, distance / bond, [0.5, 2.5, 24, 1]);
  });
  return sums;
}

/** Shells of one site, added up over the sites of each element. */
function byElement({ atomicNumbers, shells }: Sites, site: number): Map<number, Float64Array> {
  const sums = new Map(atomicNumbers.map((z) => [z, new Float64Array(SHELL_FEATURES)]));
  atomicNumbers.forEach((z, other) => {
    const at = (site * atomicNumbers.length + other) * SHELL_FEATURES;
    for (let k = 0; k < SHELL_FEATURES; k++) sums.get(z)![k]! += shells[at + k]!;
  });
  return sums;
}

function supercell({ latticeAngstrom, fractionalCoordinates, atomicNumbers }: Crystal): Crystal {
  return makeCrystal({
    latticeAngstrom: latticeAngstrom.map((x, k) => (k < 3 ? 2 * x : x)),
    fractionalCoordinates: [0, 0.5].flatMap((shift) =>
      fractionalCoordinates.map((x, k) => (k % 3 === 0 ? x / 2 + shift : x)),
    ),
    atomicNumbers: [...atomicNumbers, ...atomicNumbers],
  });
}

/** Conventional cell of rock salt: 8 atoms. */
const rockSalt = makeCrystal({
  latticeAngstrom: [5.64, 0, 0, 0, 5.64, 0, 0, 0, 5.64],
  fractionalCoordinates: [0, 0.5].flatMap((shift) =>
    [
      [0, 0, 0],
      [0, 0.5, 0.5],
      [0.5, 0, 0.5],
      [0.5, 0.5, 0],
    ].flatMap(([a, b, c]) => [a! + shift, b!, c!]),
  ),
  atomicNumbers: [11, 11, 11, 11, 17, 17, 17, 17],
});

describe('sites', () => {
  test('shells add up to the compressed sums over all images of an element, in both bases', () => {
    for (const crystal of crystals) {
      const sites = sitesOf(crystal);
      // Atoms without symmetry are sites of their own, in their order within an element.
      expect(sites.shares).toHaveLength(crystal.atomicNumbers.length);
      sites.atomicNumbers.forEach((z, site) => {
        const ofElement = crystal.atomicNumbers.flatMap((other, atom) => (other === z ? [atom] : []));
        const place = sites.atomicNumbers.slice(0, site).filter((other) => other === z).length;
        const plain = plainSums(crystal, ofElement[place]!);
        for (const [other, sums] of byElement(sites, site)) {
          sums.forEach((x, k) => {
            expect(Math.abs(x - Math.log1p(100 * plain.get(other)![k]!) / 5)).toBeLessThan(1e-4);
          });
        }
      });
    }
  });

  test('atoms that symmetry makes equal are one site', () => {
    const { atomicNumbers, shares } = sitesOf(rockSalt);
    expect(atomicNumbers).toEqual([11, 17]);
    expect(shares).toEqual([0.5, 0.5]);
  });

  test('an atom moved out of its place takes apart what it makes unequal', () => {
    const moved = { ...rockSalt, fractionalCoordinates: rockSalt.fractionalCoordinates.with(0, 0.03) };
    const { atomicNumbers, shares } = sitesOf(moved);
    expect(atomicNumbers.length).toBeGreaterThan(4);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  test('a supercell has the sites of its cell', () => {
    for (const crystal of crystals) {
      const [one, two] = [sitesOf(crystal), sitesOf(supercell(crystal))];
      expect(two.atomicNumbers).toEqual(one.atomicNumbers);
      two.shares.forEach((share, site) => expect(share).toBeCloseTo(one.shares[site]!, 12));
      two.shells.forEach((x, k) => expect(Math.abs(x - one.shells[k]!)).toBeLessThan(1e-4));
    }
  });

  test('in a supercell shaken by little, shells change by little', () => {
    fc.assert(
      fc.property(fc.nat(crystals.length - 1), fc.integer(), (index, seed) => {
        const shaken = random('shaken', seed);
        const twice = supercell(crystals[index]!);
        const fractionalCoordinates = twice.fractionalCoordinates.map((x) => x + 2e-4 * shaken.normal());
        const sites = sitesOf({ ...twice, fractionalCoordinates });
        const one = sitesOf(crystals[index]!);
        sites.atomicNumbers.forEach((z, site) => {
          // The nearest original: the shaken atoms of a site are sites of their own.
          const differences = one.atomicNumbers.flatMap((other, original) => {
            if (other !== z) return [];
            const left = [...byElement(sites, site)];
            const right = byElement(one, original);
            return [
              Math.max(
                ...left.flatMap(([e, sums]) => Array.from(sums, (x, k) => Math.abs(x - right.get(e)![k]!))),
              ),
            ];
          });
          expect(Math.min(...differences)).toBeLessThan(0.2);
        });
      }),
      { numRuns: 20 },
    );
  });

  test('atoms on top of one another and a flat cell: finite numbers, or a clear error', () => {
    const cell = { latticeAngstrom: [4, 0, 0, 0, 4, 0, 0, 0, 4], atomicNumbers: [3, 103] };
    const { shells } = sitesOf(makeCrystal({ ...cell, fractionalCoordinates: [0, 0, 0, 1e-9, 0, 0] }));
    expect(shells.every(Number.isFinite)).toBe(true);
    const flat = { ...cell, latticeAngstrom: [4, 0, 0, 8, 0, 0, 0, 0, 4] };
    expect(() => sitesOf({ ...flat, fractionalCoordinates: [0, 0, 0, 0.5, 0, 0] })).toThrow(/is flat/);
  });
});
