import { hall_symbol_entry, type MoyoHallSymbolEntry } from '@spglib/moyo-wasm';
import { multiply, type Matrix3 } from '../geometry/lattice.ts';
import { symmetryIsLoaded } from '../symmetry/finder.ts';
import type { SymmetryOperation } from '../symmetry/operation.ts';
import { symmetryOperations } from '../symmetry/space-group.ts';
import { type CifBlock, errorAt, givenText } from './cif-blocks.ts';

const SYMBOL_NAMES = ['_space_group_name_h-m_alt', '_symmetry_space_group_name_h-m'];
const HALL_NAMES = ['_space_group_name_hall', '_symmetry_space_group_name_hall'];
const NUMBER_NAMES = ['_space_group_it_number', '_symmetry_int_tables_number'];
const ADVICE = 'write them out (_symmetry_equiv_pos_as_xyz), or give the crystal in P1';

/** A cell fits a setting whose operations keep its metric so well: better than files are rounded, to tell settings. */
const SETTING_TOLERANCE = 1e-3;

/**
 * The operations of the space group that a block names without listing them; undefined for P1 or no group. Needs the
 * symmetry finder. Throws a FormatError when what stands there fits no setting of a group, or several.
 */
export function operationsOfNamedGroup(
  block: CifBlock,
  latticeAngstrom: Matrix3,
): readonly SymmetryOperation[] | undefined {
  const symbol = firstGiven(block, SYMBOL_NAMES);
  const hall = firstGiven(block, HALL_NAMES);
  const number = firstGiven(block, NUMBER_NAMES);
  const told = [symbol, hall, number].filter((given) => given !== undefined);
  const named = told.find(({ text }) => !/^(1|P ?1)$/i.test(text.trim()));
  if (named === undefined) return undefined;
  const fail = (cause: string): Error =>
    errorAt(
      block.tokens,
      named.token,
      `the space group is ${named.text.slice(0, 40)} but no symmetry operations are listed${cause}: ${ADVICE}`,
    );
  if (!symmetryIsLoaded()) throw fail('');
  const settings = allSettings().filter(
    (entry) =>
      (number === undefined || entry.number === Number(number.text)) &&
      (hall === undefined || plain(hall.text) === plain(entry.hall_symbol)) &&
      (symbol === undefined || isCalled(entry, symbol.text, number !== undefined)),
  );
  const fitting = settings
    .map((entry) => symmetryOperations(entry.number, entry.hall_number))
    .filter((operations) =>
      operations.every((operation) =>
        keepsMetric(operation.transposedRotation, latticeAngstrom, SETTING_TOLERANCE),
      ),
    );
  const [only] = fitting;
  if (only === undefined) throw fail(', and no setting of a space group fits the names and the cell');
  if (fitting.length > 1) throw fail(`, and ${fitting.length} settings (axes or origins) fit the name`);
  return only;
}

/** Whether a rotation (Rᵀ) leaves the products of the lattice's rows as they are, within a share of their lengths. */
export function keepsMetric(
  transposedRotation: Matrix3,
  latticeAngstrom: Matrix3,
  tolerance: number,
): boolean {
  // x' = x·Rᵀ, so Rᵀ·L is the lattice that takes the place of L.
  const turned = multiply(transposedRotation, latticeAngstrom);
  for (let i = 0; i < 3; i++) {
    for (let j = i; j < 3; j++) {
      const scale = Math.sqrt(dot(latticeAngstrom, i, i) * dot(latticeAngstrom, j, j));
      const change = Math.abs(dot(turned, i, j) - dot(latticeAngstrom, i, j));
      if (!(change <= tolerance * scale)) return false;
    }
  }
  return true;
}

let settings: readonly MoyoHallSymbolEntry[] | undefined;

function allSettings(): readonly MoyoHallSymbolEntry[] {
  settings ??= Array.from({ length: 530 }, (_, i) => hall_symbol_entry(i + 1));
  return settings;
}

/** Whether a setting goes by this Hermann-Mauguin symbol, as in 'P 1 21/n 1', 'P21/n', 'R -3 m :H' or 'Fd3m:2'. */
function isCalled(entry: MoyoHallSymbolEntry, symbol: string, numberIsGiven: boolean): boolean {
  const [, name, setting] = /^(.*?)(?::([12HR])|\s[SZ])?$/i.exec(symbol.trim()) ?? [];
  if (name === undefined) return false;
  const origin = /\s[SZ]$/.exec(symbol.trim())?.[0].trim();
  const wanted = setting?.toUpperCase() ?? (origin === undefined ? undefined : origin === 'S' ? '1' : '2');
  if (wanted !== undefined && entry.setting !== wanted) return false;
  const monoclinic = entry.number >= 3 && entry.number <= 15;
  const withoutOnes = entry.hm_full.replaceAll(/ 1(?= |$)/g, '');
  const names = [entry.hm_full, monoclinic ? withoutOnes : entry.hm_short].map(plain);
  // Older symbols write 'Fm3m' for 'Fm-3m'; the number excludes a mistake.
  const asNumbered = (text: string): string => (numberIsGiven ? text.replaceAll('-', '') : text);
  return names.some((known) => asNumbered(known) === asNumbered(plain(name)));
}

function plain(symbol: string): string {
  return symbol.replaceAll(/[\s_]/g, '').toLowerCase();
}

function firstGiven(
  block: CifBlock,
  names: readonly string[],
): { readonly text: string; readonly token: number } | undefined {
  for (const name of names) {
    const text = givenText(block, name);
    const token = block.values.get(name);
    if (text !== undefined && text.length < 100 && token !== undefined) return { text, token };
  }
  return undefined;
}

function dot(m: Matrix3, i: number, j: number): number {
  let sum = 0;
  for (let k = 0; k < 3; k++) sum += (m[3 * i + k] as number) * (m[3 * j + k] as number);
  return sum;
}
