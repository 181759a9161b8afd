import type { SymmetryOperation } from '../symmetry/operation.ts';
import type { CifValue } from './cif-tokens.ts';
import { FormatError } from './format-error.ts';

/** Reads an operation such as '-x+1/2, y, x-z'. Throws a FormatError with its line. */
export function parseOperation({ text, line }: CifValue): SymmetryOperation {
  const parts = text.toLowerCase().replaceAll(/\s/g, '').split(',');
  const transposedRotation = new Array<number>(9).fill(0);
  const translation = [0, 0, 0];
  const unreadable = new FormatError(
    'CIF',
    line,
    `'${text}' is no symmetry operation: write it as in '-x+1/2, y, x-z'`,
  );
  if (parts.length !== 3) throw unreadable;
  parts.forEach((part, row) => {
    const terms = [...part.matchAll(/([+-]?)(?:(\d+(?:\.\d+)?|\.\d+)(?:\/(\d+))?)?\*?([xyz])?/g)].filter(
      (term) => term[0] !== '',
    );
    if (part === '' || terms.map((term) => term[0]).join('') !== part) throw unreadable;
    for (const [, sign, numerator, denominator, axis] of terms) {
      if (numerator === undefined && axis === undefined) throw unreadable;
      const value = (sign === '-' ? -1 : 1) * (Number(numerator ?? 1) / Number(denominator ?? 1));
      if (axis === undefined) translation[row] = (translation[row] as number) + value;
      else {
        const index = 3 * 'xyz'.indexOf(axis) + row;
        transposedRotation[index] = (transposedRotation[index] as number) + value;
      }
    }
  });
  return { transposedRotation, translation };
}
