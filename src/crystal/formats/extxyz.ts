import { cartesianAngstrom, type Crystal, makeCrystal } from '../crystal.ts';
import { atomicNumberOf, symbolOf } from '../chemistry/elements.ts';
import { inverse, multiplyRows } from '../geometry/lattice.ts';
import { FormatError } from './format-error.ts';

export interface ExtxyzFrame {
  readonly crystal: Crystal;
  /** What else the comment line says; names carry their units, as in energyEvPerAtom. */
  readonly properties: Readonly<Record<string, string | number>>;
}

/** Crystals as extended XYZ, Cartesian coordinates in Å, one frame each. Throws a RangeError for an unusable name. */
export function writeExtxyz(frames: readonly ExtxyzFrame[]): string {
  return frames.map(writeFrame).join('');
}

function writeFrame({ crystal, properties }: ExtxyzFrame): string {
  const positions = cartesianAngstrom(crystal);
  const pairs = Object.entries(properties).map(([name, value]) => {
    if (!/^[A-Za-z_][\w.-]*$/.test(name) || /^(Lattice|Properties|pbc)$/i.test(name)) {
      throw new RangeError(`'${name}' cannot name an extended XYZ property: use letters, digits, _, . and -`);
    }
    return `${name}=${typeof value === 'number' ? value : JSON.stringify(value)}`;
  });
  const header = [
    `Lattice="${crystal.latticeAngstrom.join(' ')}"`,
    'Properties=species:S:1:pos:R:3',
    'pbc="T T T"',
    ...pairs,
  ];
  const rows = crystal.atomicNumbers.map(
    (z, i) =>
      `${symbolOf(z)} ${positions
        .slice(3 * i, 3 * i + 3)
        .map((x) => x.toFixed(10))
        .join(' ')}`,
  );
  return [String(crystal.atomicNumbers.length), header.join(' '), ...rows, ''].join('\n');
}

/** All frames of an extended XYZ text. Throws a FormatError with the line of what is missing or unreadable. */
export function parseExtxyz(text: string): ExtxyzFrame[] {
  const lines = text.trimEnd().split(/\r\n|\r|\n/);
  const frames: ExtxyzFrame[] = [];
  let at = 0;
  while (at < lines.length) {
    const count = lines[at]?.trim() ?? '';
    if (count === '') {
      at++;
      continue;
    }
    const n = Number(count);
    if (!Number.isInteger(n) || n < 1)
      throw new FormatError('extended XYZ', at + 1, `'${count}' is not a number of atoms`);
    if (at + 2 + n > lines.length) {
      throw new FormatError(
        'extended XYZ',
        at + 1,
        `${n} atoms are announced but the text ends before the last`,
      );
    }
    frames.push(parseFrame(lines.slice(at + 1, at + 2 + n), at + 2));
    at += 2 + n;
  }
  return frames;
}

/** A frame's comment line and atom lines; firstLine is the comment's line number in the text. */
function parseFrame(lines: readonly string[], firstLine: number): ExtxyzFrame {
  const fail = (offset: number, cause: string): never => {
    throw new FormatError('extended XYZ', firstLine + offset, cause);
  };
  const pairs = new Map<string, { text: string; quoted: boolean }>();
  for (const match of (lines[0] as string).matchAll(/([^\s=]+)(?:=("((?:[^"\\]|\\.)*)"|\S*))?/g)) {
    const quoted = match[3] !== undefined;
    pairs.set(match[1] as string, {
      text: quoted ? (match[3] as string).replaceAll(/\\(.)/g, '$1') : (match[2] ?? 'T'),
      quoted,
    });
  }
  const lattice = pairs.get('Lattice')?.text.trim().split(/\s+/).map(Number) ?? [];
  if (lattice.length !== 9 || lattice.some((x) => !Number.isFinite(x))) {
    fail(
      0,
      'Lattice="ax ay az bx by bz cx cy cz" is missing or does not hold 9 numbers: only periodic crystals are read',
    );
  }
  if (/f|0/i.test(pairs.get('pbc')?.text ?? 'T T T'))
    fail(0, 'pbc is not "T T T": only crystals periodic in three directions are read');
  const { species, position } = columnsOf(pairs.get('Properties')?.text ?? 'species:S:1:pos:R:3', firstLine);

  const positions: number[] = [];
  const atomicNumbers = lines.slice(1).map((line, i) => {
    const words = line.trim().split(/\s+/);
    const xyz = words.slice(position, position + 3).map(Number);
    if (xyz.length < 3 || xyz.some((x) => !Number.isFinite(x)))
      fail(i + 1, `no three coordinates in '${line.trim()}'`);
    positions.push(...xyz);
    try {
      return atomicNumberOf(words[species] as string);
    } catch (error) {
      return fail(i + 1, (error as Error).message);
    }
  });
  const properties: Record<string, string | number> = {};
  for (const [name, { text, quoted }] of pairs) {
    if (['Lattice', 'Properties', 'pbc'].includes(name)) continue;
    const number = Number(text);
    properties[name] = !quoted && text !== '' && Number.isFinite(number) ? number : text;
  }
  const crystal = makeCrystal({
    latticeAngstrom: lattice,
    fractionalCoordinates: multiplyRows(positions, inverse(lattice)),
    atomicNumbers,
  });
  return { crystal, properties };
}

/** Where the symbol and the first coordinate stand among a line's words. */
function columnsOf(properties: string, line: number): { species: number; position: number } {
  const fields = properties.split(':');
  const starts = new Map<string, number>();
  let column = 0;
  for (let i = 0; i + 2 < fields.length; i += 3) {
    starts.set(fields[i] as string, column);
    column += Number(fields[i + 2]);
  }
  const [species, position] = [starts.get('species'), starts.get('pos')];
  if (species === undefined || position === undefined || !Number.isInteger(column)) {
    throw new FormatError('extended XYZ', line, `Properties=${properties} lacks species:S:1 or pos:R:3`);
  }
  return { species, position };
}
