import type { Random } from '../random.ts';

/** What generated crystals may hold, and how many are wanted. */
export interface ProposalOptions {
  readonly allowedAtomicNumbers: readonly number[];
  readonly minAtoms: number;
  readonly maxAtoms: number;
  readonly minElements: number;
  readonly maxElements: number;
  readonly count: number;
  readonly random: Random;
}
