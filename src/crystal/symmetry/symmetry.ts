import { analyze_cell, type MoyoCell, type MoyoDataset } from '@spglib/moyo-wasm';
import { type Crystal, makeCrystal } from '../crystal.ts';
import { requireSymmetry } from './finder.ts';

export interface SpaceGroup {
  /** 1 to 230. */
  readonly number: number;
  /** Short Hermann-Mauguin symbol, as in 'Fm-3m'. */
  readonly symbol: string;
  /** As in 'cF4'. */
  readonly pearsonSymbol: string;
}

/** Distance below which atoms count as equivalent, Å: the tolerance of the Materials Project. */
const DEFAULT_TOLERANCE_ANGSTROM = 0.1;

/** Throws an Error when no symmetry can be found at this tolerance. */
export function spaceGroup(crystal: Crystal, toleranceAngstrom = DEFAULT_TOLERANCE_ANGSTROM): SpaceGroup {
  const { number, hm_symbol, pearson_symbol } = analyse(crystal, toleranceAngstrom);
  return { number, symbol: hm_symbol.replaceAll(' ', ''), pearsonSymbol: pearson_symbol };
}

/** The standardised, symmetrised primitive cell. Throws an Error when no symmetry can be found. */
export function primitiveCell(crystal: Crystal, toleranceAngstrom = DEFAULT_TOLERANCE_ANGSTROM): Crystal {
  return fromMoyo(analyse(crystal, toleranceAngstrom).prim_std_cell);
}

/** The standardised, symmetrised conventional cell. Throws an Error when no symmetry can be found. */
export function conventionalCell(crystal: Crystal, toleranceAngstrom = DEFAULT_TOLERANCE_ANGSTROM): Crystal {
  return fromMoyo(analyse(crystal, toleranceAngstrom).std_cell);
}

function analyse(crystal: Crystal, toleranceAngstrom: number): MoyoDataset {
  requireSymmetry();
  const { latticeAngstrom, fractionalCoordinates, atomicNumbers } = crystal;
  const cell = {
    lattice: { basis: latticeAngstrom },
    positions: atomicNumbers.map((_, i) => fractionalCoordinates.slice(3 * i, 3 * i + 3)),
    numbers: atomicNumbers,
  };
  try {
    return analyze_cell(JSON.stringify(cell), toleranceAngstrom, 'Standard');
  } catch (cause) {
    throw new Error(
      `no symmetry found within ${toleranceAngstrom} Å: look for atoms that overlap, or give a smaller tolerance`,
      { cause },
    );
  }
}

function fromMoyo(cell: MoyoCell): Crystal {
  return makeCrystal({
    latticeAngstrom: cell.lattice.basis,
    fractionalCoordinates: cell.positions.flat(),
    atomicNumbers: cell.numbers,
  });
}
