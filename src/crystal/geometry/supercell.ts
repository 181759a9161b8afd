import { type Crystal, makeCrystal } from '../crystal.ts';
import { determinant, inverse, multiply, multiplyRows } from './lattice.ts';

/**
 * The same crystal in a larger cell: repeated so many times along a, b and c, or with the cell whose rows are given as
 * integer combinations of a, b, c (3×3, flat, row-major). Net charge grows with the cell; oxidation states and moments
 * repeat. Atoms stand copy by copy. Throws a RangeError for repeats that are no positive integers and for a matrix
 * that is not of integers or spans no volume.
 */
export function supercell(crystal: Crystal, change: readonly number[]): Crystal {
  const matrix = changeOfCell(change);
  const copies = Math.abs(determinant(matrix));
  const [h, v, w] = cosetCounts(matrix);
  const backwards = inverse(matrix);
  const fractionalCoordinates: number[] = [];
  for (let a = 0; a < h; a++) {
    for (let b = 0; b < v; b++) {
      for (let c = 0; c < w; c++) {
        const moved = crystal.fractionalCoordinates.map(
          (x, i) => x + (i % 3 === 0 ? a : i % 3 === 1 ? b : c),
        );
        for (const x of multiplyRows(moved, backwards)) fractionalCoordinates.push(x);
      }
    }
  }
  const { chargeE, oxidationStates, magneticMomentsMuB } = crystal;
  return makeCrystal({
    latticeAngstrom: multiply(matrix, crystal.latticeAngstrom),
    fractionalCoordinates,
    atomicNumbers: repeated(crystal.atomicNumbers, copies),
    chargeE: chargeE === undefined ? undefined : copies * chargeE,
    oxidationStates: oxidationStates === undefined ? undefined : repeated(oxidationStates, copies),
    magneticMomentsMuB: magneticMomentsMuB === undefined ? undefined : repeated(magneticMomentsMuB, copies),
  });
}

function changeOfCell(change: readonly number[]): readonly number[] {
  if (change.length === 3) {
    if (!change.every((repeat) => Number.isInteger(repeat) && repeat > 0)) {
      throw new RangeError(`cannot repeat a cell ${change.join(' × ')} times: give three positive integers`);
    }
    const [a, b, c] = change as [number, number, number];
    return [a, 0, 0, 0, b, 0, 0, 0, c];
  }
  if (change.length !== 9 || !change.every(Number.isInteger) || determinant(change) === 0) {
    throw new RangeError(
      `the change of cell is [${change.join(', ')}]: give three repeats, or a 3×3 matrix of integers (flat, by rows) ` +
        `whose determinant is not 0`,
    );
  }
  return change;
}

/**
 * The diagonal of the Hermite normal form of an integer matrix: the lattice points (u, v, w) with 0 ≤ u, v, w below it
 * are one of each class modulo the matrix's rows, without any rounding (Cohen, A Course in Computational Algebraic
 * Number Theory, section 2.4).
 */
function cosetCounts(matrix: readonly number[]): [number, number, number] {
  const rows = [0, 1, 2].map((row) => matrix.slice(3 * row, 3 * row + 3));
  for (let column = 0; column < 3; column++) {
    // Euclid's algorithm on this column of the rows that are left, until only one is not 0.
    for (;;) {
      const left = rows.slice(column).filter((row) => row[column] !== 0);
      const least = left.reduce((l, r) =>
        Math.abs(r[column] as number) < Math.abs(l[column] as number) ? r : l,
      );
      if (left.length === 1) {
        rows.splice(rows.indexOf(least), 1);
        rows.splice(column, 0, least);
        break;
      }
      for (const row of left) {
        if (row === least) continue;
        const times = Math.trunc((row[column] as number) / (least[column] as number));
        for (let k = 0; k < 3; k++) row[k] = (row[k] as number) - times * (least[k] as number);
      }
    }
  }
  const at = (k: number): number => Math.abs((rows[k] as number[])[k] as number);
  return [at(0), at(1), at(2)];
}

function repeated(values: readonly number[], times: number): number[] {
  return Array.from({ length: times * values.length }, (_, i) => values[i % values.length] as number);
}
