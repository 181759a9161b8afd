import { elementOf } from './chemistry/elements.ts';
import { determinant, multiplyRows } from './geometry/lattice.ts';
import { wrap } from './geometry/torus.ts';

/**
 * A periodic crystal as plain JSON: flat arrays (the embedded store refuses nested ones), immutable by type.
 * Row vectors: atom i sits at fractional_i · L, with L the 3×3 matrix whose rows are a, b, c.
 */
export interface Crystal {
  /** Rows a, b, c of the lattice, flat, 9 numbers, Å. */
  readonly latticeAngstrom: readonly number[];
  /** Fractional coordinates, flat, 3·n numbers, wrapped to [0, 1). */
  readonly fractionalCoordinates: readonly number[];
  /** Atomic number of each of the n atoms. */
  readonly atomicNumbers: readonly number[];
  /** Net charge of the cell, in elementary charges; left out where not given. */
  readonly chargeE?: number;
  /** Formal charge of each of the n atoms, in elementary charges. */
  readonly oxidationStates?: readonly number[];
  /** Magnetic moments, Bohr magnetons: n of them (collinear), or flat 3·n (vectors, Cartesian). */
  readonly magneticMomentsMuB?: readonly number[];
}

export interface CrystalParts {
  readonly latticeAngstrom: ArrayLike<number>;
  readonly fractionalCoordinates: ArrayLike<number>;
  readonly atomicNumbers: ArrayLike<number>;
  readonly chargeE?: number | undefined;
  readonly oxidationStates?: ArrayLike<number> | undefined;
  readonly magneticMomentsMuB?: ArrayLike<number> | undefined;
}

/**
 * Checks, and wraps the coordinates into [0, 1). What is not given stays absent. Throws a RangeError that says what is
 * wrong with the parts and what to give instead. Atoms that lie on each other are accepted here, where crystals are
 * read; requireDistinctSites (geometry/closest-pair.ts), the neighbour lists and the symmetry finder refuse them.
 */
export function makeCrystal(parts: CrystalParts): Crystal {
  const latticeAngstrom = Array.from(parts.latticeAngstrom);
  const coordinates = Array.from(parts.fractionalCoordinates);
  const atomicNumbers = Array.from(parts.atomicNumbers);
  const n = atomicNumbers.length;
  if (latticeAngstrom.length !== 9) {
    throw new RangeError(`the lattice has ${latticeAngstrom.length} numbers: give 9, the rows a, b, c in Å`);
  }
  if (n === 0) throw new RangeError('the crystal has no atoms: give at least one');
  if (coordinates.length !== 3 * n) {
    throw new RangeError(
      `${coordinates.length} fractional coordinates for ${n} atoms: give 3 for each atom, flat`,
    );
  }
  requireFinite('lattice', latticeAngstrom);
  requireFinite('fractional coordinates', coordinates);
  for (const atomicNumber of atomicNumbers) elementOf(atomicNumber);
  const volume = Math.abs(determinant(latticeAngstrom));
  const longest = Math.max(...latticeAngstrom.map(Math.abs));
  if (!(volume > 1e-9 * longest ** 3)) {
    throw new RangeError(
      `the cell's volume is ${volume} Å³: give three lattice vectors that do not lie in a plane`,
    );
  }
  return {
    latticeAngstrom,
    fractionalCoordinates: coordinates.map(wrap),
    atomicNumbers,
    ...givenDecorations(parts, n),
  };
}

/** Charge, oxidation states and moments of a crystal of n atoms, those that are given. */
function givenDecorations(
  { chargeE, oxidationStates, magneticMomentsMuB }: CrystalParts,
  n: number,
): Pick<Crystal, 'chargeE' | 'oxidationStates' | 'magneticMomentsMuB'> {
  if (chargeE !== undefined && !Number.isFinite(chargeE)) {
    throw new RangeError(`the net charge is ${chargeE}: give a finite number of elementary charges, or none`);
  }
  if (oxidationStates !== undefined) {
    if (oxidationStates.length !== n) {
      throw new RangeError(
        `${oxidationStates.length} oxidation states for ${n} atoms: give one for each atom`,
      );
    }
    requireFinite('oxidation states', oxidationStates);
  }
  if (magneticMomentsMuB !== undefined) {
    if (magneticMomentsMuB.length !== n && magneticMomentsMuB.length !== 3 * n) {
      throw new RangeError(
        `${magneticMomentsMuB.length} magnetic moments for ${n} atoms: give ${n} (collinear) or ${3 * n} ` +
          `(Cartesian vectors, flat)`,
      );
    }
    requireFinite('magnetic moments', magneticMomentsMuB);
  }
  return {
    ...(chargeE === undefined ? {} : { chargeE }),
    ...(oxidationStates === undefined ? {} : { oxidationStates: Array.from(oxidationStates) }),
    ...(magneticMomentsMuB === undefined ? {} : { magneticMomentsMuB: Array.from(magneticMomentsMuB) }),
  };
}

export function volumeAngstrom3(crystal: Crystal): number {
  return Math.abs(determinant(crystal.latticeAngstrom));
}

export function densityGramPerCm3(crystal: Crystal): number {
  const massU = crystal.atomicNumbers.reduce((sum, atomicNumber) => sum + elementOf(atomicNumber).massU, 0);
  // 1 u/Å³ in g/cm³: the atomic mass constant, CODATA 2018.
  return (massU / volumeAngstrom3(crystal)) * 1.6605390666;
}

/** Cartesian coordinates of the atoms, flat, 3 per atom, Å. */
export function cartesianAngstrom(crystal: Crystal): number[] {
  return multiplyRows(crystal.fractionalCoordinates, crystal.latticeAngstrom);
}

/** The crystal with its cell scaled alike in all directions to the given volume; fractional coordinates stay. */
export function scaleToVolume(crystal: Crystal, targetAngstrom3: number): Crystal {
  if (!(targetAngstrom3 > 0 && Number.isFinite(targetAngstrom3))) {
    throw new RangeError(`cannot scale a cell to ${targetAngstrom3} Å³: give a positive volume`);
  }
  const factor = Math.cbrt(targetAngstrom3 / volumeAngstrom3(crystal));
  return { ...crystal, latticeAngstrom: crystal.latticeAngstrom.map((x) => x * factor) };
}

function requireFinite(what: string, numbers: ArrayLike<number>): void {
  for (let i = 0; i < numbers.length; i++) {
    if (!Number.isFinite(numbers[i])) {
      throw new RangeError(`the ${what} hold ${numbers[i]} at position ${i}: all must be finite`);
    }
  }
}
