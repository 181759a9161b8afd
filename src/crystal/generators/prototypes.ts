import type { Crystal } from '../crystal.ts';
import library from './prototypes.json' with { type: 'json' };

/** A structure type: a crystal whose sites hold labels 0, 1, 2, … in place of elements. */
export interface Prototype {
  /** Anonymous formula, Pearson symbol, space group and an example, as in 'AB3 cP4 Pm-3m (AlNi3)'. */
  readonly name: string;
  /** How many crystals of the source have it. */
  readonly weight: number;
  /** Rows a, b, c, flat, of a cell with a volume of 1 per atom. */
  readonly lattice: Crystal['latticeAngstrom'];
  readonly fractionalCoordinates: readonly number[];
  /** One for each atom. */
  readonly labels: readonly number[];
}

/**
 * Structure types of intermetallics with up to 8 atoms in the primitive cell, as found among the binaries and ternaries
 * of MP-20's validation and test parts (Materials Project, CC BY 4.0), and the elements' fcc, bcc and hcp.
 * Built by scripts/build-prototypes.ts; most frequent first.
 */
export const PROTOTYPES: readonly Prototype[] = library.prototypes;
