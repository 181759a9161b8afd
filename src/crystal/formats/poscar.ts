import { elementCounts, reducedFormula } from '../chemistry/composition.ts';
import { atomicNumberOf, symbolOf } from '../chemistry/elements.ts';
import type { Crystal } from '../crystal.ts';
import { determinant, inverse, multiplyRows } from '../geometry/lattice.ts';
import { decimalOf, fixed, linesOf, wordsOf } from './decimal.ts';
import { crystalAt, FormatError, MAX_ATOMS, withLine } from './format-error.ts';
import { inRightHandedCell } from './right-handed.ts';

/**
 * The crystal as a VASP 5 POSCAR, in Å and fractional coordinates. Atoms are grouped by element, by atomic number; a
 * left-handed cell, which VASP refuses, is told as -a, -b, -c. Charges and moments have no place in it.
 */
export function writePoscar(crystal: Crystal): string {
  const told = inRightHandedCell(crystal);
  const counts = elementCounts(told);
  const triple = (numbers: readonly number[], i: number): string =>
    numbers
      .slice(3 * i, 3 * i + 3)
      .map((x) => fixed(x, 12).padStart(18))
      .join(' ');
  const sites = [...counts.keys()].flatMap((z) =>
    told.atomicNumbers.flatMap((other, i) => (other === z ? [triple(told.fractionalCoordinates, i)] : [])),
  );
  return [
    reducedFormula(told),
    '1.0',
    ...[0, 1, 2].map((i) => triple(told.latticeAngstrom, i)),
    [...counts.keys()].map(symbolOf).join(' '),
    [...counts.values()].join(' '),
    'Direct',
    ...sites,
    '',
  ].join('\n');
}

/**
 * A VASP POSCAR or CONTCAR. The scale may be a factor, three factors of x, y and z, or the volume as a negative number;
 * selective dynamics and what follows the positions (velocities) are passed over. VASP 4 gives no symbols: then the
 * first line must hold them. Throws a FormatError with the line of what is missing or unreadable.
 */
export function parsePoscar(text: string): Crystal {
  const lines = linesOf(text);
  const unscaled = [2, 3, 4].flatMap((i) => numbersOf(lines, i, 3, 'a lattice vector'));
  const scale = scaleOf(lines, unscaled);
  const latticeAngstrom = unscaled.map((x, i) => x * (scale[i % 3] as number));

  const sixth = wordsOf(lineOf(lines, 5, 'the counts of atoms'));
  const countsLine = /^\d/.test(sixth[0] ?? '') ? 5 : 6;
  const counts = countsOf(lines, countsLine);
  const symbols = countsLine === 6 ? sixth : symbolsOfComment(lines, counts.length);
  if (symbols.length < counts.length) {
    throw fail(
      countsLine,
      `${counts.length} counts of atoms for ${symbols.length} symbols: give one for each`,
    );
  }
  const atomicNumbers: number[] = [];
  counts.forEach((count, i) => {
    // VASP 6 writes 'Mg_pv/a1b2c3d4': the potential after the symbol.
    const symbol = (symbols[i] as string).replace(/[_/].*$/, '');
    const z = withLine(
      'POSCAR',
      () => (countsLine === 6 ? 6 : 1),
      () => atomicNumberOf(symbol),
    );
    for (let atom = 0; atom < count; atom++) atomicNumbers.push(z);
  });

  const selective = /^\s*s/i.test(lines[countsLine + 1] ?? '');
  const modeLine = countsLine + (selective ? 2 : 1);
  const kind = lineOf(lines, modeLine, 'the kind of coordinates').trim();
  const mode = kind.charAt(0).toLowerCase();
  if (!/^[dck]$/.test(mode)) {
    throw fail(modeLine, `'${kind.slice(0, 40)}' is no kind of coordinates: write Direct or Cartesian`);
  }
  const positions = new Float64Array(3 * atomicNumbers.length);
  for (let atom = 0; atom < atomicNumbers.length; atom++) {
    positions.set(numbersOf(lines, modeLine + 1 + atom, 3, `the position of atom ${atom + 1}`), 3 * atom);
  }
  const fractional = (): ArrayLike<number> => {
    if (mode === 'd') return positions;
    const cartesian = positions.map((x, i) => x * (scale[i % 3] as number));
    return multiplyRows(cartesian, inverse(latticeAngstrom));
  };
  const line = (): number => 3;
  const fractionalCoordinates = withLine('POSCAR', line, fractional);
  return crystalAt({ latticeAngstrom, fractionalCoordinates, atomicNumbers }, 'POSCAR', line);
}

/** Factors of the Cartesian x, y and z. */
function scaleOf(lines: readonly string[], unscaled: readonly number[]): readonly number[] {
  const words = wordsOf(lineOf(lines, 1, 'the scale'));
  const factors = words.slice(0, 3).map(decimalOf);
  // Three numbers are three factors; words after a single one are a comment.
  if (factors.length === 3 && factors.every((factor) => factor > 0 && Number.isFinite(factor)))
    return factors;
  const [scale = NaN] = factors;
  if (!Number.isFinite(scale) || scale === 0) {
    const allowed = 'give a factor, the volume in Å³ as a negative number, or three positive factors';
    throw fail(1, `'${(lines[1] as string).slice(0, 40)}' is no scale: ${allowed}`);
  }
  const factor = scale > 0 ? scale : Math.cbrt(-scale / Math.abs(determinant(unscaled)));
  return [factor, factor, factor];
}

function countsOf(lines: readonly string[], line: number): number[] {
  const text = lineOf(lines, line, 'the counts of atoms');
  const words = wordsOf(text);
  const comment = words.findIndex((word) => /^[!#]/.test(word));
  const counts = (comment < 0 ? words : words.slice(0, comment)).map((word) =>
    /^\d{1,9}$/.test(word) ? Number(word) : NaN,
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.length === 0 || !(total > 0)) {
    throw fail(line, `'${text.slice(0, 40)}' does not count atoms: give an integer for each element`);
  }
  if (total > MAX_ATOMS)
    throw fail(line, `${total} atoms, where ${MAX_ATOMS} are the most: give a smaller cell`);
  return counts;
}

function symbolsOfComment(lines: readonly string[], count: number): string[] {
  const words = wordsOf(lines[0] ?? '');
  const symbols = words.slice(0, count);
  if (symbols.length === count && symbols.every((word) => /^[A-Z][a-z]?$/.test(word))) return symbols;
  const advice = `add a line with ${count === 1 ? 'the symbol' : `${count} symbols`} before it, as VASP 5 writes`;
  throw fail(5, `the counts of atoms stand without their symbols (VASP 4): ${advice}`);
}

function numbersOf(lines: readonly string[], line: number, count: number, what: string): number[] {
  const text = lineOf(lines, line, what);
  const numbers = wordsOf(text).slice(0, count).map(decimalOf);
  if (numbers.length === count && numbers.every(Number.isFinite)) return numbers;
  throw fail(line, `'${text.trim().slice(0, 60)}' does not hold ${what}: give ${count} numbers`);
}

function lineOf(lines: readonly string[], line: number, what: string): string {
  const text = lines[line];
  if (text === undefined) throw fail(lines.length - 1, `the text ends before ${what}`);
  return text;
}

/** An error at a line counted from 0. */
function fail(line: number, reason: string): FormatError {
  return new FormatError('POSCAR', line + 1, reason);
}
