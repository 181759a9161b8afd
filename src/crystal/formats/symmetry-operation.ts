import type { SymmetryOperation } from '../symmetry/operation.ts';
import { FormatError } from './format-error.ts';

/** Reads an operation such as '-x+1/2, y, x-z'. Throws a FormatError with its line. */
export function parseOperation({
  text,
  line,
}: {
  readonly text: string;
  readonly line: number;
}): SymmetryOperation {
  const operation = operationOf(text);
  if (operation !== undefined) return operation;
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  throw new FormatError('CIF', line, `'${shown}' is no symmetry operation: write it as in '-x+1/2, y, x-z'`);
}

/** The operation, or undefined when the text is none. Axes may be X, Y, Z; numbers 1/2, 0.5 or .5. */
export function operationOf(text: string): SymmetryOperation | undefined {
  const operation = { transposedRotation: [0, 0, 0, 0, 0, 0, 0, 0, 0], translation: [0, 0, 0] };
  let at = 0;
  for (let row = 0; row < 3; row++) {
    const end = row < 2 ? text.indexOf(',', at) : text.length;
    if (end < 0 || !addSum(operation, row, { text, from: at, to: end })) return undefined;
    at = end + 1;
  }
  return operation;
}

const [PLUS, MINUS, POINT, SLASH, STAR, LOWER_X] = [43, 45, 46, 47, 42, 120];

/** Adds the terms of a sum such as '-x+1/2' to one coordinate of the operation; false where the text is no sum. */
function addSum(
  { transposedRotation, translation }: { transposedRotation: number[]; translation: number[] },
  row: number,
  { text, from, to }: { readonly text: string; readonly from: number; readonly to: number },
): boolean {
  let at = skipBlanks(text, from, to);
  if (at === to) return false;
  for (let first = true; at < to; first = false) {
    const lead = text.charCodeAt(at);
    const isSigned = lead === PLUS || lead === MINUS;
    if (isSigned) at = skipBlanks(text, at + 1, to);
    else if (!first) return false;
    let value = lead === MINUS ? -1 : 1;

    const afterNumerator = numberEnd(text, at, to);
    const hasNumber = afterNumerator > at;
    if (hasNumber) {
      value *= Number(text.slice(at, afterNumerator));
      at = skipBlanks(text, afterNumerator, to);
      if (at < to && text.charCodeAt(at) === SLASH) {
        const denominator = skipBlanks(text, at + 1, to);
        at = numberEnd(text, denominator, to);
        value /= Number(text.slice(denominator, at)) || NaN;
        at = skipBlanks(text, at, to);
      }
    }
    const starred = hasNumber && at < to && text.charCodeAt(at) === STAR;
    if (starred) at = skipBlanks(text, at + 1, to);
    const axis = at < to ? (text.charCodeAt(at) | 32) - LOWER_X : -1;
    const hasAxis = axis >= 0 && axis < 3;
    if (hasAxis) at = skipBlanks(text, at + 1, to);
    if (!Number.isFinite(value) || (!hasAxis && (!hasNumber || starred))) return false;
    if (hasAxis) transposedRotation[3 * axis + row] = (transposedRotation[3 * axis + row] as number) + value;
    else translation[row] = (translation[row] as number) + value;
  }
  return true;
}

function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) <= 32) at++;
  return at;
}

/** Where the digits and points that begin at an offset end. */
function numberEnd(text: string, from: number, to: number): number {
  let at = from;
  while (
    at < to &&
    ((text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) || text.charCodeAt(at) === POINT)
  )
    at++;
  return at;
}
