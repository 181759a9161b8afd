import { describe, expect, test } from 'vitest';
import { parsePoscar, writePoscar } from '../../../src/crystal/formats/poscar.ts';

const text = `rock salt
2.0
2 0 0
0 2 0
0 0 2
Na Cl
1 1
Direct
0 0 0 Na
0.5 0.5 0.5 Cl
`;

const cell = [4, 0, 0, 0, 4, 0, 0, 0, 4];

describe('parsePoscar', () => {
  test.each([
    ['a factor', text],
    ['a volume', text.replace('2.0', '-64')],
    ['three factors', text.replace('2.0', '2 2 2.0')],
    ['a comment after the factor', text.replace('2.0', '2.0 ! doubled')],
    ['Fortran exponents', text.replace('2.0', '0.2D+01')],
    ['Windows line ends', text.replaceAll('\n', '\r\n')],
    [
      'selective dynamics',
      text.replace('Direct', 'Selective dynamics\nDirect').replaceAll(/(?<=\d) (Na|Cl)$/gm, ' T F T'),
    ],
    ['velocities', `${text}\n 0 0 0\n 0 0 0\n`],
    ['potentials after symbols', text.replace('Na Cl', 'Na_pv/abc123 Cl/def456')],
    ['Cartesian coordinates', text.replace('Direct', 'Cartesian').replace('0.5 0.5 0.5', '1 1 1')],
    ['VASP 4, symbols in the first line', text.replace('Na Cl\n', '').replace('rock salt', 'Na Cl salt')],
  ])('reads %s', (_, told) => {
    const crystal = parsePoscar(told);
    expect(crystal.latticeAngstrom.map((x) => expect.closeTo(x, 12))).toEqual(cell);
    expect(crystal.fractionalCoordinates).toEqual([0, 0, 0, 0.5, 0.5, 0.5].map((x) => expect.closeTo(x, 12)));
    expect(crystal.atomicNumbers).toEqual([11, 17]);
  });

  test('three factors scale Cartesian x, y and z', () => {
    const { latticeAngstrom, fractionalCoordinates } = parsePoscar(
      text
        .replace('2.0', '1 2 3')
        .replace('2 0 0', '2 1 0')
        .replace('Direct', 'k')
        .replace('0.5 0.5 0.5', '1 1 1'),
    );
    expect(latticeAngstrom).toEqual([2, 2, 0, 0, 4, 0, 0, 0, 6]);
    expect(fractionalCoordinates.slice(3)).toEqual([0.5, 0.25, 0.5]);
  });

  test.each([
    ['2.0', 'zero', "POSCAR, line 2: 'zero' is no scale"],
    ['2.0', '0', "POSCAR, line 2: '0' is no scale"],
    ['0 2 0', '0 2', "POSCAR, line 4: '0 2' does not hold a lattice vector: give 3 numbers"],
    ['0 2 0', '2 0 0', "POSCAR, line 3: the cell's volume is 0"],
    ['Na Cl\n', '', 'POSCAR, line 6: the counts of atoms stand without their symbols (VASP 4): add a line'],
    ['Na Cl', 'Na Qq', "POSCAR, line 6: unknown element 'Qq'"],
    ['Na Cl', 'Na', 'POSCAR, line 7: 2 counts of atoms for 1 symbols'],
    ['1 1\n', '1 x\n', "POSCAR, line 7: '1 x' does not count atoms"],
    ['1 1\n', '1 99999999\n', 'POSCAR, line 7: 100000000 atoms, where 1000000 are the most'],
    ['1 1\n', '1 2\n', "POSCAR, line 11: '' does not hold the position of atom 3"],
    [
      'Direct',
      'Reciprocal',
      "POSCAR, line 8: 'Reciprocal' is no kind of coordinates: write Direct or Cartesian",
    ],
    [
      '0.5 0.5 0.5 Cl',
      '0.5 **** 0.5',
      "POSCAR, line 10: '0.5 **** 0.5' does not hold the position of atom 2",
    ],
    [
      'Direct\n0 0 0 Na\n0.5 0.5 0.5 Cl\n',
      'Direct',
      'POSCAR, line 8: the text ends before the position of atom 1',
    ],
  ])('instead of %j, %j is refused', (good, bad, message) => {
    expect(() => parsePoscar(text.replace(good, bad))).toThrow(message);
  });
});

describe('writePoscar', () => {
  test('groups the atoms by element', () => {
    const lines = writePoscar(parsePoscar(text.replace('Na Cl', 'Pt Au').replace('1 1', '1 1'))).split('\n');
    expect(lines[0]).toBe('PtAu');
    expect(lines.slice(5, 8)).toEqual(['Pt Au', '1 1', 'Direct']);
    expect(lines[8]?.trim().split(/\s+/).map(Number)).toEqual([0, 0, 0]);
  });

  test('tells a left-handed cell as -a, -b, -c, which VASP accepts', () => {
    const lefthanded = parsePoscar(text.replace('0 0 2', '0 0 -2').replace('0.5 0.5 0.5', '0.1 0.2 0.3'));
    const lines = writePoscar(lefthanded).split('\n');
    expect(lines.slice(2, 5).map((line) => line.trim().split(/\s+/).map(Number))).toEqual([
      [-4, 0, 0],
      [0, -4, 0],
      [0, 0, 4],
    ]);
    expect(lines[9]?.trim().split(/\s+/).map(Number)).toEqual([0.9, 0.8, 0.7]);
  });
});
