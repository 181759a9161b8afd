import { expect, test } from 'vitest';
import { makeCrystal } from '../../../src/crystal/crystal.ts';
import { determinant } from '../../../src/crystal/geometry/lattice.ts';
import { formatPrototype, parsePrototype, unitCell } from '../../../src/crystal/generators/prototype.ts';
import { ELEMENTAL_PROTOTYPES, PROTOTYPES } from '../../../src/crystal/generators/prototypes.ts';
import { spaceGroup } from '../../../src/crystal/symmetry/symmetry.ts';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';

loadSymmetryFinder();

test('the library starts with the elements and holds all chemistries up to 20 atoms', () => {
  expect(PROTOTYPES).toHaveLength(5021);
  expect(ELEMENTAL_PROTOTYPES.map(({ name }) => name)).toEqual([
    'A cF4 Fm-3m (Cu)',
    'A cI2 Im-3m (W)',
    'A hP2 P6_3/mmc (Mg)',
  ]);
  const membersOf = (name: RegExp): number =>
    PROTOTYPES.find((prototype) => name.test(prototype.name))?.members.length ?? 0;
  expect(membersOf(/^ABC2 cF16 Fm-3m/)).toBeGreaterThan(1500);
  expect(membersOf(/^AB cF8 Fm-3m/)).toBeGreaterThan(200);
  expect(membersOf(/^ABC3 cP5 Pm-3m/)).toBeGreaterThan(100);
  expect(Math.max(...PROTOTYPES.map(({ labels }) => labels.length))).toBe(20);
  const rocksalt = PROTOTYPES.find(({ name }) => name.startsWith('AB cF8 Fm-3m'));
  // Of labels that symmetry makes equal, the first holds the less electronegative element.
  expect(rocksalt?.members.map(({ elements }) => elements.join())).toContain('12,8');
});

test('every twentieth prototype has the Pearson symbol and space group that it states, and a volume of 1 per atom', () => {
  for (const prototype of PROTOTYPES.filter((_, i) => i % 20 === 0)) {
    const { lattice, fractionalCoordinates } = unitCell(prototype);
    expect(Math.abs(determinant(lattice))).toBeCloseTo(prototype.labels.length, 9);
    const crystal = makeCrystal({
      latticeAngstrom: lattice.map((x) => 2.5 * x),
      fractionalCoordinates,
      atomicNumbers: prototype.labels.map((label) => label + 1),
    });
    expect(spaceGroup(crystal, 1e-3)).toMatchObject({
      number: prototype.wyckoff.spaceGroup,
      pearsonSymbol: prototype.pearsonSymbol,
    });
  }
});

test('a line is read as it was written', () => {
  const line = 'tP6 136 P4_2/mnm|0.6442|2 4|Aa Bf3050|TiO10.4 SnO11.92|PbO13.9';
  const prototype = parsePrototype(line);
  expect(prototype).toMatchObject({
    name: 'AB2 tP6 P4_2/mnm (TiO2)',
    labels: [0, 0, 1, 1, 1, 1],
    labelCount: 2,
    wyckoff: { spaceGroup: 136, cell: [0.6442] },
  });
  expect(prototype.wyckoff.sites[1]).toEqual({ species: 1, letter: 'f', parameters: [0.305] });
  expect(prototype.members[2]).toEqual({
    elements: [82, 8],
    volumePerAtomAngstrom3: 13.9,
    heldOut: true,
  });
  expect(formatPrototype({ ...prototype, spaceGroupSymbol: 'P4_2/mnm', counts: [2, 4] })).toBe(line);
});
