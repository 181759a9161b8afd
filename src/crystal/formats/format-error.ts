/** A text that is not what its format asks for; says where and why. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
  readonly line: number;

  constructor(format: string, line: number, cause: string) {
    super(`${format}, line ${line}: ${cause}`);
    this.line = line;
  }
}
