import { reducedFormula } from '../../crystal/chemistry/composition.ts';
import type { Crystal } from '../../crystal/crystal.ts';
import { fingerprint, largestDifference } from '../../crystal/identity/fingerprint.ts';

/** Crystals of one formula whose fingerprints differ by less are one, Å. */
const SAME_ANGSTROM = 0.01;

/** Rows that hold one crystal, two or more each, in the order of their first rows. */
export function sameCrystals(crystals: readonly Crystal[]): number[][] {
  const byFormula = new Map<string, number[]>();
  crystals.forEach((crystal, row) => {
    const formula = reducedFormula(crystal);
    byFormula.set(formula, [...(byFormula.get(formula) ?? []), row]);
  });
  const found: number[][] = [];
  for (const rows of byFormula.values()) {
    if (rows.length < 2) continue;
    const kinds: { first: Float64Array; rows: number[] }[] = [];
    for (const row of rows) {
      const own = fingerprint(crystals[row] as Crystal);
      const kind = kinds.find(({ first }) => largestDifference(first, own) < SAME_ANGSTROM);
      if (kind) kind.rows.push(row);
      else kinds.push({ first: own, rows: [row] });
    }
    found.push(...kinds.flatMap(({ rows: same }) => (same.length > 1 ? [same] : [])));
  }
  return found.sort((l, r) => (l[0] as number) - (r[0] as number));
}
