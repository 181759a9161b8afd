/** What a comment line or a JSON file may hold beside the atoms. */
export type PropertyValue =
  string | number | boolean | null | readonly PropertyValue[] | { readonly [name: string]: PropertyValue };

const CLOSING: Readonly<Record<string, string>> = { '"': '"', "'": "'", '{': '}', '[': ']' };
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['T', true],
  ['F', false],
  ['true', true],
  ['false', false],
  ['True', true],
  ['False', false],
  ['TRUE', true],
  ['FALSE', false],
]);

/**
 * The pairs of an extended XYZ comment line, as in 'energyEv=-1.5 name="rock salt" pbc="T T T"', read as ASE reads them:
 * quotes and brackets delimit, a backslash escapes, a name alone is true. Values are still text. Undefined when a
 * quote or bracket never closes.
 */
export function splitComment(comment: string): Map<string, string> | undefined {
  const pairs = new Map<string, string>();
  let name = '';
  let value: string | undefined;
  let closing: string | undefined;
  let started = false;
  const end = (): void => {
    if (started) pairs.set(name, value ?? 'T');
    [name, value, started] = ['', undefined, false];
  };
  // Runs of plain characters are taken in one piece: one string per character is slow on long lines.
  let from = 0;
  const take = (to: number): void => {
    if (to === from) return;
    const piece = comment.slice(from, to);
    if (value === undefined) name += piece;
    else value += piece;
    started = true;
  };
  for (let at = 0; at < comment.length; at++) {
    const character = comment.charAt(at);
    const special =
      closing === undefined
        ? character === '\\' || character === '=' || CLOSING[character] !== undefined || /\s/.test(character)
        : character === '\\' || character === closing;
    if (!special) continue;
    take(at);
    from = at + 1;
    if (character === '\\') {
      at++;
      // The escaped character is taken with what follows it.
    } else if (closing !== undefined) closing = undefined;
    else if (character === '=') {
      if (value === undefined) [value, started] = ['', true];
      else from = at;
    } else if (CLOSING[character] !== undefined) {
      closing = CLOSING[character];
      started = true;
    } else end();
  }
  take(comment.length);
  end();
  return closing === undefined ? pairs : undefined;
}

/** A value as ASE reads it: numbers, booleans, lists of either, `_JSON …`, else text. Undefined for bad JSON. */
export function valueOf(text: string): PropertyValue | undefined {
  if (text.startsWith('_JSON ')) {
    try {
      return JSON.parse(text.slice(6)) as PropertyValue;
    } catch {
      return undefined;
    }
  }
  const words = text.split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0) return text;
  const numbers = words.map((word) => (/^[+-]?[\d.]/.test(word) ? Number(word) : NaN));
  if (numbers.every(Number.isFinite)) return words.length === 1 ? numbers[0] : numbers;
  const booleans = words.map((word) => BOOLEANS.get(word));
  if (booleans.every((boolean) => boolean !== undefined)) {
    return booleans.length === 1 ? booleans[0] : booleans;
  }
  return text;
}

/** A value as ASE reads it back; undefined for numbers that are not finite. */
export function valueText(value: PropertyValue): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  if (typeof value === 'boolean') return value ? 'T' : 'F';
  if (typeof value === 'string') {
    // Letters, but for what ASE takes for a number; all else could be read as something else, or end the line.
    const plain = /^[A-Za-z][\w .,;:+*/()={}[\]"'-]*$/.test(value) && !/^(nan|inf)/i.test(value);
    return quoted(plain && valueOf(value) === value ? value : `_JSON ${JSON.stringify(value)}`);
  }
  if (
    Array.isArray(value) &&
    value.length > 1 &&
    value.every((x) => typeof x === 'number' && Number.isFinite(x))
  ) {
    return `"${value.join(' ')}"`;
  }
  const json = JSON.stringify(value);
  return holdsOnlyFinite(value) ? quoted(`_JSON ${json}`) : undefined;
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** JSON would make null of the others. */
function holdsOnlyFinite(value: PropertyValue): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value !== 'object') return true;
  return Object.values(value).every((x: PropertyValue) => holdsOnlyFinite(x));
}
