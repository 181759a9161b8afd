import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { type Composition, formulaOf, reduceComposition } from '../src/crystal/chemistry/composition.ts';
import { parseFormula } from '../src/crystal/chemistry/formula.ts';

/** A composition, and whether PBE gives its most stable compound of MP-20 no gap. */
export interface MetalCase {
  readonly composition: Composition;
  readonly isMetal: boolean;
}

/**
 * The binary and ternary compositions of MP-20 (Materials Project, CC BY 4.0), each once: those of its validation part to
 * fit to, and those that only its test part has to measure with.
 */
export function readMetalCases(dataFolder: string): {
  readonly fit: MetalCase[];
  readonly held: MetalCase[];
} {
  const fit = readPart(dataFolder, 'val');
  const held = readPart(dataFolder, 'test');
  for (const formula of fit.keys()) held.delete(formula);
  return { fit: [...fit.values()], held: [...held.values()] };
}

/** Area under the ROC curve: how often a metal scores above an insulator, ties counting half. */
export function areaUnderCurve(
  cases: readonly { readonly score: number; readonly isMetal: boolean }[],
): number {
  const sorted = cases.toSorted((l, r) => l.score - r.score);
  const metals = sorted.filter(({ isMetal }) => isMetal).length;
  let rankSum = 0;
  for (let first = 0; first < sorted.length;) {
    let next = first;
    while (sorted[next]?.score === sorted[first]?.score) next++;
    const tied = sorted.slice(first, next).filter(({ isMetal }) => isMetal).length;
    rankSum += (tied * (first + 1 + next)) / 2;
    first = next;
  }
  return (rankSum - (metals * (metals + 1)) / 2) / (metals * (sorted.length - metals));
}

function readPart(dataFolder: string, part: string): Map<string, MetalCase> {
  const text = gunzipSync(readFileSync(join(dataFolder, 'mp_20_biternary', `${part}.csv.gz`))).toString();
  const rows = parse<Record<string, string>>(text, { columns: true }).toSorted(
    (l, r) => Number(l['e_above_hull']) - Number(r['e_above_hull']),
  );
  const cases = new Map<string, MetalCase>();
  for (const row of rows) {
    const composition = reduceComposition(parseFormula(String(row['pretty_formula'])));
    const formula = formulaOf(composition);
    if (!cases.has(formula)) cases.set(formula, { composition, isMetal: Number(row['band_gap']) === 0 });
  }
  return cases;
}
