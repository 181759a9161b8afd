import { type Crystal, makeCrystal, volumeAngstrom3 } from '../crystal.ts';
import { elementCounts, reducedFormula } from '../chemistry/composition.ts';
import { atomicNumberOf, symbolOf } from '../chemistry/elements.ts';
import { cellParameters, latticeFromParameters, multiplyRows } from '../geometry/lattice.ts';
import type { SpaceGroup } from '../symmetry/symmetry.ts';
import { type CifBlock, type CifLoop, type CifValue, parseCifBlocks } from './cif-tokens.ts';
import { FormatError } from './format-error.ts';
import type { SymmetryOperation } from '../symmetry/operation.ts';
import { parseOperation } from './symmetry-operation.ts';

/** Copies of a site that symmetry brings closer than this are one atom, Å. */
const SAME_SITE_ANGSTROM = 0.01;

/**
 * The crystal as CIF in P1, all atoms listed, so that any reader rebuilds it exactly. A space group, where the caller
 * knows it, stands in a comment.
 */
export function writeCif(crystal: Crystal, group?: SpaceGroup): string {
  const { lengthsAngstrom, anglesDegree } = cellParameters(crystal.latticeAngstrom);
  const formula = reducedFormula(crystal);
  const sum = [...elementCounts(crystal)].map(([z, count]) => `${symbolOf(z)}${count}`).join(' ');
  const sites = crystal.atomicNumbers.map((z, i) => {
    const xyz = crystal.fractionalCoordinates.slice(3 * i, 3 * i + 3).map((x) => x.toFixed(10));
    return `  ${symbolOf(z)} ${symbolOf(z)}${i + 1} 1 ${xyz.join(' ')} 1`;
  });
  return [
    ...(group === undefined ? [] : [`# space group ${group.symbol} (${group.number}); written in P1`]),
    `data_${formula}`,
    "_symmetry_space_group_name_H-M   'P 1'",
    '_symmetry_Int_Tables_number   1',
    ...['a', 'b', 'c'].map(
      (name, i) => `_cell_length_${name}   ${lengthsAngstrom[i as 0 | 1 | 2].toFixed(10)}`,
    ),
    ...['alpha', 'beta', 'gamma'].map(
      (name, i) => `_cell_angle_${name}   ${anglesDegree[i as 0 | 1 | 2].toFixed(10)}`,
    ),
    `_cell_volume   ${volumeAngstrom3(crystal).toFixed(8)}`,
    `_chemical_formula_sum   '${sum}'`,
    'loop_',
    ' _symmetry_equiv_pos_site_id',
    ' _symmetry_equiv_pos_as_xyz',
    "  1 'x, y, z'",
    'loop_',
    ' _atom_site_type_symbol',
    ' _atom_site_label',
    ' _atom_site_symmetry_multiplicity',
    ' _atom_site_fract_x',
    ' _atom_site_fract_y',
    ' _atom_site_fract_z',
    ' _atom_site_occupancy',
    ...sites,
    '',
  ].join('\n');
}

/**
 * The first block with atoms of a CIF, its symmetry operations applied. Uncertainties in parentheses are dropped.
 * Throws a FormatError with the line for what is missing, unreadable, or only partly occupied.
 */
export function parseCif(text: string): Crystal {
  const block = parseCifBlocks(text).find(
    (candidate) => loopWith(candidate, '_atom_site_fract_x') !== undefined,
  );
  if (block === undefined)
    throw new FormatError('CIF', 1, 'no loop with _atom_site_fract_x: give the atoms of the cell');
  const length = (axis: string): number => positive(block, `_cell_length_${axis}`);
  const angle = (axis: string): number => positive(block, `_cell_angle_${axis}`);
  const latticeAngstrom = latticeFromParameters({
    lengthsAngstrom: [length('a'), length('b'), length('c')],
    anglesDegree: [angle('alpha'), angle('beta'), angle('gamma')],
  });

  const operations = operationsOf(block);
  const sites = loopWith(block, '_atom_site_fract_x') as CifLoop;
  const placed: number[] = [];
  const atomicNumbers: number[] = [];
  for (const row of sites.rows) {
    const z = elementAt(sites, row);
    requireFullOccupancy(sites, row);
    const at = ['x', 'y', 'z'].map((axis) => numberAt(required(sites, row, `_atom_site_fract_${axis}`)));
    const copies: number[] = [];
    for (const operation of operations) {
      const copy = multiplyRows(at, operation.transposedRotation).map(
        (x, i) => x + (operation.translation[i] as number),
      );
      if (!holds(copies, copy, latticeAngstrom)) copies.push(...copy);
    }
    placed.push(...copies);
    for (let i = 0; i < copies.length; i += 3) atomicNumbers.push(z);
  }
  return makeCrystal({ latticeAngstrom, fractionalCoordinates: placed, atomicNumbers });
}

function operationsOf(block: CifBlock): SymmetryOperation[] {
  for (const name of ['_space_group_symop_operation_xyz', '_symmetry_equiv_pos_as_xyz']) {
    const loop = loopWith(block, name);
    if (loop !== undefined) return loop.rows.map((row) => parseOperation(required(loop, row, name)));
    const single = block.values.get(name);
    if (single !== undefined) return [parseOperation(single)];
  }
  const names = [
    '_space_group_name_h-m_alt',
    '_symmetry_space_group_name_h-m',
    '_space_group_it_number',
    '_symmetry_int_tables_number',
  ];
  for (const name of names) {
    const group = block.values.get(name);
    if (group !== undefined && !/^(1|P ?1|\?|\.)$/i.test(group.text)) {
      const advice = 'write them out (_symmetry_equiv_pos_as_xyz), or give the crystal in P1';
      throw new FormatError(
        'CIF',
        group.line,
        `the space group is ${group.text} but no symmetry operations are listed: ${advice}`,
      );
    }
  }
  return [parseOperation({ text: 'x,y,z', line: 1 })];
}

function elementAt(sites: CifLoop, row: readonly CifValue[]): number {
  const value = find(sites, row, '_atom_site_type_symbol') ?? required(sites, row, '_atom_site_label');
  const letters = /^[A-Za-z]{1,2}/.exec(value.text)?.[0] ?? '';
  // 'FE2+' and 'Cu1' name an element by two letters, 'O1' and 'OW' by one.
  const tries = [
    letters.charAt(0).toUpperCase() + letters.slice(1).toLowerCase(),
    letters.charAt(0).toUpperCase(),
  ];
  for (const symbol of tries) {
    try {
      return atomicNumberOf(symbol);
    } catch {
      continue;
    }
  }
  throw new FormatError(
    'CIF',
    value.line,
    `'${value.text}' names no element: begin with a chemical symbol, as in 'Cu1'`,
  );
}

function requireFullOccupancy(sites: CifLoop, row: readonly CifValue[]): void {
  const value = find(sites, row, '_atom_site_occupancy');
  if (value === undefined || value.text === '?' || value.text === '.') return;
  if (Math.abs(numberAt(value) - 1) > 1e-3) {
    const advice = 'give an ordered crystal, with each site fully occupied';
    throw new FormatError('CIF', value.line, `a site is occupied to ${value.text} only: ${advice}`);
  }
}

function positive(block: CifBlock, name: string): number {
  const value = block.values.get(name);
  if (value === undefined) throw new FormatError('CIF', block.line, `${name} is missing`);
  const number = numberAt(value);
  if (!(number > 0))
    throw new FormatError('CIF', value.line, `${name} is ${value.text}: it must be positive`);
  return number;
}

function numberAt(value: CifValue): number {
  const plain = value.text.replace(/\(\d+\)$/, '');
  const number = plain === '' ? NaN : Number(plain);
  if (!Number.isFinite(number)) throw new FormatError('CIF', value.line, `'${value.text}' is not a number`);
  return number;
}

function loopWith(block: CifBlock, name: string): CifLoop | undefined {
  return block.loops.find((loop) => loop.names.includes(name));
}

function find(loop: CifLoop, row: readonly CifValue[], name: string): CifValue | undefined {
  return row[loop.names.indexOf(name)];
}

function required(loop: CifLoop, row: readonly CifValue[], name: string): CifValue {
  const value = find(loop, row, name);
  if (value === undefined) throw new FormatError('CIF', loop.line, `the loop lacks ${name}`);
  return value;
}

function holds(
  copies: readonly number[],
  copy: readonly number[],
  latticeAngstrom: readonly number[],
): boolean {
  for (let i = 0; i < copies.length; i += 3) {
    const apart = copy.map((x, axis) => {
      const difference = x - (copies[i + axis] as number);
      return difference - Math.round(difference);
    });
    if (Math.hypot(...multiplyRows(apart, latticeAngstrom)) < SAME_SITE_ANGSTROM) return true;
  }
  return false;
}
