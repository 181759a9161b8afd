import { significant } from '../../campaign/number-text.ts';
import type { Entry } from '../entries.ts';

/** Within this of the hull a phase is on it; far below any energy that means something, eV/atom. */
const ON_HULL_EV_PER_ATOM = 1e-8;

/** Keys of the labels on the hull, one for each composition. */
export function onHull(entries: readonly Entry[]): ReadonlySet<string> {
  const byFormula = new Map<string, string>();
  for (const { label, judgement } of entries) {
    if (judgement && judgement.distance <= ON_HULL_EV_PER_ATOM && !byFormula.has(label.formula))
      byFormula.set(label.formula, label._id);
  }
  return new Set(byFormula.values());
}

export function meetsText({ judgement }: Entry): string {
  return judgement ? `${significant(judgement.distance * 1000, 3)} meV/atom above the hull` : 'not judged';
}
