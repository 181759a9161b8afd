import type { Random } from '../../../src/crystal/random.ts';

const JUNK = [
  'NaN',
  'Infinity',
  '-1e999',
  '1e308',
  '1e-320',
  '99999999999999999999',
  '-0',
  '0x1F',
  '****',
  '?',
  '.',
  "'",
  '"',
  `'"'"`,
  ';',
  '\n;',
  '\n',
  '\r',
  '\t',
  '\0',
  '\\',
  '\ufeff',
  '\ud800',
  'Å',
  '𝔽',
  'é'.normalize('NFD'),
  '#',
  'loop_',
  'loop_ loop_',
  'data_',
  'data_x',
  '_cell_length_a',
  '_atom_site_fract_x',
  'save_',
  'T F',
  '{',
  '}',
  '[',
  ']',
  '[[[[',
  ',',
  ':',
  'null',
  'true',
  '{"a":1}',
  '"__proto__":1,',
  'constructor',
  'x,y,z',
  '-x,1/0,z',
  'Xx',
  'D',
  'Lattice=',
  'pbc="F F F"',
  '_JSON [',
  'Direct',
  '(12)',
];

/** The text damaged in one to four places, as a bad disk, a bad copy or a bad editor would. */
export function damaged(text: string, random: Random): string {
  let result = text;
  for (let times = 1 + random.integer(4); times > 0; times--) result = once(result, random);
  return result;
}

function once(text: string, random: Random): string {
  const from = random.integer(text.length + 1);
  const to = Math.min(text.length, from + 1 + random.integer(random.pick([1, 8, 200])));
  const part = text.slice(from, to);
  switch (random.integer(10)) {
    case 0: // a bit flips
      return (
        text.slice(0, from) +
        String.fromCharCode(text.charCodeAt(from) ^ (1 << random.integer(8))) +
        text.slice(from + 1)
      );
    case 1: // the end is lost
      return text.slice(0, from);
    case 2: // the beginning is lost
      return text.slice(from);
    case 3:
      return text.slice(0, from) + text.slice(to);
    case 4: // a part stands twice, or often
      return text.slice(0, to) + part.repeat(random.pick([1, 1, 2, 50])) + text.slice(to);
    case 5:
      return text.slice(0, from) + random.pick(JUNK) + text.slice(from);
    case 6:
      return text.slice(0, from) + ` ${random.pick(JUNK)} ` + text.slice(to);
    case 7: // a number becomes another
      return replaceOne(text, /-?\d+(\.\d+)?/g, random, () =>
        random.pick([...JUNK.slice(0, 9), '0', '-1', '1000000']),
      );
    case 8: // a line moves
      return moveLine(text, random);
    default: // a word takes another's place
      return replaceOne(text, /\S+/g, random, () => random.pick(text.split(/\s+/)));
  }
}

function replaceOne(text: string, what: RegExp, random: Random, by: () => string): string {
  const matches = [...text.matchAll(what)];
  if (matches.length === 0) return text;
  const match = random.pick(matches);
  return text.slice(0, match.index) + by() + text.slice(match.index + match[0].length);
}

function moveLine(text: string, random: Random): string {
  const lines = text.split('\n');
  const [line] = lines.splice(random.integer(lines.length), 1);
  lines.splice(random.integer(lines.length + 1), 0, line ?? '');
  return lines.join('\n');
}
