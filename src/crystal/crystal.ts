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

/** Checks and wraps. Throws a RangeError that says what is wrong with the parts and what to give instead. */
export function makeCrystal(parts: CrystalParts): Crystal {
  const latticeAngstrom = Array.from(parts.latticeAngstrom);
  const coordinates = Array.from(parts.fractionalCoordinates);
  const atomicNumbers = Array.from(parts.atomicNumbers);
  if (latticeAngstrom.length !== 9) {
    throw new RangeError(`the lattice has ${latticeAngstrom.length} numbers: give 9, the rows a, b, c in Å`);
  }
  if (atomicNumbers.length === 0) throw new RangeError('the crystal has no atoms: give at least one');
  if (coordinates.length !== 3 * atomicNumbers.length) {
    throw new RangeError(
      `${coordinates.length} fractional coordinates for ${atomicNumbers.length} atoms: give 3 for each atom, flat`,
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
  return { latticeAngstrom, fractionalCoordinates: coordinates.map(wrap), atomicNumbers };
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

/** The same crystal in a cell repeated so many times along a, b and c. */
export function supercell(crystal: Crystal, repeats: readonly [number, number, number]): Crystal {
  if (!repeats.every((repeat) => Number.isInteger(repeat) && repeat > 0)) {
    throw new RangeError(`cannot repeat a cell ${repeats.join(' × ')} times: give three positive integers`);
  }
  const fractional: number[] = [];
  const atomicNumbers: number[] = [];
  for (let u = 0; u < repeats[0]; u++) {
    for (let v = 0; v < repeats[1]; v++) {
      for (let w = 0; w < repeats[2]; w++) {
        const shift = [u, v, w] as const;
        crystal.fractionalCoordinates.forEach((x, i) => {
          const axis = (i % 3) as 0 | 1 | 2;
          fractional.push((x + shift[axis]) / repeats[axis]);
        });
        atomicNumbers.push(...crystal.atomicNumbers);
      }
    }
  }
  const latticeAngstrom = crystal.latticeAngstrom.map((x, i) => x * repeats[Math.floor(i / 3) as 0 | 1 | 2]);
  return makeCrystal({ latticeAngstrom, fractionalCoordinates: fractional, atomicNumbers });
}

/** The crystal with its cell scaled alike in all directions to the given volume; fractional coordinates stay. */
export function scaleToVolume(crystal: Crystal, targetAngstrom3: number): Crystal {
  if (!(targetAngstrom3 > 0 && Number.isFinite(targetAngstrom3))) {
    throw new RangeError(`cannot scale a cell to ${targetAngstrom3} Å³: give a positive volume`);
  }
  const factor = Math.cbrt(targetAngstrom3 / volumeAngstrom3(crystal));
  return { ...crystal, latticeAngstrom: crystal.latticeAngstrom.map((x) => x * factor) };
}

function requireFinite(what: string, numbers: readonly number[]): void {
  const bad = numbers.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0)
    throw new RangeError(`the ${what} hold ${numbers[bad]} at position ${bad}: all must be finite`);
}
