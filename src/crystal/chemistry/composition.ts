import type { Crystal } from '../crystal.ts';
import { atomicNumberOf, elementOf, symbolOf } from './elements.ts';

/** Atomic number → number of atoms (in a cell, a formula unit, or per atom). */
export type Composition = ReadonlyMap<number, number>;

/** How many atoms of each element the cell holds, by rising atomic number. */
export function elementCounts(crystal: Crystal): Map<number, number> {
  const counts = new Map<number, number>();
  for (const z of [...crystal.atomicNumbers].sort((l, r) => l - r)) counts.set(z, (counts.get(z) ?? 0) + 1);
  return counts;
}

/** Reduced formula of a crystal, as in 'AlCu3': see `formulaOf` for the order. */
export function reducedFormula(crystal: Crystal): string {
  const counts = elementCounts(crystal);
  const divisor = [...counts.values()].reduce(greatestCommonDivisor);
  return formulaOf(new Map([...counts].map(([z, count]) => [z, count / divisor])));
}

/** Formula with the counts as they are. Elements stand by rising electronegativity (Pauling), then by symbol. */
export function formulaOf(composition: Composition): string {
  return [...composition.keys()]
    .sort((l, r) => electronegativity(l) - electronegativity(r) || (symbolOf(l) < symbolOf(r) ? -1 : 1))
    .map((z) => `${symbolOf(z)}${composition.get(z) === 1 ? '' : composition.get(z)}`)
    .join('');
}

/** Reads a formula such as 'AlCu3' or 'Ca(OH)2'. Throws a RangeError that names what it could not read. */
export function parseFormula(formula: string): Map<number, number> {
  const levels: Map<number, number>[] = [new Map()];
  const token = /([A-Z][a-z]?)(\d+(?:\.\d+)?)?|(\()|\)(\d+(?:\.\d+)?)?|\s+/gy;
  const unreadable = (at: number): RangeError =>
    new RangeError(
      `cannot read the formula '${formula}' from '${formula.slice(at)}': write it as in 'AlCu3' or 'Ca(OH)2'`,
    );
  let end = 0;
  for (const match of formula.matchAll(token)) {
    end = match.index + match[0].length;
    const top = levels.at(-1) as Map<number, number>;
    if (match[1] !== undefined) add(top, atomicNumberOf(match[1]), Number(match[2] ?? 1));
    else if (match[3] !== undefined) levels.push(new Map());
    else if (match[0].startsWith(')')) {
      levels.pop();
      const below = levels.at(-1);
      if (below === undefined) throw unreadable(match.index);
      for (const [z, count] of top) add(below, z, count * Number(match[4] ?? 1));
    }
  }
  const [composition] = levels;
  if (end !== formula.length || levels.length !== 1 || composition === undefined || composition.size === 0) {
    throw unreadable(end === formula.length ? 0 : end);
  }
  return composition;
}

function add(composition: Map<number, number>, z: number, count: number): void {
  composition.set(z, (composition.get(z) ?? 0) + count);
}

/** Elements without a tabulated value (noble gases, heavy actinides) stand last. */
function electronegativity(atomicNumber: number): number {
  return elementOf(atomicNumber).electronegativity ?? 10;
}

function greatestCommonDivisor(l: number, r: number): number {
  return r === 0 ? l : greatestCommonDivisor(r, l % r);
}
