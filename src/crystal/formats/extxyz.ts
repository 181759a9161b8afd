import { atomicNumberOf, symbolOf } from '../chemistry/elements.ts';
import { cartesianAngstrom, type Crystal } from '../crystal.ts';
import { inverse, multiplyRows } from '../geometry/lattice.ts';
import { decimalOf, fixed, linesOf, wordsOf } from './decimal.ts';
import { type PropertyValue, splitComment, valueOf, valueText } from './extxyz-comment.ts';
import { crystalAt, FormatError, MAX_ATOMS, withLine } from './format-error.ts';

/** A column of numbers, words or truth values, so many per atom. */
export interface AtomColumn {
  readonly width: number;
  /** Flat, width · n. */
  readonly values: readonly (number | string | boolean)[];
}

export interface ExtxyzFrame {
  readonly crystal: Crystal;
  /** What else the comment line says; names carry their units, as in energyEvPerAtom. */
  readonly properties: Readonly<Record<string, PropertyValue>>;
  /** What else the file has per atom, as in forces (eV/Å); left out without such columns. */
  readonly columns?: Readonly<Record<string, AtomColumn>>;
}

/** pymatgen's and ASE's names for what a Crystal carries. */
const MOMENTS = ['magmoms', 'initial_magmoms'];
const OXIDATION_STATES = 'oxi_states';
const CHARGE = 'charge';
const RESERVED = ['lattice', 'properties', 'pbc'];

/**
 * Crystals as extended XYZ that ASE reads, Cartesian coordinates in Å, one frame each. Charge, oxidation states and
 * moments stand as ASE and pymatgen name them: charge, oxi_states, initial_magmoms. Throws a RangeError for a name
 * that would not read back.
 */
export function writeExtxyz(frames: readonly ExtxyzFrame[]): string {
  return frames.map(writeFrame).join('');
}

function writeFrame({ crystal, properties, columns = {} }: ExtxyzFrame): string {
  const count = crystal.atomicNumbers.length;
  const { chargeE, oxidationStates, magneticMomentsMuB } = crystal;
  const told: Record<string, PropertyValue> = { ...(chargeE === undefined ? {} : { [CHARGE]: chargeE }) };
  const pairs = Object.entries({ ...told, ...properties }).map(([name, value]) => {
    requireName(name, properties, told);
    const text = valueText(value);
    if (text === undefined) throw new RangeError(`${name} holds a number that is not finite: leave it out`);
    return `${name}=${text}`;
  });
  const carried: Record<string, AtomColumn> = {};
  if (oxidationStates !== undefined) carried[OXIDATION_STATES] = { width: 1, values: oxidationStates };
  if (magneticMomentsMuB !== undefined) {
    carried['initial_magmoms'] = { width: magneticMomentsMuB.length / count, values: magneticMomentsMuB };
  }
  const all = Object.entries({ ...carried, ...columns });
  const kinds = all.map(([name, column]) => {
    requireName(name, columns, carried);
    return `:${name}:${kindOf(name, column, count)}:${column.width}`;
  });
  const header = [
    `Lattice="${crystal.latticeAngstrom.join(' ')}"`,
    `Properties=species:S:1:pos:R:3${kinds.join('')}`,
    'pbc="T T T"',
    ...pairs,
  ];
  const positions = cartesianAngstrom(crystal);
  const rows = crystal.atomicNumbers.map((z, i) => {
    const xyz = positions.slice(3 * i, 3 * i + 3).map((x) => fixed(x, 10));
    const others = all.flatMap(([, { width, values }]) =>
      values.slice(width * i, width * (i + 1)).map(cellText),
    );
    return [symbolOf(z), ...xyz, ...others].join(' ');
  });
  return [String(count), header.join(' '), ...rows, ''].join('\n');
}

function requireName(name: string, given: object, carried: object): void {
  if (!/^[A-Za-z_][\w.-]*$/.test(name) || RESERVED.includes(name.toLowerCase())) {
    throw new RangeError(`'${name}' cannot name an extended XYZ property: use letters, digits, _, . and -`);
  }
  if (Object.hasOwn(given, name) && Object.hasOwn(carried, name)) {
    throw new RangeError(`'${name}' is given twice, by the crystal and beside it: rename the other one`);
  }
}

function kindOf(name: string, { width, values }: AtomColumn, atoms: number): string {
  if (!Number.isInteger(width) || width < 1 || values.length !== width * atoms) {
    throw new RangeError(
      `column '${name}' has ${values.length} values: give ${width} for each of ${atoms} atoms`,
    );
  }
  if (values.every((value) => typeof value === 'number' && Number.isFinite(value))) return 'R';
  if (values.every((value) => typeof value === 'boolean')) return 'L';
  if (values.every((value) => typeof value === 'string' && /^\S+$/.test(value))) return 'S';
  throw new RangeError(`column '${name}' must hold finite numbers, truth values, or words without blanks`);
}

function cellText(value: number | string | boolean): string {
  return typeof value === 'boolean' ? (value ? 'T' : 'F') : String(value);
}

/** All frames of an extended XYZ text. Throws a FormatError with the line of what is missing or unreadable. */
export function parseExtxyz(text: string): ExtxyzFrame[] {
  const lines = linesOf(text.trimEnd());
  const frames: ExtxyzFrame[] = [];
  let at = 0;
  while (at < lines.length) {
    const count = (lines[at] as string).trim();
    if (count === '') {
      at++;
      continue;
    }
    const n = /^\d{1,15}$/.test(count) ? Number(count) : 0;
    if (n < 1) throw fail(at, `'${count.slice(0, 40)}' is not a number of atoms`);
    if (n > MAX_ATOMS) throw fail(at, `${n} atoms, where ${MAX_ATOMS} are the most: give a smaller cell`);
    if (at + 2 + n > lines.length)
      throw fail(at, `${n} atoms are announced but the text ends before the last`);
    frames.push(parseFrame(lines, at + 1, n));
    at += 2 + n;
  }
  if (frames.length === 0) throw fail(0, 'the text holds no frame: begin with the number of atoms');
  return frames;
}

/** The frame whose comment is the given line (from 0), with so many atoms below. */
function parseFrame(lines: readonly string[], comment: number, count: number): ExtxyzFrame {
  const pairs = splitComment(lines[comment] as string);
  if (pairs === undefined) throw fail(comment, 'a quote or bracket never closes: close it on the same line');
  const lattice = wordsOf(pairs.get('Lattice') ?? '').map(decimalOf);
  if (lattice.length !== 9 || !lattice.every(Number.isFinite)) {
    const cause = 'Lattice="ax ay az bx by bz cx cy cz" is missing or does not hold 9 numbers';
    throw fail(comment, `${cause}: only periodic crystals are read`);
  }
  if (/f|0/i.test(pairs.get('pbc') ?? 'T T T')) {
    throw fail(comment, 'pbc is not "T T T": only crystals periodic in three directions are read');
  }
  const layout = columnsOf(pairs.get('Properties') ?? 'species:S:1:pos:R:3', comment);
  const width = layout.reduce((sum, column) => sum + column.width, 0);
  const cells = layout.map((): (number | string | boolean)[] => []);
  for (let atom = 0; atom < count; atom++) {
    const line = comment + 1 + atom;
    const words = wordsOf(lines[line] as string);
    if (words.length < width) {
      throw fail(
        line,
        `'${words.join(' ').slice(0, 60)}' has ${words.length} columns: Properties announces ${width}`,
      );
    }
    let word = 0;
    layout.forEach(({ name, kind, width: columnWidth }, i) => {
      for (let k = 0; k < columnWidth; k++) {
        const value = cellOf(words[word++] as string, kind);
        if (value === undefined) {
          const cause = name === 'pos' ? 'no three coordinates' : `no ${name} of kind ${kind}`;
          throw fail(line, `${cause} in '${words.join(' ').slice(0, 60)}'`);
        }
        (cells[i] as (number | string | boolean)[]).push(value);
      }
    });
  }
  return frameOf({ pairs, lattice, layout, cells, comment });
}

function frameOf({
  pairs,
  lattice,
  layout,
  cells,
  comment,
}: {
  readonly pairs: ReadonlyMap<string, string>;
  readonly lattice: readonly number[];
  readonly layout: readonly Column[];
  readonly cells: readonly (readonly (number | string | boolean)[])[];
  readonly comment: number;
}): ExtxyzFrame {
  const valuesOf = (name: string): readonly (number | string | boolean)[] | undefined =>
    cells[layout.findIndex((column) => column.name === name)];
  const symbols = valuesOf('species') as readonly string[];
  const atomicNumbers = symbols.map((symbol, i) =>
    withLine(
      'extended XYZ',
      () => comment + 2 + i,
      () => atomicNumberOf(symbol),
    ),
  );
  const numeric = (name: string, widths: readonly number[]): readonly number[] | undefined => {
    const column = layout.find((candidate) => candidate.name === name);
    if (column === undefined || !/[RI]/.test(column.kind) || !widths.includes(column.width)) return undefined;
    return valuesOf(name) as readonly number[];
  };
  const moments = MOMENTS.find((name) => numeric(name, [1, 3]) !== undefined);
  const oxidationStates = numeric(OXIDATION_STATES, [1]);
  const properties: Record<string, PropertyValue> = {};
  let chargeE: number | undefined;
  for (const [name, text] of pairs) {
    if (['Lattice', 'Properties', 'pbc'].includes(name)) continue;
    const value = valueOf(text);
    if (value === undefined) throw fail(comment, `the value of ${name} is no JSON after _JSON`);
    if (name === CHARGE && typeof value === 'number') chargeE = value;
    // Own property even for '__proto__', which an assignment would lose.
    else
      Object.defineProperty(properties, name, {
        value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
  const crystal = crystalAt(
    {
      latticeAngstrom: lattice,
      fractionalCoordinates: withLine(
        'extended XYZ',
        () => comment + 1,
        () => multiplyRows(valuesOf('pos') as readonly number[], inverse(lattice)),
      ),
      atomicNumbers,
      chargeE,
      oxidationStates,
      magneticMomentsMuB: moments === undefined ? undefined : numeric(moments, [1, 3]),
    },
    'extended XYZ',
    () => comment + 1,
  );
  const carried = ['species', 'pos', moments, oxidationStates === undefined ? undefined : OXIDATION_STATES];
  const others = layout.flatMap(({ name, width }, i) =>
    carried.includes(name) ? [] : [[name, { width, values: cells[i] as AtomColumn['values'] }] as const],
  );
  return others.length === 0
    ? { crystal, properties }
    : { crystal, properties, columns: Object.fromEntries(others) };
}

interface Column {
  readonly name: string;
  /** S, R, I or L. */
  readonly kind: string;
  readonly width: number;
}

function columnsOf(properties: string, line: number): Column[] {
  const fields = properties.split(':');
  const columns: Column[] = [];
  for (let i = 0; i < fields.length; i += 3) {
    const [name = '', kind = '', width = ''] = fields.slice(i, i + 3);
    if (name === '' || !/^[SRIL]$/.test(kind) || !/^[1-9]\d{0,3}$/.test(width)) {
      throw fail(
        line,
        `Properties=${properties.slice(0, 80)} is not made of name:S, R, I or L:number of columns`,
      );
    }
    columns.push({ name, kind, width: Number(width) });
  }
  const has = (name: string, kind: string, width: number): boolean =>
    columns.filter((column) => column.name === name).length === 1 &&
    columns.some((column) => column.name === name && column.kind === kind && column.width === width);
  if (!has('species', 'S', 1) || !has('pos', 'R', 3)) {
    throw fail(line, `Properties=${properties.slice(0, 80)} lacks species:S:1 or pos:R:3`);
  }
  return columns;
}

function cellOf(word: string, kind: string): number | string | boolean | undefined {
  if (kind === 'S') return word;
  if (kind === 'L')
    return /^(T|true|1)$/i.test(word) ? true : /^(F|false|0)$/i.test(word) ? false : undefined;
  const number = decimalOf(word);
  return Number.isFinite(number) ? number : undefined;
}

/** An error at a line counted from 0. */
function fail(line: number, reason: string): FormatError {
  return new FormatError('extended XYZ', line + 1, reason);
}
