import { atomicNumberOf } from './elements.ts';

const COUNT = String.raw`(\d+(?:\.\d+)?|\.\d+)`;
const TOKEN = new RegExp(String.raw`([A-Z][a-z]*)\s*${COUNT}?|([([{])|([)\]}])\s*${COUNT}?|\s+`, 'gy');
const LEADING_COUNT = new RegExp(String.raw`^\s*${COUNT}`);
const CHARGE = /^\^?\d*[+\-⁺⁻−]|^[⁰¹²³⁴-⁹]/u;
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
/** Isotopes are the same element: a crystal knows atomic numbers only. */
const ISOTOPES: Readonly<Record<string, string>> = { D: 'H', T: 'H' };

/**
 * Reads a formula into atomic number → count: 'AlCu3', 'Ca(OH)2', 'K4[Fe(CN)6]', 'Fe0.5Ni0.5', with hydrate dots
 * ('CuSO4·5H2O' or 'CuSO4*5H2O') and blanks. D and T are read as H. A full stop is a decimal point, no hydrate dot.
 * Throws a RangeError that names what it could not read: charges, counts of zero, elements beyond Lr.
 */
export function parseFormula(formula: string): Map<number, number> {
  const composition = new Map<number, number>();
  for (const part of formula.split(/[·•∙⋅*]/u)) {
    const leading = LEADING_COUNT.exec(part);
    const unit = readUnit(formula, part.slice(leading?.[0].length ?? 0));
    for (const [z, count] of unit) add(composition, z, count * readCount(formula, leading?.[1]));
  }
  return composition;
}

function readUnit(formula: string, unit: string): Map<number, number> {
  const levels: { readonly counts: Map<number, number>; readonly closing: string }[] = [
    { counts: new Map(), closing: '' },
  ];
  let end = 0;
  for (const match of unit.matchAll(TOKEN)) {
    const [text, symbol, count, opening, closing, factor] = match;
    const top = levels.at(-1) as (typeof levels)[number];
    if (symbol !== undefined) {
      add(top.counts, atomicNumberOf(ISOTOPES[symbol] ?? symbol), readCount(formula, count));
    } else if (opening !== undefined) {
      levels.push({ counts: new Map(), closing: CLOSING[opening] as string });
    } else if (closing !== undefined) {
      const below = levels.at(-2);
      if (below === undefined || top.closing !== closing || top.counts.size === 0) break;
      levels.pop();
      for (const [z, n] of top.counts) add(below.counts, z, n * readCount(formula, factor));
    }
    end = match.index + text.length;
  }
  const rest = unit.slice(end);
  if (CHARGE.test(rest)) {
    throw new RangeError(`the formula '${formula}' gives a charge ('${rest}'): leave it out, as in 'SO4'`);
  }
  const { counts } = levels[0] as (typeof levels)[number];
  if (rest !== '' || levels.length > 1 || counts.size === 0) {
    const where = rest === '' ? '' : ` from '${rest}'`;
    throw new RangeError(
      `cannot read the formula '${formula}'${where}: write it as in 'AlCu3', 'Ca(OH)2' or 'CuSO4·5H2O'`,
    );
  }
  return counts;
}

function readCount(formula: string, digits: string | undefined): number {
  const count = Number(digits ?? 1);
  if (!(count > 0 && count < Infinity)) {
    throw new RangeError(
      `the formula '${formula}' has a count of ${digits}: give a positive number, or leave out what is not there`,
    );
  }
  return count;
}

function add(counts: Map<number, number>, z: number, count: number): void {
  counts.set(z, (counts.get(z) ?? 0) + count);
}
