/** 3×3 matrices as flat arrays of 9, row-major; lattices hold a, b, c as rows (Å). */
export type Matrix3 = readonly number[] | Float64Array;

export function determinant(m: Matrix3): number {
  const [a, b, c, d, e, f, g, h, i] = nine(m);
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}

/** Throws a RangeError when the matrix is singular. */
export function inverse(m: Matrix3): number[] {
  const [a, b, c, d, e, f, g, h, i] = nine(m);
  const det = determinant(m);
  if (det === 0 || !Number.isFinite(det)) throw new RangeError('the lattice vectors span no volume');
  return [
    (e * i - f * h) / det,
    (c * h - b * i) / det,
    (b * f - c * e) / det,
    (f * g - d * i) / det,
    (a * i - c * g) / det,
    (c * d - a * f) / det,
    (d * h - e * g) / det,
    (b * g - a * h) / det,
    (a * e - b * d) / det,
  ];
}

/** Product l·r of two 3×3 matrices. */
export function multiply(l: Matrix3, r: Matrix3): number[] {
  return multiplyRows(l, r);
}

/** Rows of l (n×3, flat) times the 3×3 matrix r: fractional rows times a lattice give Cartesian rows. */
export function multiplyRows(l: ArrayLike<number>, r: Matrix3): number[] {
  const [a, b, c, d, e, f, g, h, i] = nine(r);
  const product = new Array<number>(l.length);
  for (let row = 0; row < l.length; row += 3) {
    const x = l[row] as number;
    const y = l[row + 1] as number;
    const z = l[row + 2] as number;
    product[row] = x * a + y * d + z * g;
    product[row + 1] = x * b + y * e + z * h;
    product[row + 2] = x * c + y * f + z * i;
  }
  return product;
}

export interface CellParameters {
  readonly lengthsAngstrom: readonly [number, number, number];
  /** α (between b and c), β (a, c), γ (a, b). */
  readonly anglesDegree: readonly [number, number, number];
}

export function cellParameters(latticeAngstrom: Matrix3): CellParameters {
  const [a, b, c, d, e, f, g, h, i] = nine(latticeAngstrom);
  const lengths = [Math.hypot(a, b, c), Math.hypot(d, e, f), Math.hypot(g, h, i)] as const;
  const angle = (dot: number, l: number, r: number): number =>
    (Math.acos(Math.min(1, Math.max(-1, dot / (l * r)))) * 180) / Math.PI;
  return {
    lengthsAngstrom: lengths,
    anglesDegree: [
      angle(d * g + e * h + f * i, lengths[1], lengths[2]),
      angle(a * g + b * h + c * i, lengths[0], lengths[2]),
      angle(a * d + b * e + c * f, lengths[0], lengths[1]),
    ],
  };
}

/** Lattice with a along x and b in the xy plane. Throws a RangeError for angles that close no cell. */
export function latticeFromParameters(cell: CellParameters): number[] {
  const [a, b, c] = cell.lengthsAngstrom;
  const cosine = cell.anglesDegree.map((angle) => (angle === 90 ? 0 : Math.cos((angle * Math.PI) / 180)));
  const [cosAlpha, cosBeta, cosGamma] = cosine as [number, number, number];
  const sinGamma = Math.sqrt(1 - cosGamma * cosGamma);
  const y = (cosAlpha - cosBeta * cosGamma) / sinGamma;
  const zSquared = 1 - cosBeta * cosBeta - y * y;
  if (!(zSquared > 0)) {
    throw new RangeError(`no cell has the angles ${cell.anglesDegree.join(', ')} degrees: check α, β and γ`);
  }
  return [a, 0, 0, b * cosGamma, b * sinGamma, 0, c * cosBeta, c * y, c * Math.sqrt(zSquared)];
}

/** The same lattice, turned so that a lies along x and b in the xy plane (x and y kept positive). */
export function lowerTriangular(latticeAngstrom: Matrix3): [number, number, number, number, number, number] {
  const [a, b, c, d, e, f, g, h, i] = nine(latticeAngstrom);
  // Math.hypot would cost more than all the rest.
  const ax = Math.sqrt(a * a + b * b + c * c);
  const bx = (a * d + b * e + c * f) / ax;
  const by = Math.sqrt(Math.max(0, d * d + e * e + f * f - bx * bx));
  const cx = (a * g + b * h + c * i) / ax;
  const cy = (d * g + e * h + f * i - bx * cx) / by;
  const cz = Math.abs(determinant(latticeAngstrom)) / (ax * by);
  return [ax, bx, by, cx, cy, cz];
}

function nine(m: Matrix3): [number, number, number, number, number, number, number, number, number] {
  return m as unknown as [number, number, number, number, number, number, number, number, number];
}
