import type { Crystal } from '../crystal.ts';
import { fromAse, writeAse } from './ase-json.ts';
import { parseCifs, writeCif } from './cif.ts';
import { linesOf, wordsOf } from './decimal.ts';
import { parseExtxyz, writeExtxyz } from './extxyz.ts';
import { FormatError } from './format-error.ts';
import { type JsonPlace, readJson } from './json-source.ts';
import { fromOptimade, writeOptimade } from './optimade.ts';
import { parsePoscar, writePoscar } from './poscar.ts';
import { fromPymatgen, writePymatgen } from './pymatgen-json.ts';

export const FORMATS = ['cif', 'poscar', 'extxyz', 'pymatgen', 'ase', 'optimade'] as const;
export type Format = (typeof FORMATS)[number];

type JsonFormat = 'pymatgen' | 'ase' | 'optimade';

const FROM_JSON: Readonly<Record<JsonFormat, (place: JsonPlace) => Crystal[]>> = {
  pymatgen: fromPymatgen,
  ase: fromAse,
  optimade: fromOptimade,
};

const KNOWN = 'CIF, POSCAR, extended XYZ, and the JSON of pymatgen, ASE and OPTIMADE';

/**
 * All crystals of a file in any of the formats; which one is told, or found from the content and the file's name.
 * Throws a FormatError that names the file, the line, the cause and what to do.
 */
export function readCrystals(
  text: string,
  { format, fileName }: { readonly format?: Format; readonly fileName?: string } = {},
): Crystal[] {
  try {
    if (format !== undefined || !isJson(text)) return read(text, format ?? detectFormat(text, fileName));
    const place = readJson(text, 'JSON');
    return FROM_JSON[jsonFormat(place)](place);
  } catch (error) {
    if (error instanceof FormatError && fileName !== undefined) throw error.inFile(fileName);
    throw error;
  }
}

/** One crystal as a text in the format. */
export function writeCrystal(crystal: Crystal, format: Format): string {
  switch (format) {
    case 'cif':
      return writeCif(crystal);
    case 'poscar':
      return writePoscar(crystal);
    case 'extxyz':
      return writeExtxyz([{ crystal, properties: {} }]);
    case 'pymatgen':
      return writePymatgen([crystal]);
    case 'ase':
      return writeAse([crystal]);
    case 'optimade':
      return writeOptimade([crystal]);
  }
}

/** The format of a text, by its content, then by the file's name. Throws a FormatError when neither tells. */
export function detectFormat(text: string, fileName?: string): Format {
  if (isJson(text)) return jsonFormat(readJson(text, 'JSON'));
  const lines = linesOf(text.slice(0, 100_000));
  if (/^\s*\d+\s*$/.test(lines[0] ?? '') && /Lattice\s*=|Properties\s*=/.test(lines[1] ?? ''))
    return 'extxyz';
  if (lines.some((line) => /^\s*data_/i.test(line))) return 'cif';
  const named = formatOfName(fileName ?? '');
  if (named !== undefined) return named;
  const numbers = (line: number): number =>
    wordsOf(lines[line] ?? '').filter((word) => !Number.isNaN(Number(word))).length;
  if (numbers(1) >= 1 && [2, 3, 4].every((line) => numbers(line) >= 3)) return 'poscar';
  throw new FormatError(
    'unknown format',
    1,
    `the text is none of ${KNOWN}: give one of them, or name its format`,
  );
}

function formatOfName(fileName: string): Format | undefined {
  const name = fileName.replace(/^.*[/\\]/, '').toLowerCase();
  if (/\.m?cif$/.test(name)) return 'cif';
  if (/\.(ext)?xyz$/.test(name)) return 'extxyz';
  return /^(poscar|contcar)|\.(vasp|poscar|contcar)$/.test(name) ? 'poscar' : undefined;
}

function read(text: string, format: Format): Crystal[] {
  switch (format) {
    case 'cif':
      return parseCifs(text).map(({ crystal }) => crystal);
    case 'poscar':
      return [parsePoscar(text)];
    case 'extxyz':
      return parseExtxyz(text).map(({ crystal }) => crystal);
    case 'pymatgen':
    case 'ase':
    case 'optimade':
      return FROM_JSON[format](readJson(text, 'JSON'));
  }
}

function isJson(text: string): boolean {
  return /^\ufeff?\s*["[{]/.test(text.slice(0, 1000));
}

function jsonFormat(place: JsonPlace): JsonFormat {
  const first = Array.isArray(place.value) ? place.items()[0] : place;
  if (first !== undefined && typeof first.value === 'object' && first.value !== null) {
    if (first.has('sites') || first.has('structure')) return 'pymatgen';
    if (first.has('numbers') || first.has('ids') || first.has('1')) return 'ase';
    if (first.has('data') || first.has('attributes') || first.has('lattice_vectors')) return 'optimade';
  }
  throw place.fail(`is none of the JSON that is read: give ${KNOWN}`);
}
