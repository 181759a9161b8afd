import {
  cellParameters,
  determinant,
  inverse,
  latticeFromParameters,
  type Matrix3,
  multiply,
} from '../geometry/lattice.ts';

export interface CellTolerance {
  /** Lengths may differ by this part: within a factor 1 + lengthFraction, up or down. */
  readonly lengthFraction: number;
  readonly angleDegree: number;
}

/** A cell of one lattice that resembles the cell of another. */
export interface LatticeMapping {
  /** Integer rows (flat): the cell's vectors as sums of the first lattice's vectors. */
  readonly rows: readonly number[];
  /** The cell between both: means of their lengths and angles, rows in Å. */
  readonly meanLatticeAngstrom: readonly number[];
}

/**
 * Every cell of the first lattice, of `index` times its volume, whose lengths and angles are within the tolerance of
 * the target's. Left- and right-handed ones both, since mirror images count as the same.
 */
export function latticeMappings(
  lattice: Matrix3,
  target: Matrix3,
  tolerance: CellTolerance,
  index: number,
): LatticeMapping[] {
  const { lengthsAngstrom, anglesDegree } = cellParameters(target);
  const [forA, forB, forC] = lengthsAngstrom.map((length) =>
    vectorsOfLength(lattice, length, 1 + tolerance.lengthFraction),
  ) as [Vectors, Vectors, Vectors];
  const [alpha, beta, gamma] = anglesDegree.map((angle) => cosineRange(angle, tolerance.angleDegree)) as [
    CosineRange,
    CosineRange,
    CosineRange,
  ];
  const mappings: LatticeMapping[] = [];
  for (let i = 0; i < forA.lengths.length; i++) {
    for (let j = 0; j < forB.lengths.length; j++) {
      if (!isInside(gamma, cosine(forA, i, forB, j))) continue;
      for (let k = 0; k < forC.lengths.length; k++) {
        if (!isInside(beta, cosine(forA, i, forC, k)) || !isInside(alpha, cosine(forB, j, forC, k))) continue;
        const rows = [...vector(forA, i), ...vector(forB, j), ...vector(forC, k)];
        if (Math.abs(determinant(rows)) !== index) continue;
        const cell = cellParameters(multiply(rows, lattice));
        const mean = (l: number, r: number): number => (l + r) / 2;
        const meanLatticeAngstrom = latticeFromParameters({
          lengthsAngstrom: pairwise(cell.lengthsAngstrom, lengthsAngstrom, mean),
          anglesDegree: pairwise(cell.anglesDegree, anglesDegree, mean),
        });
        mappings.push({ rows, meanLatticeAngstrom });
      }
    }
  }
  return mappings;
}

/** |a*|, |b*| and |c*|, Å⁻¹: one over the spacings of the lattice planes, without 2π. */
export function reciprocalLengths(lattice: Matrix3): [number, number, number] {
  const columns = inverse(lattice);
  const length = (axis: 0 | 1 | 2): number =>
    Math.hypot(columns[axis] as number, columns[axis + 3] as number, columns[axis + 6] as number);
  return [length(0), length(1), length(2)];
}

interface Vectors {
  /** Integer coordinates, flat, 3 per vector. */
  readonly integers: readonly number[];
  /** Cartesian, flat, 3 per vector, Å. */
  readonly cartesian: readonly number[];
  readonly lengths: readonly number[];
}

/** The lattice vectors whose length is within a factor of the given one. */
function vectorsOfLength(lattice: Matrix3, length: number, factor: number): Vectors {
  const [ax, ay, az, bx, by, bz, cx, cy, cz] = lattice as unknown as Nine;
  const most = length * factor;
  const least = length / factor;
  // |n_a| ≤ r |a*|, and so for b and c.
  const [reachA, reachB, reachC] = reciprocalLengths(lattice).map((x) => Math.floor(most * x)) as [
    number,
    number,
    number,
  ];
  const integers: number[] = [];
  const cartesian: number[] = [];
  const lengths: number[] = [];
  for (let u = -reachA; u <= reachA; u++) {
    for (let v = -reachB; v <= reachB; v++) {
      for (let w = -reachC; w <= reachC; w++) {
        const x = u * ax + v * bx + w * cx;
        const y = u * ay + v * by + w * cy;
        const z = u * az + v * bz + w * cz;
        const own = Math.sqrt(x * x + y * y + z * z);
        if (!(own < most && own > least)) continue;
        integers.push(u, v, w);
        cartesian.push(x, y, z);
        lengths.push(own);
      }
    }
  }
  return { integers, cartesian, lengths };
}

function cosine(l: Vectors, i: number, r: Vectors, j: number): number {
  const [a, b] = [l.cartesian, r.cartesian];
  const dot =
    at(a, 3 * i) * at(b, 3 * j) + at(a, 3 * i + 1) * at(b, 3 * j + 1) + at(a, 3 * i + 2) * at(b, 3 * j + 2);
  return dot / (at(l.lengths, i) * at(r.lengths, j));
}

function vector(vectors: Vectors, i: number): readonly number[] {
  return vectors.integers.slice(3 * i, 3 * i + 3);
}

interface CosineRange {
  readonly least: number;
  readonly most: number;
}

/** The cosines of the angles within a tolerance of the given one. */
function cosineRange(angleDegree: number, toleranceDegree: number): CosineRange {
  const cos = (degree: number): number => Math.cos((degree * Math.PI) / 180);
  return {
    // A cosine may be rounded past ±1.
    least: angleDegree + toleranceDegree >= 180 ? -2 : cos(angleDegree + toleranceDegree),
    most: angleDegree - toleranceDegree <= 0 ? 2 : cos(angleDegree - toleranceDegree),
  };
}

function isInside(range: CosineRange, x: number): boolean {
  return x >= range.least && x <= range.most;
}

type Triple = readonly [number, number, number];
type Nine = readonly [...Triple, ...Triple, ...Triple];

function pairwise(l: Triple, r: Triple, of: (x: number, y: number) => number): Triple {
  return [of(l[0], r[0]), of(l[1], r[1]), of(l[2], r[2])];
}

function at(array: ArrayLike<number>, index: number): number {
  return array[index] as number;
}
