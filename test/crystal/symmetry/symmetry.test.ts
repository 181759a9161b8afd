import { expect, test } from 'vitest';
import { loadSymmetryFinder } from './load-symmetry.ts';
import { volumeAngstrom3 } from '../../../src/crystal/crystal.ts';
import { supercell } from '../../../src/crystal/geometry/supercell.ts';
import { parseCif } from '../../../src/crystal/formats/cif.ts';
import { conventionalCell, primitiveCell, spaceGroup } from '../../../src/crystal/symmetry/symmetry.ts';
import { PROTOTYPES } from '../../../src/crystal/generators/prototypes.ts';
import { occupy } from '../../../src/crystal/generators/substitution.ts';
import excerpt from '../../fixtures/crystal/mp-20-excerpt.json' with { type: 'json' };

loadSymmetryFinder();

test.each(excerpt.rows.map((row) => [row.id, row] as const))(
  '%s has the space group of the Materials Project',
  (_, row) => {
    expect(spaceGroup(parseCif(row.cif)).number).toBe(row.spaceGroup);
  },
);

test('a supercell of fcc goes back to one atom, and on to four', () => {
  const fcc = occupy(PROTOTYPES[0] as (typeof PROTOTYPES)[0], [29]);
  const large = supercell(fcc, [2, 3, 1]);
  const primitive = primitiveCell(large);
  expect(spaceGroup(large)).toEqual({ number: 225, symbol: 'Fm-3m', pearsonSymbol: 'cF4' });
  expect(primitive.atomicNumbers).toEqual([29]);
  expect(volumeAngstrom3(primitive)).toBeCloseTo(volumeAngstrom3(fcc), 9);
  expect(conventionalCell(large).atomicNumbers).toHaveLength(4);
});
