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
}
