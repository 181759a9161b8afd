import { parsePrototype, type Prototype } from './prototype.ts';
import library from './prototypes.json' with { type: 'json' };

/**
 * The structure types of crystals with up to 20 atoms in the primitive cell, all chemistries: the binaries and
 * ternaries of MP-20's validation and test parts and the binaries of matcalc's elasticity set (Materials Project,
 * CC BY 4.0). The elements' fcc, bcc and hcp stand first, then the most frequent. Built by scripts/build-prototypes.ts.
 */
export const PROTOTYPES: readonly Prototype[] = library.prototypes.map(parsePrototype);

/** fcc, bcc and hcp. */
export const ELEMENTAL_PROTOTYPES: readonly Prototype[] = PROTOTYPES.slice(0, 3);
