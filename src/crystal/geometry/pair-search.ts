import { adjoiningAtoms, sortIntoBoxes } from './boxes.ts';
import { lowerTriangular, multiply, multiplyRows } from './lattice.ts';
import { integerInverse, niggliChange } from './niggli-change.ts';

/** A neighbour exactly on the cutoff counts, whatever rounding made of its distance. */
const SLACK_ANGSTROM = 1e-8;

/**
 * Each pair of atoms within a cutoff once, in blocks of one (i, j ≥ i) by rising i and j; of an atom's own images only
 * those in front (c > 0, or c = 0 and b > 0, or c = b = 0 and a > 0). Views of memory that the next search reuses.
 */
export interface HalfPairs {
  readonly count: number;
  /** How many neighbours each atom has, both directions counted: n numbers. */
  readonly neighbours: Int32Array;
  /** Blocks firstBlock[i] to firstBlock[i + 1] are those of atom i: n + 1 offsets. */
  readonly firstBlock: Int32Array;
  /** j of each block, and where its pairs end. */
  readonly blockNeighbour: Int32Array;
  readonly blockEnd: Int32Array;
  /** 3 per pair, how many a, b, c to add to atom j; in each block by rising c, b, a. */
  readonly image: Int32Array;
  readonly distanceAngstrom: Float64Array;
}

/** ((x + BIAS) | 0) - BIAS is ⌊x⌋ and BIAS - ((BIAS - x) | 0) is ⌈x⌉ for |x| < BIAS, in half the time. */
const BIAS = 65536;

let coordinates = new Float64Array(3 * 64);
let firstBlock = new Int32Array(64 + 1);
let neighbours = new Int32Array(64);
let blockNeighbour = new Int32Array(1024);
let blockEnd = new Int32Array(1024);
let image = new Int32Array(3 * 4096);
let distance = new Float64Array(4096);

/** All pairs with distance ≤ cutoff. Fractional coordinates, flat, wrapped or not. */
export function searchPairs(
  lattice: readonly number[],
  fractional: readonly number[],
  cutoffAngstrom: number,
): HalfPairs {
  const turned = lowerTriangular(lattice);
  if (!reductionPays(turned, fractional.length / 3, cutoffAngstrom)) {
    return searchCell(turned, fractional, cutoffAngstrom);
  }
  const change = niggliChange(lattice);
  const pairs = searchCell(
    lowerTriangular(multiply(change, lattice)),
    multiplyRows(fractional, integerInverse(change)),
    cutoffAngstrom,
  );
  changeImages(pairs, change);
  return pairs;
}

/** Whether the search would visit so many empty planes and lines of a skewed cell that reducing it costs less. */
function reductionPays([ax, , by, , , cz]: TurnedLattice, n: number, cutoff: number): boolean {
  const visited = (edgeB: number, edgeC: number): number => (cutoff / edgeC) * (1 + cutoff / edgeB);
  const edge = Math.cbrt(ax * by * cz);
  return n * n * (visited(by, cz) - 2 * visited(edge, edge)) > 10_000;
}

/** Tells the images, found in a cell whose rows are `change` times the old ones, in the old cell, in its order. */
function changeImages(pairs: HalfPairs, change: readonly number[]): void {
  const [a, b, c, d, e, f, g, h, k] = change as unknown as Nine;
  const { image, distanceAngstrom, firstBlock, blockEnd, blockNeighbour } = pairs;
  let atom = 0;
  for (let block = 0, first = 0; first < pairs.count; block++) {
    while ((firstBlock[atom + 1] as number) <= block) atom++;
    const end = blockEnd[block] as number;
    const rows: { readonly image: readonly [number, number, number]; readonly distance: number }[] = [];
    for (let p = first; p < end; p++) {
      const [u, v, w] = [image[3 * p] as number, image[3 * p + 1] as number, image[3 * p + 2] as number];
      const [x, y, z] = [u * a + v * d + w * g, u * b + v * e + w * h, u * c + v * f + w * k];
      const isBehind =
        blockNeighbour[block] === atom && (z < 0 || (z === 0 && (y < 0 || (y === 0 && x < 0))));
      rows.push({ image: isBehind ? [-x, -y, -z] : [x, y, z], distance: distanceAngstrom[p] as number });
    }
    rows.sort((l, r) => l.image[2] - r.image[2] || l.image[1] - r.image[1] || l.image[0] - r.image[0]);
    rows.forEach((row, index) => {
      image.set(row.image, 3 * (first + index));
      distanceAngstrom[first + index] = row.distance;
    });
    first = end;
  }
}

type TurnedLattice = ReturnType<typeof lowerTriangular>;

type Nine = readonly [number, number, number, number, number, number, number, number, number];

function searchCell(
  [ax, bx, by, cx, cy, cz]: TurnedLattice,
  fractional: readonly number[],
  cutoffAngstrom: number,
): HalfPairs {
  const n = fractional.length / 3;
  if (3 * n > coordinates.length) coordinates = new Float64Array(6 * n);
  const x = coordinates;
  for (let k = 0; k < 3 * n; k++) x[k] = fractional[k] as number;
  if (neighbours.length < n) neighbours = new Int32Array(2 * n);
  for (let i = 0; i < n; i++) neighbours[i] = 0;
  const cutoff = cutoffAngstrom + SLACK_ANGSTROM;
  const cutoffSquared = cutoff * cutoff;
  // In the turned cell the images within the cutoff are nested intervals: planes of c, lines of b, points of a.
  const reachC = cutoff / cz;
  const reachB = cutoff / by;
  const cyPerBy = cy / by;
  const bxPerAx = bx / ax;
  const cxPerAx = cx / ax;
  if (firstBlock.length <= n) {
    firstBlock = new Int32Array(2 * n + 1);
  }
  const boxes = sortIntoBoxes(x, n, {
    heightsAngstrom: [
      (ax * by * cz) / Math.hypot(by * cz, bx * cz, bx * cy - by * cx),
      (by * cz) / Math.hypot(cy, cz),
      cz,
    ],
    cutoffAngstrom: cutoff,
  });
  const near = boxes === null ? null : new Int32Array(n);
  let images = image;
  let distances = distance;
  let pairs = 0;
  let blocks = 0;
  for (let i = 0; i < n; i++) {
    const xa = x[3 * i] as number;
    const xb = x[3 * i + 1] as number;
    const xc = x[3 * i + 2] as number;
    firstBlock[i] = blocks;
    if (blocks + n - i > blockEnd.length) {
      blockNeighbour = grown(blockNeighbour, blocks + n - i);
      blockEnd = grown(blockEnd, blocks + n - i);
    }
    const last = boxes === null || near === null ? n - i : adjoiningAtoms(boxes, i, near);
    for (let q = 0; q < last; q++) {
      const j = near === null ? i + q : (near[q] as number);
      const fa = (x[3 * j] as number) - xa;
      const fb = (x[3 * j + 1] as number) - xb;
      const fc = (x[3 * j + 2] as number) - xc;
      const before = pairs;
      const lastC = ((reachC - fc + BIAS) | 0) - BIAS;
      for (let nc = j === i ? 0 : BIAS - ((reachC + fc + BIAS) | 0); nc <= lastC; nc++) {
        const gc = fc + nc;
        const zz = (gc * cz) ** 2;
        const shiftB = fb + gc * cyPerBy;
        const lastB = ((reachB - shiftB + BIAS) | 0) - BIAS;
        // Lines outside the sphere are fewer than the roots that would leave them out.
        for (let nb = j === i && nc === 0 ? 0 : BIAS - ((reachB + shiftB + BIAS) | 0); nb <= lastB; nb++) {
          const y = (shiftB + nb) * by;
          const across = zz + y * y;
          if (across > cutoffSquared) continue;
          const left = cutoffSquared - across;
          const shiftA = fa + gc * cxPerAx + (fb + nb) * bxPerAx;
          // Most lines hold none or one: trying the nearest, then its neighbours, is quicker than a root.
          const nearest = ((BIAS + 0.5 - shiftA) | 0) - BIAS;
          if (((shiftA + nearest) * ax) ** 2 > left) continue;
          let lastA = nearest;
          while (((shiftA + lastA + 1) * ax) ** 2 <= left) lastA++;
          let firstA = nearest;
          if (j === i && nc === 0 && nb === 0) firstA = 1;
          else while (((shiftA + firstA - 1) * ax) ** 2 <= left) firstA--;
          if (pairs + lastA - firstA >= distances.length) {
            images = image = grown(image, 3 * (pairs + lastA - firstA + 1));
            distances = distance = grown(distance, pairs + lastA - firstA + 1);
          }
          for (let na = firstA; na <= lastA; na++) {
            const along = (shiftA + na) * ax;
            images[3 * pairs] = na;
            images[3 * pairs + 1] = nb;
            images[3 * pairs + 2] = nc;
            distances[pairs++] = Math.sqrt(along * along + across);
          }
        }
      }
      if (pairs > before) {
        blockNeighbour[blocks] = j;
        blockEnd[blocks++] = pairs;
        neighbours[i] = (neighbours[i] as number) + pairs - before;
        neighbours[j] = (neighbours[j] as number) + pairs - before;
      }
    }
  }
  firstBlock[n] = blocks;
  return {
    count: pairs,
    neighbours,
    firstBlock,
    blockNeighbour,
    blockEnd,
    image,
    distanceAngstrom: distance,
  };
}

function grown<Numbers extends Int32Array | Float64Array>(numbers: Numbers, least: number): Numbers {
  const larger = new (numbers.constructor as new (length: number) => Numbers)(
    Math.max(2 * numbers.length, least),
  );
  larger.set(numbers);
  return larger;
}
