import { multiplyRows } from '../geometry/lattice.ts';

/** A symmetry operation on fractional coordinates as rows: x' = x·Rᵀ + t. */
export interface SymmetryOperation {
  /** Rᵀ, flat, row-major, so that a row of coordinates times it is turned. */
  readonly transposedRotation: readonly number[];
  readonly translation: readonly number[];
}

/** Where an operation takes fractional coordinates (flat, 3·n); nothing is wrapped. */
export function applyOperation(operation: SymmetryOperation, coordinates: ArrayLike<number>): number[] {
  const moved = multiplyRows(coordinates, operation.transposedRotation);
  return moved.map((x, i) => x + (operation.translation[i % 3] as number));
}
