import { describe, expect, test } from 'vitest';
import { cellParameters, determinant } from '../../../src/crystal/geometry/lattice.ts';
import { type Neighbours, neighboursWithin } from '../../../src/crystal/geometry/neighbours.ts';
import { niggliCell } from '../../../src/crystal/geometry/niggli.ts';
import { readReference, variedCrystals } from '../reference.ts';

const crystals = variedCrystals();

type Summary = readonly [perAtom: readonly number[], sumOfDistances: number, digest: number];

const neighbours = readReference<{
  readonly cutoffAngstrom: Readonly<Record<string, number>>;
  readonly pymatgen: readonly Summary[];
  readonly ase: readonly Summary[];
}>('neighbours');

/** The sum over pairs that test/reference/neighbours.py forms: one wrong centre, neighbour or image changes it. */
function digest({ centre, neighbour, image }: Neighbours): number {
  const modulus = 2 ** 32;
  let sum = 0;
  centre.forEach((i, p) => {
    const [u, v, w] = image.subarray(3 * p, 3 * p + 3) as unknown as [number, number, number];
    const mixed =
      i * 73856093 + (neighbour[p] as number) * 19349663 + u * 83492791 + v * 49979687 + w * 67867967;
    const wrapped = ((mixed % modulus) + modulus) % modulus;
    sum = (sum + wrapped + (((wrapped % 65536) * Math.floor(wrapped / 65536)) % modulus)) % modulus;
  });
  return sum;
}

test.each(['pymatgen', 'ase'] as const)(
  'neighbours of all 2,000 crystals, with their images, are those of %s',
  (code) => {
    const cutoff = neighbours.cutoffAngstrom[code] as number;
    const different = crystals.filter((crystal, i) => {
      const [perAtom, sumOfDistances, expected] = neighbours[code][i] as Summary;
      const list = neighboursWithin(crystal, cutoff);
      const sum = list.distanceAngstrom.reduce((total, d) => total + d, 0);
      return !(
        perAtom.every((count, atom) => list.start[atom + 1] === (list.start[atom] as number) + count) &&
        Math.abs(sum - sumOfDistances) < 2e-5 &&
        digest(list) === expected
      );
    });
    expect(different.map(({ id }) => id)).toEqual([]);
  },
);

describe('Niggli cells of the 2,000 crystals', () => {
  const cells = readReference<{
    readonly pymatgen: readonly (readonly number[])[];
    readonly spglib: readonly (readonly number[])[];
  }>('cells');
  const ours = crystals.map((crystal) => {
    const { lengthsAngstrom, anglesDegree } = cellParameters(niggliCell(crystal).latticeAngstrom);
    return [...lengthsAngstrom, ...anglesDegree];
  });

  /**
   * The others differ where a condition holds with equality to within the tolerances, which are not the same: equal
   * edges in another order, an angle on the other side of 90°. Their edges are the same all the same.
   */
  test.each([
    ['pymatgen', 1968],
    ['spglib', 1993],
  ] as const)('are those of %s for %i, with the same edges for all', (code, same) => {
    let agreeing = 0;
    ours.forEach((cell, i) => {
      const theirs = cells[code][i] as readonly number[];
      if (cell.every((x, k) => Math.abs(x - (theirs[k] as number)) < 1e-3)) agreeing++;
      const edges = theirs.slice(0, 3).toSorted((l, r) => l - r);
      cell
        .slice(0, 3)
        .toSorted((l, r) => l - r)
        .forEach((edge, k) => expect(Math.abs(edge - (edges[k] as number))).toBeLessThan(2e-3));
    });
    expect(agreeing).toBe(same);
  });

  test('are reduced: no shorter edges, angles all acute or all obtuse', () => {
    ours.forEach(([a, b, c, ...angles], i) => {
      const crystal = crystals[i] as (typeof crystals)[0];
      const slack = 1e-4 * Math.cbrt(Math.abs(determinant(crystal.latticeAngstrom)));
      expect((a as number) - (b as number)).toBeLessThan(slack);
      expect((b as number) - (c as number)).toBeLessThan(slack);
      const clearly = angles.filter((angle) => Math.abs(angle - 90) > 0.01);
      const acute = clearly.filter((angle) => angle < 90).length;
      expect([0, clearly.length]).toContain(acute);
      angles.forEach((angle) => {
        expect(angle).toBeGreaterThan(59.9);
        expect(angle).toBeLessThan(120.1);
      });
    });
  });
});
