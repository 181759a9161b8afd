import { type Crystal, makeCrystal } from '../crystal.ts';
import { multiply, multiplyRows } from './lattice.ts';
import { integerInverse, niggliChange } from './niggli-change.ts';

/**
 * The same crystal in its Niggli-reduced cell, the one cell that all cells of a lattice have in common; nothing is
 * turned. Throws a RangeError for a lattice without volume.
 */
export function niggliCell(crystal: Crystal): Crystal {
  const change = niggliChange(crystal.latticeAngstrom);
  return makeCrystal({
    ...crystal,
    latticeAngstrom: multiply(change, crystal.latticeAngstrom),
    fractionalCoordinates: multiplyRows(crystal.fractionalCoordinates, integerInverse(change)),
  });
}
