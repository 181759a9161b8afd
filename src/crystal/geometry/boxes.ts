import { wrap } from './torus.ts';

/** The atoms of a large cell by boxes that are at least a cutoff high, so that only adjoining boxes hold neighbours. */
export interface Boxes {
  /** How many boxes along a, b and c; 1 or at least 3. */
  readonly counts: readonly [number, number, number];
  readonly boxOfAtom: Int32Array;
  /** Atoms of box q: atoms[start[q]] to atoms[start[q + 1] - 1]. */
  readonly start: Int32Array;
  readonly atoms: Int32Array;
  /** One bit per atom. */
  readonly marks: Int32Array;
}

/** Below this many atoms, looking at all pairs costs less than boxes. */
const LEAST_ATOMS = 64;

/** Boxes for n atoms, or null where they would not pay. Heights are of the cell above its faces, Å. */
export function sortIntoBoxes(
  fractional: Float64Array,
  n: number,
  { heightsAngstrom, cutoffAngstrom }: { heightsAngstrom: readonly number[]; cutoffAngstrom: number },
): Boxes | null {
  if (n < LEAST_ATOMS) return null;
  const most = 2 * Math.ceil(Math.cbrt(n));
  const counts = heightsAngstrom.map((height) => {
    const count = Math.min(most, Math.floor(height / cutoffAngstrom));
    return count < 4 ? 1 : count;
  }) as [number, number, number];
  const total = counts[0] * counts[1] * counts[2];
  if (total === 1) return null;
  const boxOfAtom = new Int32Array(n);
  const start = new Int32Array(total + 1);
  for (let i = 0; i < n; i++) {
    let box = 0;
    for (let axis = 0; axis < 3; axis++) {
      const count = counts[axis] as number;
      const position = Math.floor(wrap(fractional[3 * i + axis] as number) * count);
      box = box * count + Math.min(count - 1, position);
    }
    boxOfAtom[i] = box;
    start[box + 1] = (start[box + 1] as number) + 1;
  }
  for (let box = 0; box < total; box++) start[box + 1] = (start[box + 1] as number) + (start[box] as number);
  const atoms = new Int32Array(n);
  const cursor = start.slice();
  for (let i = 0; i < n; i++) {
    const box = boxOfAtom[i] as number;
    const place = cursor[box] as number;
    atoms[place] = i;
    cursor[box] = place + 1;
  }
  return { counts, boxOfAtom, start, atoms, marks: new Int32Array((n >> 5) + 1) };
}

/** Writes the atoms j ≥ i of the boxes that adjoin atom i's, rising, and returns how many. */
export function adjoiningAtoms(boxes: Boxes, i: number, into: Int32Array): number {
  const { counts, boxOfAtom, start, atoms, marks } = boxes;
  const [na, nb, nc] = counts;
  const own = boxOfAtom[i] as number;
  const c = own % nc;
  const b = Math.floor(own / nc) % nb;
  const a = Math.floor(own / (nb * nc));
  const [aroundA, aroundB, aroundC] = [na === 1 ? 0 : 1, nb === 1 ? 0 : 1, nc === 1 ? 0 : 1];
  for (let u = a - aroundA; u <= a + aroundA; u++) {
    const plane = (u < 0 ? u + na : u >= na ? u - na : u) * nb;
    for (let v = b - aroundB; v <= b + aroundB; v++) {
      const line = (plane + (v < 0 ? v + nb : v >= nb ? v - nb : v)) * nc;
      for (let w = c - aroundC; w <= c + aroundC; w++) {
        const box = line + (w < 0 ? w + nc : w >= nc ? w - nc : w);
        const end = start[box + 1] as number;
        for (let place = start[box] as number; place < end; place++) {
          const j = atoms[place] as number;
          if (j >= i) marks[j >> 5] = (marks[j >> 5] as number) | (1 << (j & 31));
        }
      }
    }
  }
  // Reading the marks in order sorts the atoms.
  let found = 0;
  for (let word = i >> 5; word < marks.length; word++) {
    let bits = marks[word] as number;
    marks[word] = 0;
    while (bits !== 0) {
      const lowest = bits & -bits;
      into[found++] = 32 * word + 31 - Math.clz32(lowest);
      bits ^= lowest;
    }
  }
  return found;
}
