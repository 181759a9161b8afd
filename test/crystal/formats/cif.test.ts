import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { loadSymmetryFinder } from '../symmetry/load-symmetry.ts';
import { elementCounts, reducedFormula, formulaOf } from '../../../src/crystal/chemistry/composition.ts';
import { parseFormula } from '../../../src/crystal/chemistry/formula.ts';
import { fingerprintDistance, identity } from '../../../src/crystal/identity/fingerprint.ts';
import { parseCif, writeCif } from '../../../src/crystal/formats/cif.ts';
import { spaceGroup } from '../../../src/crystal/symmetry/symmetry.ts';
import excerpt from '../../fixtures/crystal/mp-20-excerpt.json' with { type: 'json' };

loadSymmetryFinder();

const rockSalt = `
data_global
_publ_section_title
;
 A title; with 'quotes'
;
data_NaCl
_cell_length_a 5.6402(2)
_cell_length_b 5.6402(2)
_cell_length_c 5.6402(2)
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P m -3 m'
loop_
_symmetry_equiv_pos_as_xyz
'x,y,z'
'x,1/2+y,z+1/2'
'1/2+x, y, 1/2+z'
'x+.5,y+.5,z'
'-x,-y,-z'
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Na1+ 0 0 0 1.0
CL1 0.5 0.5(1) 0.50000(3) 1 # comment
`;

describe('parseCif', () => {
  test('applies symmetry operations, drops uncertainties, skips blocks without atoms', () => {
    const crystal = parseCif(rockSalt);
    expect(crystal.atomicNumbers).toHaveLength(8);
    expect(reducedFormula(crystal)).toBe('NaCl');
    expect(spaceGroup(crystal).symbol).toBe('Fm-3m');
  });

  test.each([
    [
      '_cell_length_b 5.6402(2)',
      '_cell_length_b -1',
      'CIF, line 9: _cell_length_b is -1: it must be positive',
    ],
    ['_cell_angle_beta 90', '', 'CIF, line 7: _cell_angle_beta is missing'],
    [
      'Na1+ 0 0 0 1.0',
      'Na1+ 0 0 0 0.5',
      'CIF, line 28: a site is occupied to 0.5 only: give an ordered crystal',
    ],
    ['Na1+ 0 0 0', 'Qq 0 0 0', "CIF, line 28: 'Qq' names no element"],
    ['Na1+ 0 0 0', 'Na1+ 0 0 zero', "CIF, line 28: 'zero' is not a number"],
    ['Na1+ 0 0 0 1.0', 'Na1+ 0 0 0', 'CIF, line 29: a loop of 5 columns ends after 9 values'],
    ["'-x,-y,-z'", "'-x,-y'", "CIF, line 21: '-x,-y' is no symmetry operation"],
    ['_atom_site_fract_x', '_atom_site_Cartn_x', 'no loop with _atom_site_fract_x'],
    [
      'loop_\n_symmetry_equiv_pos_as_xyz',
      'loop_\n_something',
      'CIF, line 14: the space group is P m -3 m but no symmetry operations',
    ],
    ['data_global', '', "CIF, line 3: '_publ_section_title' stands before the first data_ line"],
    ['_cell_length_a 5.6402(2)', '_cell_length_a 5.6402 Å', "CIF, line 8: 'Å' belongs to no name"],
  ])('instead of %j, %j is refused', (good, bad, message) => {
    expect(() => parseCif(rockSalt.replace(good, bad))).toThrow(message);
  });

  test.each(excerpt.rows.map((row) => [row.id, row] as const))('reads %s and writes it back', (_, row) => {
    const crystal = parseCif(row.cif);
    expect(reducedFormula(crystal)).toBe(formulaOf(parseFormula(row.formula)));
    const again = parseCif(writeCif(crystal, spaceGroup(crystal)));
    expect(fingerprintDistance(again, crystal)).toBeLessThan(1e-7);
    expect(elementCounts(again)).toEqual(elementCounts(crystal));
  });
});

const folder = process.env.ASSAYER_DATA ?? '../shared/data';
describe.skipIf(!existsSync(folder))('the data sets', () => {
  test.each([
    ['mp_20_biternary', 'val', 7140],
    ['mp_20_biternary', 'test', 7118],
    ['perov_5', 'val', 3787],
    ['perov_5', 'test', 3785],
  ])(
    '%s/%s parses to the last row',
    (set, part, count) => {
      const text = gunzipSync(readFileSync(`${folder}/${set}/${part}.csv.gz`));
      const rows = parse<{ cif: string }>(text, { columns: true });
      const atoms = rows.map((row) => parseCif(row.cif).atomicNumbers.length);
      expect(atoms).toHaveLength(count);
      expect(Math.min(...atoms)).toBeGreaterThan(0);
      expect(identity(parseCif((rows[0] as { cif: string }).cif))).toMatch(/^[A-Z]\w*-[0-9a-f]{16}$/);
    },
    30_000,
  );
});
