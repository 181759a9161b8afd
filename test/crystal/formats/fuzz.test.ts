import { describe, expect, test } from 'vitest';
import { type Crystal, makeCrystal } from '../../../src/crystal/crystal.ts';
import { FormatError } from '../../../src/crystal/formats/format-error.ts';
import { type Format, FORMATS, readCrystals, writeCrystal } from '../../../src/crystal/formats/formats.ts';
import { random } from '../../../src/crystal/random.ts';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';
import excerpt from '../../fixtures/crystal/mp-20-excerpt.json' with { type: 'json' };
import { damaged } from './damage.ts';

loadSymmetryFinder();

/** Damaged files of each kind; a longer run sets another number, as in ASSAYER_FUZZ_FILES=100000. */
const FILES = Number(process.env.ASSAYER_FUZZ_FILES ?? 400);
/** Far above what any of these small files needs, also on a busy machine. */
const MOST_SECONDS = 2;

const crystal: Crystal = makeCrystal({
  latticeAngstrom: [4.1, 0, 0, 0.3, 4.2, 0, -0.2, 0.4, 4.3],
  fractionalCoordinates: [0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0, 0.25, 0.1, 0.7],
  atomicNumbers: [26, 8, 8, 1],
  chargeE: 1,
  oxidationStates: [3, -2, -2, 1],
  magneticMomentsMuB: [5, 0, 1, 0, 0.5, 0, 0, 0, 0, 1, 1, 1],
});

const symmetric = `data_NaCl
_publ_section_title
;
 A title; with 'quotes'
;
_cell_length_a 5.6402(2)
_cell_length_b 5.6402(2)
_cell_length_c 5.6402(2)
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P m -3 m'
_symmetry_Int_Tables_number 221
loop_
_symmetry_equiv_pos_as_xyz
'x,y,z'
'x,1/2+y,z+1/2'
'1/2+x, y, 1/2+z'
'x+.5,y+.5,z'
'-x,-y,-z'
'y,z,x'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
NA1 Na1+ 0 0 0 1.0
"CL1" Cl1- 0.5 0.5(1) 0.50000(3) 1 # comment
`;
const magnetic = `${symmetric.replace(
  /loop_\n_symmetry[^]*'y,z,x'/,
  'loop_\n_space_group_symop_magn_operation.xyz\nx,y,z,+1\n-x,-y,-z,-1',
)}loop_
_atom_site_moment.label
_atom_site_moment.crystalaxis_x
_atom_site_moment.crystalaxis_y
_atom_site_moment.crystalaxis_z
NA1 0 0.1 2.5(1)
`;
const extxyz = `2
Lattice="4 0 0 0 4 0 0 0 4" Properties=species:S:1:pos:R:3:forces:R:3:fixed:L:1:tag:I:1 energy=-1.5 name="a \\"b\\"" nested="_JSON [[1, 2], {\\"a\\": null}]" v="1 2 3" charge=1 pbc="T T T"
Cu 0 0 0 0.1 0.2 0.3 T 1
Au 2 2 2 0.1 0.2 0.3 F 2
`;
const poscar = `Na Cl
-64.0
2 0 0
0 2.0D+00 0
0 0 2
Na_pv Cl/abc
1 1
Selective dynamics
Cartesian
0 0 0 T T F
1 1 1 F F F

 0 0 0
`;

const files: readonly (readonly [name: string, text: string, format: Format])[] = [
  ['symmetric CIF', symmetric, 'cif'],
  ['CIF with a group only', symmetric.replace('_symmetry_equiv_pos_as_xyz', '_operation'), 'cif'],
  ['magnetic CIF', magnetic, 'cif'],
  ['two blocks of CIF', symmetric + magnetic, 'cif'],
  ['CIF by pymatgen', (excerpt.rows[0] as { cif: string }).cif, 'cif'],
  ['extended XYZ by hand', extxyz + extxyz, 'extxyz'],
  ['POSCAR by hand', poscar, 'poscar'],
  ...FORMATS.map((format) => [`${format} of ours`, writeCrystal(crystal, format), format] as const),
];

describe('a damaged file is a clear error or a right crystal', () => {
  test.each(files)('%s', (name, text, format) => {
    expect(readCrystals(text, { format }).length).toBeGreaterThan(0);
    const source = random('fuzz', name);
    let [read, refused] = [0, 0];
    for (let i = 0; i < FILES; i++) {
      const bad = damaged(text, source);
      const before = process.cpuUsage();
      try {
        // Every other file is told by its content.
        const crystals = readCrystals(bad, i % 2 === 0 ? { format } : { fileName: 'damaged' });
        for (const found of crystals) requireValid(found);
        read++;
      } catch (error) {
        if (!(error instanceof FormatError))
          throw new Error(`file ${i}: ${JSON.stringify(bad)}`, { cause: error });
        if (!(error.line >= 1 && error.line <= linesIn(bad) && error.message.length < 600)) {
          throw new Error(`file ${i}, a poor message`, { cause: error });
        }
        refused++;
      }
      const { user, system } = process.cpuUsage(before);
      if (user + system > MOST_SECONDS * 1e6)
        throw new Error(`file ${i} takes too long: ${JSON.stringify(bad)}`);
    }
    expect(read + refused).toBe(FILES);
    expect(Math.min(read, refused)).toBeGreaterThan(0);
  });
});

describe('a file made to be slow or deep is refused at once', () => {
  const many = 300_000;
  test.each<[string, string, Format | undefined]>([
    ['nested lists', '['.repeat(many), undefined],
    ['closed nested lists', '['.repeat(many) + ']'.repeat(many), undefined],
    ['nested structures', '{"structure":'.repeat(many / 10) + '1' + '}'.repeat(many / 10), undefined],
    ['quotes in a CIF', `data_x\n_a ${"'x ".repeat(many)}`, 'cif'],
    ['semicolons', `data_x\n_a\n;${';'.repeat(many)}`, 'cif'],
    ['loops', `data_x\n${'loop_ _a 1\n'.repeat(many / 10)}`, 'cif'],
    ['blocks', 'data_x\n'.repeat(many / 10), 'cif'],
    ['operations', symmetric.replace("'-x,-y,-z'", 'x,y,z\n'.repeat(many / 10)), 'cif'],
    ['one long operation', symmetric.replace("'-x,-y,-z'", `'x,y,${'z+'.repeat(many)}z'`), 'cif'],
    ['one long number', symmetric.replace('0.50000(3)', `0.${'3'.repeat(many)}(${'1'.repeat(many)})`), 'cif'],
    ['one site many times', symmetric + 'Cl1 Cl1- .25 0 0 1\n'.repeat(many / 10), 'cif'],
    ['quotes in a comment', extxyz.replace('energy', 'a="'.repeat(many - 1)), 'extxyz'],
    ['columns', extxyz.replace('tag:I:1', `tag:I:1${':a:R:1'.repeat(many / 10)}`), 'extxyz'],
    ['atoms', extxyz.replace(/^2/, '99999999999'), 'extxyz'],
    ['counts', poscar.replace('1 1\n', `${'1 '.repeat(many)}\n`), 'poscar'],
    ['blanks', ' '.repeat(many), undefined],
  ])('%s', (_, text, format) => {
    const before = process.cpuUsage();
    expect(() => readCrystals(text, format === undefined ? {} : { format })).toThrow(FormatError);
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(MOST_SECONDS * 1e6);
  });
});

/** What makeCrystal makes of it is the same: nothing in it is out of place. */
function requireValid(found: Crystal): void {
  const again = makeCrystal(found);
  if (JSON.stringify(again) !== JSON.stringify(found))
    throw new Error(`no crystal: ${JSON.stringify(found)}`);
}

function linesIn(text: string): number {
  return text.split(/\r\n|\r|\n/).length;
}
