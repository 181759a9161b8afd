/** Arithmetic of fractional coordinates, which live on the flat torus [0, 1)³. */

/** The representative of x in [0, 1). */
export function wrap(x: number): number {
  const wrapped = x - Math.floor(x);
  // A coordinate a rounding error below 0 becomes 0, not 1.
  return wrapped >= 1 ? 0 : wrapped;
}

/** The shortest signed way from 0 to x around the unit circle, in [-1/2, 1/2]. */
export function shortest(x: number): number {
  return x - Math.round(x);
}
