import type { Crystal } from '../crystal/crystal.ts';
import { symbolOf } from '../crystal/chemistry/elements.ts';
import type { CampaignSpec } from './spec.ts';

/** Whether the space allows this crystal: its elements, how many of them, and how many atoms. */
export function isInSpace({ atomicNumbers }: Crystal, space: CampaignSpec['space']): boolean {
  const elements = new Set(atomicNumbers.map(symbolOf));
  const within = (count: number, { min, max }: { min: number; max: number }) => count >= min && count <= max;
  return (
    within(atomicNumbers.length, space.atoms) &&
    within(elements.size, space.elementsPerCrystal) &&
    [...elements].every((symbol) => space.elements.includes(symbol))
  );
}
