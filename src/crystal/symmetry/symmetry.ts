import { analyze_cell, type MoyoCell, type MoyoDataset } from '@spglib/moyo-wasm';
import type { Crystal } from '../crystal.ts';
import { closestPair, oneSiteError } from '../geometry/closest-pair.ts';
import { primitiveByTranslation } from '../geometry/primitive.ts';
import { requireSymmetry } from './finder.ts';
import { crystalOfKinds, kindsOfAtoms } from './kinds.ts';
import type { SymmetryOperation } from './operation.ts';
import { compactSymbol, fromMoyo } from './space-group.ts';

export interface SpaceGroup {
  /** 1 to 230. */
  readonly number: number;
  /** Short Hermann-Mauguin symbol, as in 'Fm-3m'. */
  readonly symbol: string;
  /** Of the conventional cell's setting, which is the standard one; 1 to 530. */
  readonly hallNumber: number;
  /** As in 'cF4'. */
  readonly pearsonSymbol: string;
}

/** All that is known of a crystal's symmetry; lists go by its atoms. */
export interface Symmetry {
  readonly spaceGroup: SpaceGroup;
  /** In the cell that was given, pure translations of a supercell included. */
  readonly operations: readonly SymmetryOperation[];
  /** The first atom that the operations take each atom to: equal for equivalent atoms. */
  readonly orbits: readonly number[];
  /** Of the conventional cell's setting. */
  readonly wyckoffLetters: readonly string[];
  /** Oriented site-symmetry symbols, as in 'm.mm'. */
  readonly siteSymmetries: readonly string[];
  readonly conventional: StandardCell;
  readonly primitive: StandardCell;
}

/**
 * A standardised, symmetrised cell and the way to it: its lattice is change · L · rotation, L the given lattice's rows,
 * and a row x of fractional coordinates becomes (x - origin) · change⁻¹, both to within the tolerance.
 */
export interface StandardCell {
  readonly crystal: Crystal;
  /** 3×3, flat, row-major. */
  readonly change: readonly number[];
  /** 3×3, flat, row-major, for rows of Cartesian coordinates. */
  readonly rotation: readonly number[];
  readonly origin: readonly number[];
}

/** Distance below which atoms count as equivalent, Å: the tolerance of the Materials Project. */
const DEFAULT_TOLERANCE_ANGSTROM = 0.1;

/**
 * Space group, operations, orbits, Wyckoff positions and standard cells, by moyo. Atoms of one element with different
 * oxidation states or moments count as different, as in pymatgen; time reversal is not looked for: moyo's WebAssembly
 * lists the magnetic groups but finds none from moments. Charge follows the number of atoms.
 * Throws a RangeError that names two atoms nearer than the tolerance, and an Error when no symmetry can be found.
 */
export function findSymmetry(crystal: Crystal, toleranceAngstrom = DEFAULT_TOLERANCE_ANGSTROM): Symmetry {
  const kinds = kindsOfAtoms(crystal);
  const found = analyse(crystal, kinds, toleranceAngstrom);
  const rotation = found.std_rotation_matrix;
  const standard = (cell: MoyoCell, change: readonly number[], origin: readonly number[]): StandardCell => ({
    crystal: crystalOfKinds(cell, crystal, { kinds, rotation }),
    change,
    rotation,
    origin,
  });
  return {
    spaceGroup: spaceGroupOf(found),
    operations: found.operations.map(fromMoyo),
    orbits: found.orbits,
    wyckoffLetters: found.wyckoffs,
    siteSymmetries: found.site_symmetry_symbols,
    conventional: standard(found.std_cell, found.std_linear, found.std_origin_shift),
    primitive: standard(found.prim_std_cell, found.prim_std_linear, found.prim_std_origin_shift),
  };
}

/** Throws as findSymmetry does. */
export function spaceGroup(crystal: Crystal, toleranceAngstrom = DEFAULT_TOLERANCE_ANGSTROM): SpaceGroup {
  const cell = withoutRepeats(crystal, toleranceAngstrom);
  return spaceGroupOf(analyse(cell, kindsOfAtoms(cell), toleranceAngstrom));
}

/** The standardised, symmetrised primitive cell. Throws as findSymmetry does. */
export function primitiveCell(crystal: Crystal, toleranceAngstrom = DEFAULT_TOLERANCE_ANGSTROM): Crystal {
  return findSymmetry(withoutRepeats(crystal, toleranceAngstrom), toleranceAngstrom).primitive.crystal;
}

/** The standardised, symmetrised conventional cell. Throws as findSymmetry does. */
export function conventionalCell(crystal: Crystal, toleranceAngstrom = DEFAULT_TOLERANCE_ANGSTROM): Crystal {
  return findSymmetry(withoutRepeats(crystal, toleranceAngstrom), toleranceAngstrom).conventional.crystal;
}

/** Above so many atoms the finder's time, which grows with the square of the translations, is worth saving. */
const FEW_ATOMS = 64;

/** A large cell brought to what it repeats, where it repeats it well within the tolerance and nothing else tells. */
function withoutRepeats(crystal: Crystal, toleranceAngstrom: number): Crystal {
  const { atomicNumbers, chargeE, oxidationStates, magneticMomentsMuB } = crystal;
  const isPlain = chargeE === undefined && oxidationStates === undefined && magneticMomentsMuB === undefined;
  if (atomicNumbers.length <= FEW_ATOMS || !isPlain) return crystal;
  if (closestPair(crystal).distanceAngstrom < toleranceAngstrom) return crystal;
  return primitiveByTranslation(crystal, toleranceAngstrom / 4);
}

function spaceGroupOf({ number, hm_symbol, hall_number, pearson_symbol }: MoyoDataset): SpaceGroup {
  return {
    number,
    symbol: compactSymbol(hm_symbol),
    hallNumber: hall_number,
    pearsonSymbol: pearson_symbol,
  };
}

function analyse(crystal: Crystal, kinds: readonly number[], toleranceAngstrom: number): MoyoDataset {
  requireSymmetry();
  if (!(toleranceAngstrom > 0 && Number.isFinite(toleranceAngstrom))) {
    throw new RangeError(`cannot look for symmetry within ${toleranceAngstrom} Å: give a positive tolerance`);
  }
  // The finder would take atoms nearer than its tolerance for one, and say nothing.
  const closest = closestPair(crystal);
  if (closest.distanceAngstrom < toleranceAngstrom) {
    throw new RangeError(
      `${oneSiteError(crystal, closest).message}, or give a tolerance below their distance (it is ${toleranceAngstrom} Å)`,
    );
  }
  const { latticeAngstrom, fractionalCoordinates } = crystal;
  const cell = {
    lattice: { basis: latticeAngstrom },
    positions: kinds.map((_, i) => fractionalCoordinates.slice(3 * i, 3 * i + 3)),
    numbers: kinds,
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
