import { FormatError } from './format-error.ts';

type Path = readonly (string | number)[];

/**
 * A place in a JSON text: its value, and where it stands, so that an error names the path and the line. Reading a place
 * that is not what is asked for throws a FormatError.
 */
export class JsonPlace {
  readonly format: string;
  readonly text: string;
  readonly value: unknown;
  readonly path: Path;

  constructor(source: { readonly format: string; readonly text: string }, value: unknown, path: Path = []) {
    this.format = source.format;
    this.text = source.text;
    this.value = value;
    this.path = path;
  }

  /** The same place, read as another format. */
  as(format: string): JsonPlace {
    return new JsonPlace({ format, text: this.text }, this.value, this.path);
  }

  has(name: string): boolean {
    return this.get(name).value !== undefined && this.get(name).value !== null;
  }

  /** The member of that name; its value is undefined where there is none. */
  get(name: string): JsonPlace {
    const { value } = this;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    const member =
      isObject && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    return new JsonPlace(this, member, [...this.path, name]);
  }

  items(): JsonPlace[] {
    if (!Array.isArray(this.value)) throw this.fail('must be a list');
    return this.value.map((value: unknown, i) => new JsonPlace(this, value, [...this.path, i]));
  }

  names(): string[] {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.fail('must be an object');
    return Object.keys(value);
  }

  string(): string {
    if (typeof this.value !== 'string') throw this.fail('must be a text');
    return this.value;
  }

  number(): number {
    if (typeof this.value !== 'number' || !Number.isFinite(this.value))
      throw this.fail('must be a finite number');
    return this.value;
  }

  /** A list of so many numbers (any where not given). */
  numbers(count?: number): number[] {
    const { value } = this;
    if (!Array.isArray(value)) throw this.fail('must be a list of numbers');
    if (count !== undefined && value.length !== count) {
      throw this.fail(`holds ${value.length} numbers where ${count} are needed`);
    }
    const bad = value.findIndex((x) => typeof x !== 'number' || !Number.isFinite(x));
    if (bad >= 0) throw this.fail(`must hold finite numbers only, but position ${bad} does not`);
    return value as number[];
  }

  /** Rows of three numbers, flat. */
  triples(count?: number): number[] {
    const rows = this.items();
    if (count !== undefined && rows.length !== count) {
      throw this.fail(`holds ${rows.length} rows where ${count} are needed`);
    }
    return rows.flatMap((row) => row.numbers(3));
  }

  fail(reason: string): FormatError {
    const path = this.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
    const what = path === '' ? 'the JSON' : path.replace(/^\./, '').slice(0, 120);
    const missing = this.value === undefined ? `${what} is missing` : undefined;
    return new FormatError(this.format, this.line(), missing ?? `${what} ${reason}`);
  }

  /** Line of the value in the text, or of what would hold it. */
  line(): number {
    return lineOfPath(this.text, this.path);
  }
}

/** Reads JSON; also a JSON text inside a JSON string, as MSON is often kept. Throws a FormatError with the line. */
export function readJson(text: string, format: string): JsonPlace {
  const value = parsed(text, format);
  if (typeof value !== 'string') return new JsonPlace({ format, text }, value);
  return new JsonPlace({ format, text: value }, parsed(value, format));
}

/** A flat list as rows of three, as these formats nest them. */
export function inTriples(flat: readonly number[]): number[][] {
  return Array.from({ length: flat.length / 3 }, (_, i) => flat.slice(3 * i, 3 * i + 3));
}

function parsed(text: string, format: string): unknown {
  const plain = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  try {
    return JSON.parse(plain);
  } catch (error) {
    const message = (error as Error).message;
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? plain.length);
    const reason = message.replace(/ in JSON at position.*$/s, '').slice(0, 120);
    const advice = 'give valid JSON, without NaN or Infinity';
    throw new FormatError(format, linesBefore(plain, offset), `${reason}: ${advice}`);
  }
}

/** Line of the value at a path of a valid JSON text; as deep as the path can be followed. */
function lineOfPath(text: string, path: Path): number {
  let at = valueStart(text, 0);
  for (const step of path) {
    const next = memberStart(text, at, step);
    if (next === undefined) break;
    at = next;
  }
  return linesBefore(text, at);
}

/** Where the member of an object or a list begins. */
function memberStart(text: string, from: number, step: string | number): number | undefined {
  const isList = text.charAt(from) === '[';
  if (!isList && text.charAt(from) !== '{') return undefined;
  let at = valueStart(text, from + 1);
  let found: number | undefined;
  for (let i = 0; at < text.length && text.charAt(at) !== ']' && text.charAt(at) !== '}'; i++) {
    let key: string | number = i;
    if (!isList) {
      const end = valueEnd(text, at);
      key = JSON.parse(text.slice(at, end)) as string;
      at = valueStart(text, end);
    }
    // JSON.parse keeps the last of several members of a name.
    if (key === step) found = at;
    if (found !== undefined && isList) return found;
    at = valueStart(text, valueEnd(text, at));
  }
  return found;
}

/** The first character of a value: past blanks, commas and colons. */
function valueStart(text: string, from: number): number {
  let at = from;
  while (at < text.length && /[\s,:\ufeff]/.test(text.charAt(at))) at++;
  return at;
}

/** Past the value that begins at an offset. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') at = closingQuote(text, at);
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    // Within a number or a word, which end before a separator.
    else if (depth === 0 && !/[\s,:\]}]/.test(text.charAt(at + 1) || ',')) continue;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

function closingQuote(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at;
}

function linesBefore(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
