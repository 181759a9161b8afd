import type { Crystal } from '../crystal.ts';
import { determinant } from '../geometry/lattice.ts';
import { wrap } from '../geometry/torus.ts';

/**
 * The same atoms at the same places told in a right-handed cell: -a, -b, -c where a, b, c are left-handed. Formats that
 * keep lengths and angles only would else mirror the crystal, and VASP refuses left-handed cells.
 */
export function inRightHandedCell(crystal: Crystal): Crystal {
  if (determinant(crystal.latticeAngstrom) > 0) return crystal;
  return {
    ...crystal,
    latticeAngstrom: crystal.latticeAngstrom.map((x) => (x === 0 ? 0 : -x)),
    fractionalCoordinates: crystal.fractionalCoordinates.map((x) => wrap(-x)),
  };
}
