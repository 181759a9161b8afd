import { type Crystal, makeCrystal } from '../crystal.ts';
import { determinant, type Matrix3, multiply, multiplyRows } from './lattice.ts';

/**
 * The crystal with every point r moved to F·r (column vectors; F is 3×3, flat, row-major), fractional coordinates and
 * everything else kept. Throws a RangeError for a deformation that leaves no volume or turns the crystal inside out.
 */
export function deform(crystal: Crystal, deformation: Matrix3): Crystal {
  requireNine('deformation', deformation);
  if (!(determinant(deformation) > 0)) {
    throw new RangeError(
      `the deformation's determinant is ${determinant(deformation)}: give one that keeps a positive volume`,
    );
  }
  return makeCrystal({
    ...crystal,
    latticeAngstrom: multiply(crystal.latticeAngstrom, transpose(deformation)),
  });
}

/**
 * The crystal under a small symmetric strain ε (3×3, flat): every point r moves to (1 + ε)·r. Throws a RangeError for
 * a strain that is not symmetric, which would also turn the crystal, and for one that leaves no volume.
 */
export function strain(crystal: Crystal, strain: Matrix3): Crystal {
  requireNine('strain', strain);
  if (transpose(strain).some((x, i) => Math.abs(x - (strain[i] as number)) > 1e-12)) {
    throw new RangeError(
      `the strain [${strain.join(', ')}] is not symmetric: give its symmetric part, or call deform`,
    );
  }
  return deform(
    crystal,
    Array.from(strain, (x, i) => (i % 4 === 0 ? x + 1 : x)),
  );
}

/**
 * The crystal turned by R (3×3, flat, row-major, acting on column vectors); R may also mirror. Moments that are
 * vectors turn with it, as axial vectors do: m' = det(R) R·m. Throws a RangeError when R is not orthogonal.
 */
export function rotate(crystal: Crystal, rotation: Matrix3): Crystal {
  requireNine('rotation', rotation);
  const turn = transpose(rotation);
  if (multiply(rotation, turn).some((x, i) => !(Math.abs(x - (i % 4 === 0 ? 1 : 0)) < 1e-8))) {
    throw new RangeError(
      `[${rotation.join(', ')}] is no rotation: give a matrix whose inverse is its transpose`,
    );
  }
  const { magneticMomentsMuB: moments, atomicNumbers } = crystal;
  const handedness = Math.sign(determinant(rotation));
  return makeCrystal({
    ...crystal,
    latticeAngstrom: multiply(crystal.latticeAngstrom, turn),
    magneticMomentsMuB:
      moments === undefined || moments.length === atomicNumbers.length
        ? moments
        : multiplyRows(moments, turn).map((m) => handedness * m),
  });
}

function transpose(m: Matrix3): number[] {
  return Array.from(m, (_, i) => m[3 * (i % 3) + Math.floor(i / 3)] as number);
}

function requireNine(what: string, matrix: Matrix3): void {
  if (matrix.length !== 9 || !Array.from(matrix).every(Number.isFinite)) {
    throw new RangeError(`the ${what} is [${matrix.join(', ')}]: give 9 finite numbers, row by row`);
  }
}
