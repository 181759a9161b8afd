import { type Crystal, type CrystalParts, makeCrystal } from '../crystal.ts';

/** A text that is not what its format asks for; says in which file and line, why, and what to do. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  /** As in 'CIF'. */
  readonly format: string;
  readonly line: number;
  readonly reason: string;

  constructor(format: string, line: number, reason: string, fileName?: string) {
    super(`${fileName === undefined ? '' : `${fileName}: `}${format}, line ${line}: ${reason}`);
    this.format = format;
    this.line = line;
    this.reason = reason;
  }

  /** The same error, naming the file. */
  inFile(fileName: string): FormatError {
    return new FormatError(this.format, this.line, this.reason, fileName);
  }
}

/** More atoms than this are refused: a million fit into memory everywhere, and no method here takes them. */
export const MAX_ATOMS = 1_000_000;

/** As makeCrystal, but what is wrong with the parts is a FormatError; its line is counted only then. */
export function crystalAt(parts: CrystalParts, format: string, line: () => number): Crystal {
  return withLine(format, line, () => makeCrystal(parts));
}

/** Turns a RangeError of the work into a FormatError. */
export function withLine<Result>(format: string, line: () => number, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw new FormatError(format, line(), error.message);
    throw error;
  }
}
