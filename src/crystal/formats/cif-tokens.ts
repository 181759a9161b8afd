import { FormatError } from './format-error.ts';

export interface CifValue {
  readonly text: string;
  readonly line: number;
}

export interface CifLoop {
  /** In lower case. */
  readonly names: readonly string[];
  readonly rows: readonly (readonly CifValue[])[];
  readonly line: number;
}

export interface CifBlock {
  readonly line: number;
  /** By name in lower case. */
  readonly values: ReadonlyMap<string, CifValue>;
  readonly loops: readonly CifLoop[];
}

interface Token extends CifValue {
  readonly quoted: boolean;
}

/** The data blocks of a CIF 1.1 file. Throws a FormatError with the line of what it could not read. */
export function parseCifBlocks(text: string): CifBlock[] {
  const tokens = tokenise(text);
  const blocks: { line: number; values: Map<string, CifValue>; loops: CifLoop[] }[] = [];
  let at = 0;
  const isValue = (token: Token | undefined): token is Token =>
    token !== undefined && (token.quoted || !/^(_|data_|loop_|save_|global_|stop_)/i.test(token.text));

  while (at < tokens.length) {
    const token = tokens[at++] as Token;
    const word = token.text.toLowerCase();
    const block = blocks.at(-1);
    if (!token.quoted && word.startsWith('data_')) {
      blocks.push({ line: token.line, values: new Map(), loops: [] });
    } else if (block === undefined) {
      throw new FormatError('CIF', token.line, `'${token.text}' stands before the first data_ line`);
    } else if (!token.quoted && word === 'loop_') {
      const names: string[] = [];
      const values: Token[] = [];
      while (tokens[at]?.quoted === false && tokens[at]?.text.startsWith('_')) {
        names.push((tokens[at++] as Token).text.toLowerCase());
      }
      for (let next = tokens[at]; isValue(next); next = tokens[++at]) values.push(next);
      block.loops.push({ names, rows: rowsOf(names, values, token.line), line: token.line });
    } else if (!token.quoted && word.startsWith('_')) {
      const value = tokens[at++];
      if (!isValue(value)) throw new FormatError('CIF', token.line, `${token.text} has no value`);
      block.values.set(word, value);
    } else {
      throw new FormatError(
        'CIF',
        token.line,
        `'${token.text}' belongs to no name: quote values that hold spaces`,
      );
    }
  }
  return blocks;
}

function rowsOf(names: readonly string[], values: readonly Token[], line: number): Token[][] {
  if (names.length === 0) throw new FormatError('CIF', line, 'loop_ without names');
  if (values.length % names.length !== 0) {
    const last = values.at(-1)?.line ?? line;
    throw new FormatError(
      'CIF',
      last,
      `a loop of ${names.length} columns ends after ${values.length} values`,
    );
  }
  return Array.from({ length: values.length / names.length }, (_, row) =>
    values.slice(row * names.length, (row + 1) * names.length),
  );
}

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  const lines = text.split(/\r\n|\r|\n/);
  for (let i = 0; i < lines.length; i++) {
    const content = lines[i] as string;
    const line = i + 1;
    if (content.startsWith(';')) {
      const field = [content.slice(1)];
      for (i++; i < lines.length && !(lines[i] as string).startsWith(';'); i++)
        field.push(lines[i] as string);
      if (i >= lines.length)
        throw new FormatError('CIF', line, 'a text field that begins here never ends with ;');
      tokens.push({ text: field.join('\n'), line, quoted: true });
      continue;
    }
    // A quote closes only before a space, as in 'a dog's life'.
    const token = /\s+|#.*$|'((?:[^']|'(?=\S))*)'(?=\s|$)|"((?:[^"]|"(?=\S))*)"(?=\s|$)|(\S+)/gy;
    for (const match of content.matchAll(token)) {
      const quoted = match[1] ?? match[2];
      if (quoted !== undefined) tokens.push({ text: quoted, line, quoted: true });
      else if (match[3] !== undefined) tokens.push({ text: match[3], line, quoted: false });
    }
  }
  return tokens;
}
