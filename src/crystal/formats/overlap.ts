import type { Crystal } from '../crystal.ts';
import { inverse } from '../geometry/lattice.ts';
import { shortest } from '../geometry/torus.ts';

/** Up to so many atoms, all pairs are looked at. */
const FEW_ATOMS = 64;
/** Width of a grid cell over the distance looked for: most atoms touch one grid cell only. */
const CELL_OVER_DISTANCE = 16;

/**
 * The first two atoms closer than the distance (Å, small against the cell), if any: [earlier, later]. Stops there and
 * keeps no pairs, so that a file with a million atoms, or with all of them on one place, is judged in linear time; the
 * neighbour search is for crystals that passed.
 */
export function overlappingAtoms(crystal: Crystal, distanceAngstrom: number): [number, number] | undefined {
  const count = crystal.atomicNumbers.length;
  return count <= FEW_ATOMS ? amongAll(crystal, distanceAngstrom) : amongNear(crystal, distanceAngstrom);
}

function amongAll(crystal: Crystal, distanceAngstrom: number): [number, number] | undefined {
  for (let j = 1; j < crystal.atomicNumbers.length; j++) {
    for (let i = 0; i < j; i++) if (squaredAngstrom2(crystal, i, j) < distanceAngstrom ** 2) return [i, j];
  }
  return undefined;
}

/** The atoms so far are kept in a grid over the cell; each new one looks into the grid cells that it could touch. */
function amongNear(crystal: Crystal, distanceAngstrom: number): [number, number] | undefined {
  const { fractionalCoordinates, atomicNumbers } = crystal;
  const m = inverse(crystal.latticeAngstrom);
  // 1 / distance between the cell's faces, along each axis.
  const perAngstrom = [0, 1, 2].map((axis) =>
    Math.hypot(m[axis] as number, m[3 + axis] as number, m[6 + axis] as number),
  );
  const reach = perAngstrom.map((x) => x * distanceAngstrom);
  const cells = reach.map((x) => Math.min(65_536, Math.max(1, Math.floor(1 / (CELL_OVER_DISTANCE * x)))));
  const [nx, ny, nz] = cells as [number, number, number];
  const [rx, ry, rz] = reach as [number, number, number];
  const newest = new Map<number, number>();
  const older = new Int32Array(atomicNumbers.length).fill(-1);
  for (let j = 0; j < atomicNumbers.length; j++) {
    const x = fractionalCoordinates[3 * j] as number;
    const y = fractionalCoordinates[3 * j + 1] as number;
    const z = fractionalCoordinates[3 * j + 2] as number;
    for (let u = Math.floor((x - rx) * nx); u <= Math.floor((x + rx) * nx); u++) {
      for (let v = Math.floor((y - ry) * ny); v <= Math.floor((y + ry) * ny); v++) {
        for (let w = Math.floor((z - rz) * nz); w <= Math.floor((z + rz) * nz); w++) {
          const key = (modulo(u, nx) * ny + modulo(v, ny)) * nz + modulo(w, nz);
          for (let i = newest.get(key) ?? -1; i >= 0; i = older[i] as number) {
            if (squaredAngstrom2(crystal, i, j) < distanceAngstrom ** 2) return [i, j];
          }
        }
      }
    }
    const key = (cellOf(x, nx) * ny + cellOf(y, ny)) * nz + cellOf(z, nz);
    older[j] = newest.get(key) ?? -1;
    newest.set(key, j);
  }
  return undefined;
}

function squaredAngstrom2(crystal: Crystal, i: number, j: number): number {
  const { fractionalCoordinates: at, latticeAngstrom: l } = crystal;
  const u = shortest((at[3 * i] as number) - (at[3 * j] as number));
  const v = shortest((at[3 * i + 1] as number) - (at[3 * j + 1] as number));
  const w = shortest((at[3 * i + 2] as number) - (at[3 * j + 2] as number));
  const x = u * (l[0] as number) + v * (l[3] as number) + w * (l[6] as number);
  const y = u * (l[1] as number) + v * (l[4] as number) + w * (l[7] as number);
  const z = u * (l[2] as number) + v * (l[5] as number) + w * (l[8] as number);
  return x * x + y * y + z * z;
}

function cellOf(x: number, cells: number): number {
  return Math.min(cells - 1, Math.floor(x * cells));
}

function modulo(x: number, n: number): number {
  return ((x % n) + n) % n;
}
