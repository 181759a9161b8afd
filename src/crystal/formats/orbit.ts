import type { Matrix3 } from '../geometry/lattice.ts';
import { shortest } from '../geometry/torus.ts';
import type { SymmetryOperation } from '../symmetry/operation.ts';

export interface Orbit {
  /** Fractional, flat; nothing is wrapped. */
  readonly coordinates: ArrayLike<number>;
  /** Which operation made each copy. */
  readonly operations: readonly number[];
}

/**
 * Makes the copies of sites by symmetry operations. Copies closer than the tolerance are one atom, and a site that lies
 * that near to a special position is put onto it.
 */
export class OrbitMaker {
  private readonly operations: readonly SymmetryOperation[];
  private readonly latticeAngstrom: Matrix3;
  private readonly squaredTolerance: number;
  private readonly all: readonly number[];

  constructor(
    operations: readonly SymmetryOperation[],
    { latticeAngstrom, toleranceAngstrom }: { latticeAngstrom: Matrix3; toleranceAngstrom: number },
  ) {
    this.operations = operations;
    this.latticeAngstrom = latticeAngstrom;
    this.squaredTolerance = toleranceAngstrom ** 2;
    this.all = operations.map((_, o) => o);
  }

  orbitOf(x: number, y: number, z: number): Orbit {
    const copies = this.copiesOf(x, y, z);
    const special = this.specialPosition(copies, x, y, z);
    // A site that no other operation keeps has as many copies as there are operations.
    return special === undefined
      ? { coordinates: copies, operations: this.all }
      : this.distinct(this.copiesOf(...special));
  }

  private copiesOf(x: number, y: number, z: number): Float64Array {
    const copies = new Float64Array(3 * this.operations.length);
    let at = 0;
    for (const { transposedRotation: r, translation: t } of this.operations) {
      for (let i = 0; i < 3; i++) {
        copies[at++] =
          x * (r[i] as number) + y * (r[3 + i] as number) + z * (r[6 + i] as number) + (t[i] as number);
      }
    }
    return copies;
  }

  /** The mean of the copies that lie on the site itself; undefined when only one does. */
  private specialPosition(
    copies: Float64Array,
    x: number,
    y: number,
    z: number,
  ): [number, number, number] | undefined {
    let [count, u, v, w] = [0, 0, 0, 0];
    for (let at = 0; at < copies.length; at += 3) {
      const [du, dv, dw] = [
        shortest((copies[at] as number) - x),
        shortest((copies[at + 1] as number) - y),
        shortest((copies[at + 2] as number) - z),
      ];
      if (this.isFar(du, dv, dw)) continue;
      count++;
      u += du;
      v += dv;
      w += dw;
    }
    return count <= 1 ? undefined : [x + u / count, y + v / count, z + w / count];
  }

  private distinct(copies: Float64Array): Orbit {
    const coordinates: number[] = [];
    const operations: number[] = [];
    for (let copy = 0; copy < copies.length; copy += 3) {
      const [x, y, z] = [copies[copy] as number, copies[copy + 1] as number, copies[copy + 2] as number];
      let isNew = true;
      for (let at = 0; isNew && at < coordinates.length; at += 3) {
        isNew = this.isFar(
          shortest(x - (coordinates[at] as number)),
          shortest(y - (coordinates[at + 1] as number)),
          shortest(z - (coordinates[at + 2] as number)),
        );
      }
      if (!isNew) continue;
      coordinates.push(x, y, z);
      operations.push(copy / 3);
    }
    return { coordinates, operations };
  }

  /** Whether a fractional difference is longer than the tolerance. */
  private isFar(u: number, v: number, w: number): boolean {
    const l = this.latticeAngstrom;
    const x = u * (l[0] as number) + v * (l[3] as number) + w * (l[6] as number);
    const y = u * (l[1] as number) + v * (l[4] as number) + w * (l[7] as number);
    const z = u * (l[2] as number) + v * (l[5] as number) + w * (l[8] as number);
    return x * x + y * y + z * z >= this.squaredTolerance;
  }
}
