import { describe, expect, test } from 'vitest';
import { elementCounts, reducedFormula } from '../../../src/crystal/chemistry/composition.ts';
import { formulaOf } from '../../../src/crystal/chemistry/composition.ts';
import { parseFormula } from '../../../src/crystal/chemistry/formula.ts';
import { parseCif, parseCifs, writeCif } from '../../../src/crystal/formats/cif.ts';
import { fingerprintDistance } from '../../../src/crystal/identity/fingerprint.ts';
import { spaceGroup } from '../../../src/crystal/symmetry/symmetry.ts';
import excerpt from '../../fixtures/crystal/mp-20-excerpt.json' with { type: 'json' };
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';

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
_symmetry_space_group_name_H-M 'F d -3 m'
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
    ['_cell_angle_beta 90', '_cell_angle_beta ?', 'CIF, line 12: _cell_angle_beta is missing'],
    [
      '_cell_angle_beta 90',
      '_cell_angle_beta 190',
      'CIF, line 12: _cell_angle_beta is 190: it must be positive and below 180',
    ],
    [
      'beta 90\n_cell_angle_gamma 90',
      'beta 60\n_cell_angle_gamma 20',
      'CIF, line 13: no cell has the angles',
    ],
    ["'-x,-y,-z'", "'-y,x-y,-z'", "CIF, line 21: the operation '-y,x-y,-z' does not fit the cell's lengths"],
    [
      'Na1+ 0 0 0 1.0',
      'Na1+ 0 0 0 0.5',
      'CIF, line 28: a site is occupied to 0.5 only: partial occupancy is not supported; give an ordered',
    ],
    ['Na1+ 0 0 0', 'Qq 0 0 0', "CIF, line 28: 'Qq' names no element"],
    ['Na1+ 0 0 0', 'Wat1 0 0 0', "CIF, line 28: 'Wat1' names no element: begin with a chemical symbol"],
    ['Na1+ 0 0 0', 'Na1+ 0 0 zero', "CIF, line 28: 'zero' is not a number"],
    ['Na1+ 0 0 0', 'Na1+ 0 0 ?', 'CIF, line 28: the site has no coordinates'],
    ['Na1+ 0 0 0', 'Na1+ 0 0 0x10', "CIF, line 28: '0x10' is not a number"],
    ['Na1+ 0 0 0 1.0', 'Na1+ 0 0 0', 'CIF, line 29: a loop of 5 columns ends after 9 values'],
    [
      'CL1 0.5 0.5(1) 0.50000(3)',
      'CL1 0.5 0.5 0',
      "CIF, line 29: a copy of 'CL1' lies on the place of 'Na1+' (line 28)",
    ],
    ["'-x,-y,-z'", "'-x,-y'", "CIF, line 21: '-x,-y' is no symmetry operation"],
    ["'-x,-y,-z'", "'-x,-y,-y'", "CIF, line 21: '-x,-y,-y' is no symmetry operation: it changes the volume"],
    ["'x,y,z'", "'x,y,z+1/4'", "CIF, line 7: the symmetry operations lack 'x,y,z'"],
    ['_atom_site_fract_x', '_atom_site_Cartn_x', 'no loop with _atom_site_fract_x'],
    [
      'loop_\n_symmetry_equiv_pos_as_xyz',
      'loop_\n_something',
      'CIF, line 14: the space group is F d -3 m but no symmetry operations are listed, and 2 settings',
    ],
    [
      "'F d -3 m'\nloop_\n_symmetry_equiv",
      "'F m 3 q'\nloop_\n_something",
      'no setting of a space group fits',
    ],
    ['data_global', '', "CIF, line 3: '_publ_section_title' stands before the first data_ line"],
    ['_cell_length_a 5.6402(2)', '_cell_length_a 5.6402 Å', "CIF, line 8: 'Å' belongs to no name"],
    ["'F d -3 m'", "'F d -3 m", "CIF, line 14: a quote opens with ' and never ends"],
    ["'quotes'\n;", "'quotes'\n", 'CIF, line 4: a text field that begins here never ends with ;'],
    ["'F d -3 m'", '', 'CIF, line 14: _symmetry_space_group_name_H-M has no value'],
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

/** A cubic cell of 4 Å with these lines before its loop of atoms, and these atoms. */
function cif(lines: string, atoms: string): string {
  return `data_x
_cell_length_a 4
_cell_length_b 4
_cell_length_c 4
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
${lines}
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
${atoms}
`;
}

describe('what real files hold', () => {
  test('Windows and old Mac line ends, a byte order mark, tabs and capitals', () => {
    const expected = parseCif(rockSalt);
    expect(parseCif(`\ufeff${rockSalt.replaceAll('\n', '\r\n')}`)).toEqual(expected);
    expect(parseCif(rockSalt.replaceAll('\n', '\r'))).toEqual(expected);
    expect(parseCif(rockSalt.replaceAll(' 0 0 0', '\t0\t0 0'))).toEqual(expected);
    expect(parseCif(rockSalt.replaceAll('_cell', '_CELL').replace('loop_', 'LOOP_'))).toEqual(expected);
    expect(
      parseCif(rockSalt.replaceAll('_atom_site_', '_atom_site.').replaceAll('_cell_', '_cell.')),
    ).toEqual(expected);
  });

  test('quotes within quotes, text fields as values, comments within words', () => {
    const text = cif("_a 'a dog's life'\n_b \"5' 3\"\"\n_c\n;\nloop_\n_d\n;\n_e a#b", 'Cu1 Cu 0 0 0');
    expect(parseCif(text).atomicNumbers).toEqual([29]);
  });

  test.each([
    ['D1 D', 1],
    ['X1 Fe3+', 26],
    ['X1 FE', 26],
    ['OW1 ?', 8],
    ['O1W .', 8],
    ['Ow Ow', 8],
    ['CA1 ?', 20],
    ["Cu2' ?", 29],
    ['Fe(1) Fe', 26],
  ])('%s names element %i', (names, z) => {
    expect(parseCif(cif('', `${names} 0 0 0`)).atomicNumbers).toEqual([z]);
  });

  test('a label in capitals is what the formula holds', () => {
    const named = (formula: string): number[] => [
      ...parseCif(cif(`_chemical_formula_sum '${formula}'`, 'HO1 ? 0 0 0')).atomicNumbers,
    ];
    expect(named('C2 H5 O')).toEqual([1]);
    expect(named('Ho O2')).toEqual([67]);
  });

  test.each(['Vac1 ?', 'Va Va', 'Dum ?', 'X X', 'Cv Cv'])('%s names none', (names) => {
    expect(() => parseCif(cif('', `${names} 0 0 0`))).toThrow('CIF, line 15:');
  });

  test('oxidation states come from symbols, or from their loop; from all atoms or none', () => {
    const atoms = 'a Fe3+ 0 0 0\nb O2- .5 .5 .5\nc Na+ .5 0 0';
    expect(parseCif(cif('', atoms)).oxidationStates).toEqual([3, -2, 1]);
    expect(parseCif(cif('', atoms.replace('Na+', 'Na'))).oxidationStates).toBeUndefined();
    const loop = 'loop_\n_atom_type_symbol\n_atom_type_oxidation_number\nFe3+ 2.5\nO2- -1.25';
    expect(parseCif(cif(loop, atoms)).oxidationStates).toEqual([2.5, -1.25, 1]);
  });

  test('special positions given with few digits: thirds, and sites that operations almost keep', () => {
    const hexagonal = rockSalt
      .replace('_gamma 90', '_gamma 120')
      .replace(
        /'x,y,z'[^]*'-x,-y,-z'/,
        "'x,y,z'\n'-y,x-y,z'\n'-x+y,-x,z'\n'-x,-y,z+.5'\n'y,-x+y,z+.5'\n'x-y,x,z+.5'",
      )
      .replace('Na1+ 0 0 0', 'Na1+ .3333 .6667 .25')
      .replace('CL1 0.5 0.5(1) 0.50000(3)', 'CL1 0.1667 0.3333 0.5');
    const { fractionalCoordinates, atomicNumbers } = parseCif(hexagonal);
    expect(elementCounts({ atomicNumbers } as never)).toEqual(
      new Map([
        [11, 2],
        [17, 6],
      ]),
    );
    expect(fractionalCoordinates.slice(0, 3)).toEqual([1 / 3, 2 / 3, 0.25].map((x) => expect.closeTo(x, 12)));
    // The same with three digits, which bring copies of sodium 0.01 Å apart.
    expect(parseCif(hexagonal.replace('.3333 .6667', '.333 .667')).atomicNumbers).toHaveLength(8);
  });

  test('many digits are meant: 0.333300000000 is no third', () => {
    expect(parseCif(cif('', 'a Cu 0.333300000000 0.33330000 0')).fractionalCoordinates).toEqual([
      0.3333,
      1 / 3,
      0,
    ]);
  });

  test('every block with atoms, by its name', () => {
    const named = parseCifs(`${cif('', 'Cu Cu 0 0 0')}${rockSalt}${cif('', 'Au Au 0 0 0')}`);
    expect(named.map(({ name, crystal }) => `${name} ${reducedFormula(crystal)}`)).toEqual([
      'x Cu',
      'NaCl NaCl',
      'x Au',
    ]);
  });
});

describe('a space group without its operations', () => {
  const perovskite = 'A Sr 0 0 0\nB Ti .5 .5 .5\nX O .5 .5 0';
  test.each([
    "_symmetry_space_group_name_H-M 'P m -3 m'",
    "_space_group_name_H-M_alt 'Pm-3m'",
    "_symmetry_space_group_name_H-M 'P m 3 m'\n_symmetry_Int_Tables_number 221",
    '_space_group_IT_number 221',
    "_space_group_name_Hall '-P 4 2 3'",
  ])('%s is enough', (name) => {
    expect(parseCif(cif(name, perovskite)).atomicNumbers).toEqual([38, 22, 8, 8, 8]);
  });

  test('origins are told apart by the Hall symbol or a suffix', () => {
    const atoms = (name: string, atom: string): number => parseCif(cif(name, atom)).atomicNumbers.length;
    expect(atoms("_space_group_name_H-M_alt 'F d -3 m :1'", 'C1 C 0 0 0')).toBe(8);
    expect(atoms("_space_group_name_H-M_alt 'F d -3 m :2'", 'C1 C .125 .125 .125')).toBe(8);
    expect(atoms("_space_group_name_H-M_alt 'F d -3 m Z'", 'C1 C .125 .125 .125')).toBe(8);
    expect(atoms("_space_group_name_Hall '-F 4vw 2vw 3'", 'C1 C .125 .125 .125')).toBe(8);
  });

  test('the cell tells the unique axis and the axes of a rhombohedral group', () => {
    const monoclinic = (angle: string): string =>
      cif("_symmetry_space_group_name_H-M 'P 21/c'", 'C1 C .1 .2 .3').replace(`${angle} 90`, `${angle} 103`);
    expect(parseCif(monoclinic('_beta')).atomicNumbers).toHaveLength(4);
    const group = cif("_symmetry_space_group_name_H-M 'R -3 m'", 'C1 C 0 0 0');
    expect(parseCif(group.replace('_gamma 90', '_gamma 120')).atomicNumbers).toHaveLength(3);
    expect(parseCif(group.replaceAll(/(_alpha|_beta|_gamma) 90/g, '$1 60')).atomicNumbers).toHaveLength(1);
  });

  test.each(["'P n m a'", "'P 21/n'"])('%s and a cell that does not fit are refused', (name) => {
    const text = cif(`_symmetry_space_group_name_H-M ${name}`, 'C1 C .1 .2 .3');
    expect(() => parseCif(text.replace('_gamma 90', '_gamma 120').replace('_beta 90', '_beta 70'))).toThrow(
      'line 8: the space group is',
    );
  });
});

describe('magnetic moments', () => {
  const moments = `loop_
_atom_site_moment_label
_atom_site_moment_crystalaxis_x
_atom_site_moment_crystalaxis_y
_atom_site_moment_crystalaxis_z
Fe1 0 0 2.5(1)
`;
  const atoms = 'Fe1 Fe 0 0 0\nO1 O .5 .5 .5';

  test('along c are collinear; others are vectors along x, y and z', () => {
    expect(parseCif(cif(moments, atoms)).magneticMomentsMuB).toEqual([2.5, 0]);
    expect(parseCif(cif(moments.replace('0 0 2.5', '1 0 2.5'), atoms)).magneticMomentsMuB).toEqual([
      1, 0, 2.5, 0, 0, 0,
    ]);
  });

  test('are turned by magnetic operations: axial, and reversed with time', () => {
    const magnetic = (operations: string): readonly number[] | undefined =>
      parseCif(
        cif(
          `loop_\n_space_group_symop_magn_operation.xyz\n${operations}\n${moments.replace('0 0 2.5', '1 0 2.5')}`,
          'Fe1 Fe 0.1 0.2 0.3',
        ),
      ).magneticMomentsMuB;
    expect(magnetic('x,y,z,+1\n-x,-y,-z,+1')).toEqual([1, 0, 2.5, 1, 0, 2.5]);
    expect(magnetic('x,y,z,+1\n-x,-y,-z,-1')?.map((x) => x + 0)).toEqual([1, 0, 2.5, -1, 0, -2.5]);
    expect(magnetic('x,y,z,+1\n-x,-y,z,+1')?.map((x) => x + 0)).toEqual([1, 0, 2.5, -1, 0, 2.5]);
    expect(
      magnetic('x,y,z,+1\nloop_\n_space_group_symop_magn_centering.xyz\nx,y,z,+1\nx+1/2,y,z,-1')?.map(
        (x) => x + 0,
      ),
    ).toEqual([1, 0, 2.5, -1, 0, -2.5]);
  });

  test('need magnetic operations where there are any', () => {
    const plain = cif(`${moments}loop_\n_symmetry_equiv_pos_as_xyz\nx,y,z\n-x,-y,-z`, atoms);
    expect(() => parseCif(plain)).toThrow('magnetic moments need magnetic symmetry operations');
  });
});

describe('large files', () => {
  const sites = (count: number): string =>
    Array.from({ length: count }, (_, i) => {
      const [x, y, z] = [i % 50, Math.floor(i / 50) % 50, Math.floor(i / 2500)].map((k) => k / 50);
      return `Cu${i} Cu ${x} ${y} ${z}`;
    }).join('\n');
  const large = (count: number, operations = ''): string =>
    cif(operations, sites(count)).replaceAll(/(_length_.) 4/g, '$1 200');

  test('125,000 atoms in a few seconds', () => {
    expect(parseCif(large(125_000)).atomicNumbers).toHaveLength(125_000);
  });

  test('two atoms on one place among many are found, also across the border of the cell', () => {
    const text = large(1000).replace('Cu999 Cu', 'Cu998 Cu 0 0 0.99999\nCu999 Cu');
    expect(() => parseCif(text)).toThrow("CIF, line 1014: 'Cu998' lies on the place of 'Cu0' (line 15)");
  });

  test('more than a million atoms by symmetry are refused', () => {
    const group = "_space_group_name_Hall '-F 4 2 3'";
    // A general position: each site has its 192 copies.
    const text = large(5300, group).replaceAll(/^(Cu\d+ Cu) .*$/gm, '$1 0.0123 0.1234 0.2345');
    expect(() => parseCif(text)).toThrow('symmetry makes more than 1000000 atoms: give a smaller cell');
  });
});
