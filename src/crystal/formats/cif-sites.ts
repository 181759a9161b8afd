import { ELEMENTS } from '../chemistry/elements.ts';
import {
  type CifBlock,
  type CifLoop,
  columnOf,
  errorAt,
  givenText,
  isUnknown,
  loopWith,
} from './cif-blocks.ts';
import { type CifTokens, textOf } from './cif-tokens.ts';
import { decimalOf } from './decimal.ts';

/** The sites that a CIF lists, before symmetry makes the others. */
export interface CifSites {
  readonly atomicNumbers: readonly number[];
  /** Flat, 3 per site, as they stand, thirds made exact. */
  readonly coordinates: Float64Array;
  /** Of each site; undefined unless the file gives all. */
  readonly oxidationStates: readonly number[] | undefined;
  /** Token of each site's label, or of its type symbol where the file has no labels. */
  readonly labelTokens: Int32Array;
}

const THIRDS = [1 / 3, 2 / 3];
/** As pymatgen has it: 0.3333 means a third. */
const THIRD_TOLERANCE = 1e-4;
/** pymatgen writes 8; what is written with more is meant as it stands. */
const MOST_DECIMALS_OF_A_THIRD = 8;
const FULL_OCCUPANCY_TOLERANCE = 1e-3;

const ATOMIC_NUMBER_OF = new Map([
  ...ELEMENTS.map(({ symbol, atomicNumber }) => [symbol.toLowerCase(), atomicNumber] as const),
  ['d', 1],
]);

/** Throws a FormatError for a site without an element or coordinates, or only partly occupied. */
export function sitesOf(block: CifBlock, loop: CifLoop): CifSites {
  const { tokens } = block;
  const width = loop.names.length;
  const typeColumn = columnOf(loop, '_atom_site_type_symbol');
  const labelColumn = columnOf(loop, '_atom_site_label') ?? typeColumn;
  const axes = ['x', 'y', 'z'].map((axis) => columnOf(loop, `_atom_site_fract_${axis}`));
  const [x, y, z] = axes;
  if (x === undefined || y === undefined || z === undefined) {
    throw errorAt(tokens, loop.token, 'the loop of atoms lacks one of _atom_site_fract_x, _y and _z');
  }
  if (labelColumn === undefined) {
    throw errorAt(tokens, loop.token, 'the loop of atoms lacks _atom_site_type_symbol or _atom_site_label');
  }
  const occupancyColumn = columnOf(loop, '_atom_site_occupancy');
  const types = new Map<string, SiteType>();
  const known = { tokens, oxidationNumbers: oxidationNumbersIn(block), elements: elementsOfFormula(block) };
  const atomicNumbers = new Array<number>(loop.rowCount);
  const charges: number[] = [];
  const labelTokens = new Int32Array(loop.rowCount);
  const coordinates = new Float64Array(3 * loop.rowCount);
  for (let row = 0; row < loop.rowCount; row++) {
    const first = loop.first + row * width;
    const labelToken = first + labelColumn;
    const typed = typeColumn !== undefined && !isUnknown(tokens, first + typeColumn);
    const nameToken = typed ? first + typeColumn : labelToken;
    const name = textOf(tokens, nameToken);
    const key = typed ? name : `label ${name}`;
    let type = types.get(key);
    if (type === undefined) types.set(key, (type = siteType(known, nameToken, typed)));
    atomicNumbers[row] = type.atomicNumber;
    if (type.charge !== undefined) charges.push(type.charge);
    labelTokens[row] = labelToken;
    if (occupancyColumn !== undefined) requireFullOccupancy(tokens, first + occupancyColumn);
    coordinates[3 * row] = coordinateAt(tokens, first + x);
    coordinates[3 * row + 1] = coordinateAt(tokens, first + y);
    coordinates[3 * row + 2] = coordinateAt(tokens, first + z);
  }
  const oxidationStates = charges.length === loop.rowCount ? charges : undefined;
  return { atomicNumbers, coordinates, oxidationStates, labelTokens };
}

/** A number, its uncertainty in parentheses dropped. Throws a FormatError for anything else. */
export function numberAt(tokens: CifTokens, token: number): number {
  const text = textOf(tokens, token);
  const parenthesis = text.charCodeAt(text.length - 1) === 41 ? text.lastIndexOf('(') : -1;
  const uncertain = parenthesis > 0 && /^\d+\)$/.test(text.slice(parenthesis + 1, parenthesis + 20));
  const number = decimalOf(uncertain ? text.slice(0, parenthesis) : text);
  if (Number.isFinite(number)) return number;
  throw errorAt(tokens, token, `'${text.slice(0, 60)}' is not a number`);
}

function coordinateAt(tokens: CifTokens, token: number): number {
  if (isUnknown(tokens, token)) {
    throw errorAt(tokens, token, 'the site has no coordinates: give them, or leave the site out');
  }
  const x = numberAt(tokens, token);
  for (const fraction of THIRDS) {
    if (x !== fraction && Math.abs(x / fraction - 1) <= THIRD_TOLERANCE) {
      return decimalsIn(textOf(tokens, token)) <= MOST_DECIMALS_OF_A_THIRD ? fraction : x;
    }
  }
  return x;
}

function decimalsIn(text: string): number {
  return /\.(\d*)/.exec(text)?.[1]?.length ?? 0;
}

function requireFullOccupancy(tokens: CifTokens, token: number): void {
  const text = textOf(tokens, token);
  if (text === '1' || isUnknown(tokens, token)) return;
  const occupancy = numberAt(tokens, token);
  if (Math.abs(occupancy - 1) <= FULL_OCCUPANCY_TOLERANCE) return;
  const advice = 'partial occupancy is not supported; give an ordered crystal, with each site fully occupied';
  throw errorAt(tokens, token, `a site is occupied to ${text} only: ${advice}`);
}

interface SiteType {
  readonly atomicNumber: number;
  readonly charge: number | undefined;
}

/** What else a block says of its elements. */
interface Known {
  readonly tokens: CifTokens;
  /** By type symbol, as in 'Fe3+'. */
  readonly oxidationNumbers: ReadonlyMap<string, number>;
  /** Of the formula; undefined without one. */
  readonly elements: ReadonlySet<number | undefined> | undefined;
}

function siteType(known: Known, token: number, typed: boolean): SiteType {
  const symbol = textOf(known.tokens, token);
  const atomicNumber = atomicNumberIn(symbol, typed, known);
  if (atomicNumber === undefined) {
    const advice =
      "begin with a chemical symbol, as in 'Cu1'; a site is one atom, not a molecule or a vacancy";
    throw errorAt(known.tokens, token, `'${symbol.slice(0, 60)}' names no element: ${advice}`);
  }
  const charge = typed ? (known.oxidationNumbers.get(symbol) ?? chargeIn(symbol)) : undefined;
  return { atomicNumber, charge };
}

/** 'FE2+' and 'Cu1' name an element by two letters, 'O1' and 'OW' by one. */
function atomicNumberIn(symbol: string, typed: boolean, { elements }: Known): number | undefined {
  const letters = /^[A-Za-z]{1,24}/.exec(symbol)?.[0] ?? '';
  // Water as one site, vacancies and dummies: their first letters would name an element.
  if (/^(wat|va(c|$)|dum|du$)/i.test(letters)) return undefined;
  const two = letters.length < 2 ? undefined : ATOMIC_NUMBER_OF.get(letters.slice(0, 2).toLowerCase());
  const one = ATOMIC_NUMBER_OF.get(letters.charAt(0).toLowerCase());
  if (two === undefined || one === undefined) {
    // A type symbol is the element's own, but for the usual names of water's atoms.
    return two ?? (typed && letters.length > 1 && !/^[oh]w/i.test(letters) ? undefined : one);
  }
  // In capitals, 'HO1' may be holmium or a hydrogen on oxygen: the formula knows.
  const isOpen = !typed && /^[A-Z]{2}/.test(letters) && elements !== undefined;
  return isOpen && !elements.has(two) && elements.has(one) ? one : two;
}

function elementsOfFormula(block: CifBlock): ReadonlySet<number | undefined> | undefined {
  const symbols = givenText(block, '_chemical_formula_sum')
    ?.slice(0, 1000)
    .match(/[A-Z][a-z]?/g);
  if (symbols == null) return undefined;
  return new Set(symbols.map((symbol) => ATOMIC_NUMBER_OF.get(symbol.toLowerCase())));
}

function oxidationNumbersIn(block: CifBlock): Map<string, number> {
  const numbers = new Map<string, number>();
  const loop = loopWith(block, '_atom_type_oxidation_number');
  const symbolColumn = loop === undefined ? undefined : columnOf(loop, '_atom_type_symbol');
  const column = loop === undefined ? undefined : columnOf(loop, '_atom_type_oxidation_number');
  if (loop === undefined || symbolColumn === undefined || column === undefined) return numbers;
  for (let row = 0; row < loop.rowCount; row++) {
    const first = loop.first + row * loop.names.length;
    if (isUnknown(block.tokens, first + column)) continue;
    numbers.set(textOf(block.tokens, first + symbolColumn), numberAt(block.tokens, first + column));
  }
  return numbers;
}

/** As in 'Fe3+', 'Fe+3' and 'Na+'. */
function chargeIn(symbol: string): number | undefined {
  const [, before, sign, after] = /^[A-Za-z]{1,2}(\d{0,2})([+-])(\d{0,2})$/.exec(symbol) ?? [];
  if (sign === undefined) return undefined;
  const size = Number(before || after || 1);
  return sign === '-' && size !== 0 ? -size : size;
}
