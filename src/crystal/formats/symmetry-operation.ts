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
  const transposedRotation = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  const translation = [0, 0, 0];
  const parts = text.split(',');
  if (parts.length !== 3) return undefined;
  for (let row = 0; row < 3; row++) {
    const terms = termsOf(parts[row] as string);
    if (terms === undefined) return undefined;
    for (const { value, axis } of terms) {
      if (axis === undefined) translation[row] = (translation[row] as number) + value;
      else transposedRotation[3 * axis + row] = (transposedRotation[3 * axis + row] as number) + value;
    }
  }
  return { transposedRotation, translation };
}

interface Term {
  readonly value: number;
  /** 0, 1, 2 for x, y, z; undefined for a number by itself. */
  readonly axis: number | undefined;
}

/** The terms of a sum such as '-x+1/2'; undefined for anything else. */
function termsOf(part: string): Term[] | undefined {
  const sum = part.replaceAll(/\s/g, '').toLowerCase();
  const terms: Term[] = [];
  let at = 0;
  while (at < sum.length) {
    let sign = 1;
    const lead = sum.charAt(at);
    if (lead === '+' || lead === '-') {
      sign = lead === '-' ? -1 : 1;
      at++;
    } else if (terms.length > 0) return undefined;

    const [numerator, afterNumerator] = unsignedAt(sum, at);
    let value = sign * (numerator ?? 1);
    at = afterNumerator;
    if (numerator !== undefined && sum.charAt(at) === '/') {
      const [denominator, afterDenominator] = unsignedAt(sum, at + 1);
      if (denominator === undefined || denominator === 0) return undefined;
      value /= denominator;
      at = afterDenominator;
    }
    const starred = numerator !== undefined && sum.charAt(at) === '*';
    const axis = 'xyz'.indexOf(sum.charAt(starred ? at + 1 : at) || '?');
    if (axis >= 0) at += starred ? 2 : 1;
    else if (numerator === undefined || starred) return undefined;
    terms.push({ value, axis: axis >= 0 ? axis : undefined });
  }
  return terms.length === 0 ? undefined : terms;
}

/** The number such as '1' or '.5' that begins at an offset, if one does, and where it ends. */
function unsignedAt(text: string, from: number): [number | undefined, number] {
  let at = from;
  while (isDigitOrPoint(text.charCodeAt(at))) at++;
  const number = Number(text.slice(from, at));
  return at === from || !Number.isFinite(number) ? [undefined, from] : [number, at];
}

function isDigitOrPoint(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 46;
}
