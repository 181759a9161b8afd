import { describe, expect, test } from 'vitest';
import { makeCrystal } from '../../../src/crystal/crystal.ts';
import {
  detectFormat,
  type Format,
  readCrystals,
  writeCrystal,
} from '../../../src/crystal/formats/formats.ts';
import { writeAse } from '../../../src/crystal/formats/ase-json.ts';
import { writeOptimade } from '../../../src/crystal/formats/optimade.ts';
import { toPymatgen, writePymatgen } from '../../../src/crystal/formats/pymatgen-json.ts';

const crystal = makeCrystal({
  latticeAngstrom: [4, 0, 0, 0, 4, 0, 0, 0, 4],
  fractionalCoordinates: [0, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0],
  atomicNumbers: [26, 8, 8],
  chargeE: 1,
  oxidationStates: [3, -2, -2],
  magneticMomentsMuB: [5, 0.5, 0],
});
const other = makeCrystal({ ...crystal, atomicNumbers: [25, 8, 8] });

describe('several crystals', () => {
  test.each([
    ['pymatgen', writePymatgen],
    ['ase', writeAse],
    ['optimade', writeOptimade],
  ] as const)('in one %s text', (format, write) => {
    const text = write([crystal, other]);
    expect(detectFormat(text)).toBe(format);
    expect(readCrystals(text)).toEqual([crystal, other]);
  });
});

describe('what wraps a structure', () => {
  test.each([
    ['a JSON text in a JSON string', JSON.stringify(JSON.stringify(toPymatgen(crystal)))],
    ['an entry', JSON.stringify({ '@class': 'ComputedStructureEntry', structure: toPymatgen(crystal) })],
    ['rows of a data set', JSON.stringify([{ mp_id: 'mp-1', structure: toPymatgen(crystal) }])],
    ['a byte order mark', `\ufeff${JSON.stringify(toPymatgen(crystal))}`],
    ['an OPTIMADE entry', JSON.stringify(dataOf(writeOptimade([crystal])))],
    ['OPTIMADE attributes', JSON.stringify(dataOf(writeOptimade([crystal])).attributes)],
    ['plain lists, as older ASE wrote', JSON.stringify(plainAtoms())],
  ])('%s', (_, text) => {
    expect(readCrystals(text)).toEqual([crystal]);
  });
});

function dataOf(text: string): { attributes: object } {
  return (JSON.parse(text) as { data: [{ attributes: object }] }).data[0];
}

function plainAtoms(): object {
  return {
    1: {
      numbers: crystal.atomicNumbers,
      cell: [
        [4, 0, 0],
        [0, 4, 0],
        [0, 0, 4],
      ],
      positions: [
        [0, 0, 0],
        [2, 2, 2],
        [2, 2, 0],
      ],
      pbc: [true, true, true],
      magmoms: crystal.magneticMomentsMuB,
      data: { charge: 1, oxi_states: crystal.oxidationStates },
    },
  };
}

test('an OPTIMADE entry holds what the specification requires', () => {
  expect(dataOf(writeOptimade([crystal])).attributes).toMatchObject({
    elements: ['Fe', 'O'],
    nelements: 2,
    elements_ratios: [1 / 3, 2 / 3],
    chemical_formula_descriptive: 'FeO2',
    chemical_formula_reduced: 'FeO2',
    chemical_formula_anonymous: 'A2B',
    dimension_types: [1, 1, 1],
    nperiodic_dimensions: 3,
    nsites: 3,
    structure_features: [],
    species: [
      { name: 'Fe', chemical_symbols: ['Fe'], concentration: [1] },
      { name: 'O', chemical_symbols: ['O'], concentration: [1] },
    ],
    species_at_sites: ['Fe', 'O', 'O'],
  });
});

const pretty = (format: Format): string => JSON.stringify(JSON.parse(writeCrystal(crystal, format)), null, 1);

describe('errors name the place and its line', () => {
  test.each<[Format, string | RegExp, string, string]>([
    ['pymatgen', '"element": "Fe"', '"element": "Qq"', "pymatgen JSON, line @: unknown element 'Qq'"],
    [
      'pymatgen',
      '"occu": 1',
      '"occu": 0.5',
      'pymatgen JSON, line @: sites[0].species[0].occu must be 1: disorder',
    ],
    ['pymatgen', '"abc": [', '"xyz": [', ': sites[0].abc is missing'],
    ['pymatgen', '"magmom": 5', '"magmom": "5"', 'sites[0].properties.magmom must be a finite number'],
    ['pymatgen', '"Structure"', '"Molecule"', 'the JSON is a molecule: give a Structure, with a lattice'],
    ['pymatgen', 'true', 'false', 'lattice.pbc must be true three times'],
    [
      'pymatgen',
      '"matrix": [',
      '"matrix": [[',
      "JSON, line 23: Expected ',' or ']' after array element: give valid JSON",
    ],
    [
      'ase',
      /"pbc": \{[^}]*\}/,
      '"pbc": [true, true, false]',
      'ASE JSON, line @: 1.pbc must be true three times',
    ],
    ['ase', '"positions"', '"position"', 'ASE JSON, line 2: 1.positions is missing'],
    ['ase', '26', '26.5', 'ASE JSON, line 2: unknown atomic number 26.5'],
    [
      'optimade',
      '"structure_features": []',
      '"structure_features": ["disorder"]',
      'which is not supported: give an',
    ],
    [
      'optimade',
      /"O"\s*\],\s*"concentration"/,
      '"O", "N"], "concentration"',
      'species[1].chemical_symbols must hold one element: give an ordered',
    ],
    [
      'optimade',
      /"species_at_sites": \[\s*"Fe"/,
      '"species_at_sites": ["Xx"',
      'species_at_sites[0] names none of the species',
    ],
    ['optimade', '"lattice_vectors"', '"lattice"', 'data[0].attributes.lattice_vectors is missing'],
  ])('%s: %s', (format, good, bad, message) => {
    const text = pretty(format).replace(good, bad);
    expect(text).not.toBe(pretty(format));
    const line = text.slice(0, text.indexOf(bad)).split('\n').length;
    expect(() => readCrystals(text)).toThrow(message.replace('@', String(line)));
  });

  test('and the file, whatever the format', () => {
    expect(() => readCrystals('{"sites": 1}', { fileName: 'a.json' })).toThrow(
      'a.json: pymatgen JSON, line 1: sites must be a list',
    );
    expect(() => readCrystals('{}', { fileName: 'a.json' })).toThrow(
      'a.json: JSON, line 1: the JSON is none of',
    );
    expect(() => readCrystals('data_x', { fileName: 'a.cif' })).toThrow('a.cif: CIF, line 1: no loop with');
    expect(() => readCrystals('1\n\n', { fileName: 'a.xyz' })).toThrow(
      'a.xyz: extended XYZ, line 1: 1 atoms are',
    );
    expect(() => readCrystals('x', { fileName: 'runs/POSCAR' })).toThrow(
      'runs/POSCAR: POSCAR, line 1: the text ends',
    );
    expect(() => readCrystals('hello', { fileName: 'notes.txt' })).toThrow(
      'notes.txt: unknown format, line 1: the text is none of CIF, POSCAR, extended XYZ, and the JSON',
    );
  });
});

test.each([
  ['NaCl.cif', 'cif'],
  ['magnetic.mcif', 'cif'],
  ['CONTCAR', 'poscar'],
  ['runs/01/POSCAR.relaxed', 'poscar'],
  ['a.vasp', 'poscar'],
  ['C:\\crystals\\a.extxyz', 'extxyz'],
] as const)('the name %s tells %s where the content does not', (fileName, format) => {
  expect(detectFormat('?', fileName)).toBe(format);
});
