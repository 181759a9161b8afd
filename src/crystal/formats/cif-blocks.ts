import {
  type CifTokens,
  DATA,
  lineOfToken,
  LOOP,
  NAME,
  QUOTED,
  textOf,
  tokeniseCif,
  WORD,
} from './cif-tokens.ts';
import { FormatError } from './format-error.ts';

/** Rows of values, told by the position of their tokens: row r, column c is token first + r·names.length + c. */
export interface CifLoop {
  /** As in a block's values. */
  readonly names: readonly string[];
  readonly first: number;
  readonly rowCount: number;
  /** Token of the word loop_. */
  readonly token: number;
}

export interface CifBlock {
  readonly name: string;
  readonly tokens: CifTokens;
  /** Token of the data_ word. */
  readonly token: number;
  /** Token of each single value, by its name in lower case, '_' for '.' (as in _atom_site_moment.label). */
  readonly values: ReadonlyMap<string, number>;
  readonly loops: readonly CifLoop[];
}

/** The data blocks of a CIF 1.1 file. Throws a FormatError with the line of what it could not read. */
export function parseCifBlocks(text: string): CifBlock[] {
  const tokens = tokeniseCif(text);
  const { count, kinds } = tokens;
  const blocks: CifBlock[] = [];
  let values = new Map<string, number>();
  let loops: CifLoop[] = [];
  let at = 0;
  while (at < count) {
    const token = at++;
    const kind = kinds[token];
    if (kind === DATA) {
      values = new Map();
      loops = [];
      blocks.push({ name: textOf(tokens, token).slice(5), tokens, token, values, loops });
    } else if (blocks.length === 0) {
      throw errorAt(tokens, token, `'${shown(tokens, token)}' stands before the first data_ line`);
    } else if (kind === NAME) {
      if (at >= count || !isValue(kinds[at])) {
        throw errorAt(
          tokens,
          token,
          `${shown(tokens, token)} has no value: give one, or ? where it is not known`,
        );
      }
      values.set(nameOf(tokens, token), at++);
    } else if (kind === LOOP) {
      const names: string[] = [];
      while (at < count && kinds[at] === NAME) names.push(nameOf(tokens, at++));
      const first = at;
      while (at < count && isValue(kinds[at])) at++;
      loops.push({ names, first, rowCount: rowsIn(tokens, token, names.length, [first, at]), token });
    } else {
      throw errorAt(
        tokens,
        token,
        `'${shown(tokens, token)}' belongs to no name: quote values that hold spaces`,
      );
    }
  }
  return blocks;
}

export function columnOf(loop: CifLoop, name: string): number | undefined {
  const column = loop.names.indexOf(name);
  return column < 0 ? undefined : column;
}

export function loopWith(block: CifBlock, name: string): CifLoop | undefined {
  return block.loops.find((loop) => loop.names.includes(name));
}

/** Text of the single value, if the block has it and it is neither ? nor . (unknown, or not applicable). */
export function givenText(block: CifBlock, name: string): string | undefined {
  const token = block.values.get(name);
  return token === undefined || isUnknown(block.tokens, token) ? undefined : textOf(block.tokens, token);
}

/** Whether a value is an unquoted ? or . */
export function isUnknown(tokens: CifTokens, token: number): boolean {
  const start = tokens.starts[token] as number;
  if (tokens.kinds[token] !== WORD || tokens.ends[token] !== start + 1) return false;
  const code = tokens.text.charCodeAt(start);
  return code === 63 || code === 46;
}

/** An error at a token. */
export function errorAt(tokens: CifTokens, token: number, reason: string): FormatError {
  return new FormatError('CIF', lineOfToken(tokens, token), reason);
}

function rowsIn(
  tokens: CifTokens,
  token: number,
  width: number,
  [from, to]: readonly [number, number],
): number {
  if (width === 0)
    throw errorAt(tokens, token, 'loop_ without names: list the names of its columns after it');
  const count = to - from;
  if (count % width === 0) return count / width;
  const reason = `a loop of ${width} columns ends after ${count} values: give each row ${width} of them`;
  throw errorAt(tokens, Math.max(token, to - 1), reason);
}

function isValue(kind: number | undefined): boolean {
  return kind === WORD || kind === QUOTED;
}

function nameOf(tokens: CifTokens, token: number): string {
  const name = textOf(tokens, token).toLowerCase();
  return name.includes('.') ? name.replaceAll('.', '_') : name;
}

/** The token for a message: a damaged file may hold a very long one. */
function shown(tokens: CifTokens, token: number): string {
  const text = textOf(tokens, token);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
