import {
  hall_symbol_entry,
  type MoyoSpaceGroupType,
  operations_from_number,
  space_group_type,
  wyckoff_positions,
} from '@spglib/moyo-wasm';
import { parseOperation } from '../formats/symmetry-operation.ts';
import { requireSymmetry } from './finder.ts';
import type { SymmetryOperation } from './operation.ts';

/** A space-group type in the standard setting of the International Tables (vol. A): unique axis b, hexagonal axes,
 * second origin. */
export interface SpaceGroupType {
  /** 1 to 230. */
  readonly number: number;
  /** Short Hermann-Mauguin symbol without spaces, as in 'Fm-3m'. */
  readonly symbol: string;
  /** The standard setting's number among the 530 of Hall's symbols. */
  readonly hallNumber: number;
  readonly crystalSystem: CrystalSystem;
  /** Bravais lattice, as in 'cF'. */
  readonly bravaisLattice: string;
}

export type CrystalSystem =
  'triclinic' | 'monoclinic' | 'orthorhombic' | 'tetragonal' | 'trigonal' | 'hexagonal' | 'cubic';

/** One Wyckoff position of a space group, in its conventional cell. */
export interface WyckoffPosition {
  /** How many points of the conventional cell make up one occupied position. */
  readonly multiplicity: number;
  readonly letter: string;
  /** Oriented site-symmetry symbol, as in '.3m'. */
  readonly siteSymmetry: string;
  /** The first point, as in 'x,x,1/4'; the group's operations make the others. */
  readonly coordinates: string;
  /** The same as a map: the first point is (x, y, z)·Rᵀ + t for any x, y, z. */
  readonly representative: SymmetryOperation;
}

/** Throws a RangeError for a number outside 1 to 230. */
export function spaceGroupType(spaceGroupNumber: number): SpaceGroupType {
  requireSpaceGroup(spaceGroupNumber);
  const type: MoyoSpaceGroupType = space_group_type(spaceGroupNumber);
  return {
    number: type.number,
    symbol: compactSymbol(type.hm_short),
    hallNumber: type.hall_number,
    crystalSystem: type.crystal_system.toLowerCase() as CrystalSystem,
    bravaisLattice: type.bravais_class,
  };
}

/**
 * All operations of a space group in its conventional cell, centring translations included, in the standard setting
 * or in that of a Hall number (1 to 530). Throws a RangeError for other numbers, or a Hall number of another group.
 */
export function symmetryOperations(spaceGroupNumber: number, hallNumber?: number): SymmetryOperation[] {
  const hall = settingOf(spaceGroupNumber, hallNumber);
  return operations_from_number(spaceGroupNumber, { type: 'HallNumber', value: hall }, false).map(fromMoyo);
}

/** Wyckoff positions in the setting of symmetryOperations, the general position first. Throws as it does. */
export function wyckoffPositions(spaceGroupNumber: number, hallNumber?: number): WyckoffPosition[] {
  return wyckoff_positions(settingOf(spaceGroupNumber, hallNumber)).map((position) => ({
    multiplicity: position.multiplicity,
    letter: position.letter,
    siteSymmetry: position.site_symmetry,
    coordinates: position.coordinates,
    representative: parseOperation({ text: position.coordinates, line: 1 }),
  }));
}

/** The finder keeps matrices by columns, which read by rows are transposed. */
export function fromMoyo(operation: {
  readonly rotation: readonly number[];
  readonly translation: readonly number[];
}): SymmetryOperation {
  return { transposedRotation: operation.rotation, translation: operation.translation };
}

/** 'F m -3 m' is 'Fm-3m'. */
export function compactSymbol(spaced: string): string {
  return spaced.replaceAll(' ', '');
}

function settingOf(spaceGroupNumber: number, hallNumber: number | undefined): number {
  requireSpaceGroup(spaceGroupNumber);
  if (hallNumber === undefined) return space_group_type(spaceGroupNumber).hall_number;
  if (!(Number.isInteger(hallNumber) && hallNumber >= 1 && hallNumber <= 530)) {
    throw new RangeError(`no setting has the Hall number ${hallNumber}: give an integer from 1 to 530`);
  }
  const owner = hall_symbol_entry(hallNumber).number;
  if (owner !== spaceGroupNumber) {
    throw new RangeError(
      `Hall number ${hallNumber} is a setting of space group ${owner}, not ${spaceGroupNumber}: give one of ` +
        `its own, or none for the standard setting`,
    );
  }
  return hallNumber;
}

function requireSpaceGroup(spaceGroupNumber: number): void {
  requireSymmetry();
  if (!(Number.isInteger(spaceGroupNumber) && spaceGroupNumber >= 1 && spaceGroupNumber <= 230)) {
    throw new RangeError(`no space group has the number ${spaceGroupNumber}: give an integer from 1 to 230`);
  }
}
