import { determinant, inverse, type Matrix3, multiply } from './lattice.ts';

/** Inverse of an integer matrix with determinant ±1, in integers. */
export function integerInverse(matrix: Matrix3): number[] {
  return inverse(matrix).map(Math.round);
}

/**
 * Integer matrix (flat, det ±1) that takes the rows of a lattice to those of its Niggli cell. Křivý and Gruber, Acta
 * Cryst. A32, 297 (1976), with the tolerances of Grosse-Kunstleve et al., Acta Cryst. A60, 1 (2004), and several
 * equal steps taken at once. Throws a RangeError for a lattice without volume.
 */
export function niggliChange(lattice: readonly number[]): number[] {
  const volume = Math.abs(determinant(lattice));
  if (!(volume > 0)) throw new RangeError('cannot reduce a lattice without volume');
  const epsilon = 1e-5 * volume ** (2 / 3);
  let change = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const dot = (rows: readonly number[], i: number, j: number): number =>
    (rows[3 * i] as number) * (rows[3 * j] as number) +
    (rows[3 * i + 1] as number) * (rows[3 * j + 1] as number) +
    (rows[3 * i + 2] as number) * (rows[3 * j + 2] as number);
  const apply = (step: readonly number[]): void => {
    change = multiply(step, change);
  };
  for (let iteration = 0; iteration < 200; iteration++) {
    const rows = multiply(change, lattice);
    const [a, b, c] = [dot(rows, 0, 0), dot(rows, 1, 1), dot(rows, 2, 2)];
    const [xi, eta, zeta] = [2 * dot(rows, 1, 2), 2 * dot(rows, 0, 2), 2 * dot(rows, 0, 1)];
    const less = (x: number, y: number): boolean => x < y - epsilon;
    const equal = (x: number, y: number): boolean => Math.abs(x - y) <= epsilon;

    if (less(b, a) || (equal(a, b) && less(Math.abs(eta), Math.abs(xi)))) {
      apply([0, -1, 0, -1, 0, 0, 0, 0, -1]);
      continue;
    }
    if (less(c, b) || (equal(b, c) && less(Math.abs(zeta), Math.abs(eta)))) {
      apply([-1, 0, 0, 0, 0, -1, 0, -1, 0]);
      continue;
    }
    const signs = signChange(xi, eta, zeta, epsilon);
    if (signs !== null) {
      apply([signs[0] as number, 0, 0, 0, signs[1] as number, 0, 0, 0, signs[2] as number]);
      continue;
    }
    const times = (x: number, y: number): number =>
      Math.sign(x) * Math.max(1, Math.round(Math.abs(x) / (2 * y)));
    if (less(b, Math.abs(xi)) || (equal(xi, b) && less(2 * eta, zeta)) || (equal(xi, -b) && less(zeta, 0))) {
      apply([1, 0, 0, 0, 1, 0, 0, -times(xi, b), 1]);
      continue;
    }
    if (
      less(a, Math.abs(eta)) ||
      (equal(eta, a) && less(2 * xi, zeta)) ||
      (equal(eta, -a) && less(zeta, 0))
    ) {
      apply([1, 0, 0, 0, 1, 0, -times(eta, a), 0, 1]);
      continue;
    }
    if (
      less(a, Math.abs(zeta)) ||
      (equal(zeta, a) && less(2 * xi, eta)) ||
      (equal(zeta, -a) && less(eta, 0))
    ) {
      apply([1, 0, 0, -times(zeta, a), 1, 0, 0, 0, 1]);
      continue;
    }
    const sum = xi + eta + zeta + a + b;
    if (less(sum, 0) || (equal(sum, 0) && less(0, 2 * (a + eta) + zeta))) {
      apply([1, 0, 0, 0, 1, 0, 1, 1, 1]);
      continue;
    }
    break;
  }
  return change;
}

/** Signs that make all angles acute or all obtuse (steps 3 and 4), or null when they already are. */
function signChange(xi: number, eta: number, zeta: number, epsilon: number): number[] | null {
  const sign = (x: number): number => (x > epsilon ? 1 : x < -epsilon ? -1 : 0);
  const signs = [sign(xi), sign(eta), sign(zeta)];
  const product = (signs[0] as number) * (signs[1] as number) * (signs[2] as number);
  const flips = [1, 1, 1];
  if (product > 0) {
    for (let axis = 0; axis < 3; axis++) if (signs[axis] === -1) flips[axis] = -1;
  } else {
    let free = -1;
    for (let axis = 0; axis < 3; axis++) {
      if (signs[axis] === 1) flips[axis] = -1;
      else if (signs[axis] === 0) free = axis;
    }
    if ((flips[0] as number) * (flips[1] as number) * (flips[2] as number) < 0 && free >= 0) flips[free] = -1;
  }
  return flips.every((flip) => flip === 1) ? null : flips;
}
