/**
 * A lattice as six numbers that no rotation changes: the matrix logarithm of the symmetric factor S of the polar
 * decomposition L = S·Q, S² = L·Lᵀ (DiffCSP++, Jiao et al., ICLR 2024). Order: the trace over three (the logarithm of
 * the cube root of the volume, Å) with ln(n)/3 removed so that it measures the volume per atom, two diagonal strains,
 * three shears.
 */
export type LatticeVector = readonly [number, number, number, number, number, number];

/** Eigenvalues and eigenvectors (columns, flat row-major) of a symmetric 3×3 matrix, by Jacobi rotations. */
function symmetricEigen(matrix: readonly number[]): { values: number[]; vectors: number[] } {
  const a = [...matrix];
  const v = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  for (let sweep = 0; sweep < 30; sweep++) {
    if (
      Math.abs(a[1] as number) + Math.abs(a[2] as number) + Math.abs(a[5] as number) <
      1e-14 * Math.abs((a[0] as number) + (a[4] as number) + (a[8] as number))
    )
      break;
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const off = a[3 * p + q] as number;
      if (off === 0) continue;
      const theta = ((a[4 * q] as number) - (a[4 * p] as number)) / (2 * off);
      const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
      const c = 1 / Math.hypot(t, 1);
      const s = t * c;
      for (let k = 0; k < 3; k++) {
        const kp = a[3 * k + p] as number;
        const kq = a[3 * k + q] as number;
        a[3 * k + p] = c * kp - s * kq;
        a[3 * k + q] = s * kp + c * kq;
      }
      for (let k = 0; k < 3; k++) {
        const pk = a[3 * p + k] as number;
        const qk = a[3 * q + k] as number;
        a[3 * p + k] = c * pk - s * qk;
        a[3 * q + k] = s * pk + c * qk;
        const vp = v[3 * k + p] as number;
        const vq = v[3 * k + q] as number;
        v[3 * k + p] = c * vp - s * vq;
        v[3 * k + q] = s * vp + c * vq;
      }
    }
  }
  return { values: [a[0] as number, a[4] as number, a[8] as number], vectors: v };
}

/** f applied to a symmetric matrix through its eigenvalues. */
function symmetricFunction(matrix: readonly number[], f: (value: number) => number): number[] {
  const { values, vectors } = symmetricEigen(matrix);
  const mapped = values.map(f);
  const result = new Array<number>(9).fill(0);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      for (let k = 0; k < 3; k++) {
        (result[3 * i + j] as number) +=
          (vectors[3 * i + k] as number) * (mapped[k] as number) * (vectors[3 * j + k] as number);
      }
    }
  }
  return result;
}

/** The six numbers of a lattice (rows a, b, c, flat, Å) that holds `atomCount` atoms. */
export function latticeVector(latticeAngstrom: readonly number[], atomCount: number): LatticeVector {
  const metric: number[] = [];
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      metric.push(
        (latticeAngstrom[3 * i] as number) * (latticeAngstrom[3 * j] as number) +
          (latticeAngstrom[3 * i + 1] as number) * (latticeAngstrom[3 * j + 1] as number) +
          (latticeAngstrom[3 * i + 2] as number) * (latticeAngstrom[3 * j + 2] as number),
      );
    }
  }
  const k = symmetricFunction(metric, (value) => Math.log(value) / 2);
  const trace = ((k[0] as number) + (k[4] as number) + (k[8] as number)) / 3;
  return [
    trace - Math.log(atomCount) / 3,
    ((k[0] as number) - (k[4] as number)) / 2,
    (2 * (k[8] as number) - (k[0] as number) - (k[4] as number)) / 6,
    k[1] as number,
    k[2] as number,
    k[5] as number,
  ];
}

/** The symmetric, right-handed lattice (rows a, b, c, flat, Å) of six numbers; inverse of `latticeVector` up to a rotation. */
export function latticeFromVector(vector: ArrayLike<number>, atomCount: number): number[] {
  const trace = (vector[0] as number) + Math.log(atomCount) / 3;
  const half = vector[1] as number;
  const third = vector[2] as number;
  const diagonal = [trace + half - third, trace - half - third, trace + 2 * third];
  const [xy, xz, yz] = [vector[3] as number, vector[4] as number, vector[5] as number];
  const k = [diagonal[0] as number, xy, xz, xy, diagonal[1] as number, yz, xz, yz, diagonal[2] as number];
  return symmetricFunction(k, Math.exp);
}
