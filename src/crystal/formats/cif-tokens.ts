import { FormatError } from './format-error.ts';

export const WORD = 0;
export const QUOTED = 1;
/** Words that begin with _, data_, loop_; and save_, global_ or stop_, which a CIF of crystals does not use. */
export const NAME = 2;
export const DATA = 3;
export const LOOP = 4;
export const RESERVED = 5;

/** The tokens of a CIF as offsets into its text, so that a large file makes no object for each. */
export interface CifTokens {
  readonly text: string;
  readonly count: number;
  readonly starts: Int32Array;
  /** Ends, quotes left out. */
  readonly ends: Int32Array;
  readonly kinds: Uint8Array;
}

const [DOUBLE_QUOTE, HASH, SINGLE_QUOTE, SEMICOLON, UNDERSCORE] = [34, 35, 39, 59, 95];

/** One pass over the characters of CIF 1.1. Throws a FormatError for a quote or a text field without an end. */
export function tokeniseCif(text: string): CifTokens {
  const length = text.length;
  let capacity = 64 + (length >> 3);
  let starts = new Int32Array(capacity);
  let ends = new Int32Array(capacity);
  let kinds = new Uint8Array(capacity);
  let count = 0;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < length) {
    const code = text.charCodeAt(at);
    if (code <= 32) {
      at++;
      continue;
    }
    if (code === HASH) {
      at = endOfLine(text, at);
      continue;
    }
    let [start, end, kind] = [at, at, QUOTED];
    if (code === SEMICOLON && (at === 0 || isLineBreak(text.charCodeAt(at - 1)))) {
      start = at + 1;
      at = closingSemicolon(text, start);
      end = text.charCodeAt(at - 1) === 10 && text.charCodeAt(at - 2) === 13 ? at - 2 : at - 1;
      at++;
    } else if (code === SINGLE_QUOTE || code === DOUBLE_QUOTE) {
      start = at + 1;
      end = closingQuote(text, start, code);
      at = end + 1;
    } else {
      at++;
      while (at < length && text.charCodeAt(at) > 32) at++;
      end = at;
      kind = kindOfWord(text, start, end);
    }
    if (count === capacity) {
      capacity *= 2;
      starts = grown(starts, capacity);
      ends = grown(ends, capacity);
      const larger = new Uint8Array(capacity);
      larger.set(kinds);
      kinds = larger;
    }
    starts[count] = start;
    ends[count] = Math.max(start, end);
    kinds[count++] = kind;
  }
  return { text, count, starts, ends, kinds };
}

export function textOf(tokens: CifTokens, token: number): string {
  return tokens.text.slice(tokens.starts[token], tokens.ends[token]);
}

/** Line of a token, from 1; only errors ask, so it is counted then. */
export function lineOfToken(tokens: CifTokens, token: number): number {
  return lineAt(tokens.text, tokens.starts[token] ?? tokens.text.length);
}

/** Line of an offset of a text, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let i = 0; i < offset; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) line++;
  }
  return line;
}

function kindOfWord(text: string, start: number, end: number): number {
  const first = text.charCodeAt(start);
  if (first === UNDERSCORE) return NAME;
  const letter = first | 32;
  // data_, loop_, save_, stop_ and global_ are the only other words that mean something.
  if (letter !== 100 && letter !== 108 && letter !== 115 && letter !== 103) return WORD;
  const word = text.slice(start, Math.min(end, start + 7)).toLowerCase();
  if (word.startsWith('data_')) return DATA;
  if (word === 'loop_') return LOOP;
  return /^(?:save_|stop_$|global_$)/.test(word) ? RESERVED : WORD;
}

function endOfLine(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isLineBreak(text.charCodeAt(at))) at++;
  return at;
}

/** Where the quote ends: before a blank only, as in 'a dog's life'. */
function closingQuote(text: string, from: number, quote: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isLineBreak(code)) break;
    if (code === quote && (at + 1 === text.length || text.charCodeAt(at + 1) <= 32)) return at;
  }
  const sign = String.fromCharCode(quote);
  const advice = `close it with ${sign} on the same line, before a blank`;
  throw new FormatError('CIF', lineAt(text, from), `a quote opens with ${sign} and never ends: ${advice}`);
}

function closingSemicolon(text: string, from: number): number {
  let at = text.indexOf(';', from);
  while (at >= 0 && !isLineBreak(text.charCodeAt(at - 1))) at = text.indexOf(';', at + 1);
  if (at >= 0) return at;
  throw new FormatError('CIF', lineAt(text, from), 'a text field that begins here never ends with ;');
}

function isLineBreak(code: number): boolean {
  return code === 10 || code === 13;
}

function grown(numbers: Int32Array<ArrayBuffer>, capacity: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(capacity);
  larger.set(numbers);
  return larger;
}
