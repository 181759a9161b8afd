import type { Crystal } from '../crystal/crystal.ts';
import { ELEMENTS } from '../crystal/chemistry/elements.ts';
import { lowerTriangular } from '../crystal/geometry/lattice.ts';

/**
 * One crystal as numbers: what the surrogate sees of it. A site stands for all atoms that the network cannot tell apart,
 * so that a supercell is no more than its primitive cell.
 */
export interface Sites {
  /** [sites] */
  readonly atomicNumbers: readonly number[];
  /** [sites]: share of the crystal's atoms; sums to 1. */
  readonly shares: readonly number[];
  /** [sites, sites, SHELL_FEATURES] flat: where the atoms of one site stand around an atom of another. */
  readonly shells: Float32Array;
}

/** Gaussians evenly spaced in the logarithm of a length, one spacing wide, cut off smoothly at `to`. */
interface Basis {
  readonly to: number;
  readonly centres: number;
  /** Logarithm of the length at the first centre. */
  readonly start: number;
  /** Centres per unit of the natural logarithm. */
  readonly density: number;
}

function basisOf(from: number, to: number, centres: number): Basis {
  return { to, centres, start: Math.log(from), density: (centres - 1) / Math.log(to / from) };
}

/** Of the distance in Å. */
const ABSOLUTE = basisOf(0.8, 8, 40);
/** Of the distance over the sum of both atoms' radii: what is a bond between one pair is none between another. */
const RELATIVE = basisOf(0.5, 2.5, 24);

/** Numbers for each pair of sites. */
export const SHELL_FEATURES = ABSOLUTE.centres + RELATIVE.centres;

/** Beyond this distance a neighbour counts less, as 1 / (1 + (r / 2.5 Å)²): shells grow with r². */
const FADING_ANGSTROM = 2.5;
/** A radius for the elements that have none tabulated. */
const USUAL_RADIUS_ANGSTROM = 1.5;
/** Atoms whose sums differ by less are one site: cells written with five digits differ by about a tenth of it. */
const SAME_SUM = 1e-3;

/**
 * What stands around each atom i: G_ij, a radial basis summed over all images of atom j within 8 Å, in two bases. Their
 * sums over all atoms of an element, E_ie, are compressed to L_ie = log(1 + 100 E_ie) / 5 and shared out again among the
 * atoms in proportion, P_ij = L_ie G_ij / E_ie: linear in what an atom j contributes, so that it makes no difference
 * whether its images are counted as one atom or as several of a larger cell. Rotation, translation, another cell or a
 * supercell change nothing. Throws a RangeError for a flat cell.
 */
export function sitesOf(crystal: Crystal): Sites {
  const sums = radialSums(crystal);
  return gatherSites(crystal.atomicNumbers, tellApart(crystal.atomicNumbers, sums));
}

/** [atoms, atoms, SHELL_FEATURES] flat: the basis of the distance from i to every image of j within the cutoff, summed. */
function radialSums({ latticeAngstrom, fractionalCoordinates: x, atomicNumbers }: Crystal): Float32Array {
  const n = atomicNumbers.length;
  // In the turned cell the images within the cutoff are nested intervals, so that nothing outside is ever visited.
  const [ax, bx, by, cx, cy, cz] = lowerTriangular(latticeAngstrom);
  if (!(ax > 0 && by > 0 && cz > 0)) {
    throw new RangeError(`the cell ${latticeAngstrom.join(', ')} is flat: give three independent vectors`);
  }
  const radii = atomicNumbers.map((z) => ELEMENTS[z - 1]?.radiusAngstrom ?? USUAL_RADIUS_ANGSTROM);
  const sums = new Float32Array(n * n * SHELL_FEATURES);
  const cutoffSquared = ABSOLUTE.to * ABSOLUTE.to;
  const reachC = ABSOLUTE.to / cz;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const fa = (x[3 * j] as number) - (x[3 * i] as number);
      const fb = (x[3 * j + 1] as number) - (x[3 * i + 1] as number);
      const fc = (x[3 * j + 2] as number) - (x[3 * i + 2] as number);
      const bond = (radii[i] as number) + (radii[j] as number);
      const logBond = Math.log(bond);
      const own = (i * n + j) * SHELL_FEATURES;
      for (let nc = Math.ceil(-reachC - fc); nc <= reachC - fc; nc++) {
        const z = (fc + nc) * cz;
        const leftB = cutoffSquared - z * z;
        if (leftB < 0) continue;
        const shiftB = fb + ((fc + nc) * cy) / by;
        const reachB = Math.sqrt(leftB) / by;
        for (let nb = Math.ceil(-reachB - shiftB); nb <= reachB - shiftB; nb++) {
          const y = (shiftB + nb) * by;
          const leftA = leftB - y * y;
          if (leftA < 0) continue;
          const shiftA = fa + ((fc + nc) * cx + (fb + nb) * bx) / ax;
          const reachA = Math.sqrt(leftA) / ax;
          for (let na = Math.ceil(-reachA - shiftA); na <= reachA - shiftA; na++) {
            if (i === j && na === 0 && nb === 0 && nc === 0) continue;
            const along = (shiftA + na) * ax;
            const distance = Math.sqrt(along * along + y * y + z * z);
            const logDistance = Math.log(distance);
            const fading = 1 / (1 + (distance * distance) / FADING_ANGSTROM ** 2);
            addGaussians(ABSOLUTE, logDistance, fading * smoothCut(distance / ABSOLUTE.to), {
              sums,
              at: own,
            });
            const relative = distance / bond;
            if (relative >= RELATIVE.to) continue;
            const at = own + ABSOLUTE.centres;
            addGaussians(RELATIVE, logDistance - logBond, smoothCut(relative / RELATIVE.to), { sums, at });
          }
        }
      }
      sums.copyWithin((j * n + i) * SHELL_FEATURES, own, own + SHELL_FEATURES);
    }
  }
  return sums;
}

/** Which atoms are one site, and what each atom sees. */
interface Partition {
  /** Of each atom, its site. */
  readonly siteOf: readonly number[];
  /** Of each atom, [sites, SHELL_FEATURES]. */
  readonly seen: readonly Float32Array[];
}

/**
 * The coarsest partition by element in which the atoms of a site see the same sums over every site (colour refinement).
 * The network's states of such atoms are the same, whatever its weights.
 */
function tellApart(atomicNumbers: readonly number[], sums: Float32Array): Partition {
  const elements = [...new Set(atomicNumbers)];
  let siteOf: readonly number[] = atomicNumbers.map((z) => elements.indexOf(z));
  for (let sites = elements.length; ;) {
    const partition = siteOf;
    const seen = partition.map((_, atom) => sumsOverSites(sums, { atom, siteOf: partition, sites }));
    const firsts: number[] = [];
    const finer = partition.map((site, atom) => {
      const same = firsts.findIndex(
        (first) =>
          partition[first] === site && areAlike(seen[first] as Float32Array, seen[atom] as Float32Array),
      );
      return same >= 0 ? same : firsts.push(atom) - 1;
    });
    if (firsts.length === sites) return { siteOf: partition, seen };
    siteOf = finer;
    sites = firsts.length;
  }
}

/** [sites, SHELL_FEATURES] */
function sumsOverSites(
  sums: Float32Array,
  { atom, siteOf, sites }: { atom: number; siteOf: readonly number[]; sites: number },
): Float32Array {
  const over = new Float32Array(sites * SHELL_FEATURES);
  siteOf.forEach((site, other) => {
    const from = (atom * siteOf.length + other) * SHELL_FEATURES;
    const to = site * SHELL_FEATURES;
    for (let k = 0; k < SHELL_FEATURES; k++)
      over[to + k] = (over[to + k] as number) + (sums[from + k] as number);
  });
  return over;
}

function areAlike(left: Float32Array, right: Float32Array): boolean {
  for (let k = 0; k < left.length; k++) {
    if (Math.abs((left[k] as number) - (right[k] as number)) > SAME_SUM * (1 + (left[k] as number)))
      return false;
  }
  return true;
}

function gatherSites(ofAtoms: readonly number[], { siteOf, seen }: Partition): Sites {
  const n = ofAtoms.length;
  const sites = Math.max(...siteOf) + 1;
  const counts = new Array<number>(sites).fill(0);
  for (const site of siteOf) counts[site] = (counts[site] as number) + 1;
  const atomicNumbers = counts.map((_, site) => ofAtoms[siteOf.indexOf(site)] as number);
  const shells = new Float32Array(sites * sites * SHELL_FEATURES);
  // The mean over a site's atoms, which differ by rounding alone.
  siteOf.forEach((site, atom) => {
    const weight = 1 / (counts[site] as number);
    const to = site * sites * SHELL_FEATURES;
    (seen[atom] as Float32Array).forEach((sum, k) => {
      shells[to + k] = (shells[to + k] as number) + weight * sum;
    });
  });
  compress(shells, atomicNumbers);
  return { atomicNumbers, shares: counts.map((count) => count / n), shells };
}

/** Turns sums over sites into their shares of the element's compressed sum, in place. */
function compress(shells: Float32Array, atomicNumbers: readonly number[]): void {
  const sites = atomicNumbers.length;
  const total = new Float64Array(SHELL_FEATURES);
  for (const element of new Set(atomicNumbers)) {
    const ofElement = atomicNumbers.flatMap((z, site) => (z === element ? [site] : []));
    for (let i = 0; i < sites; i++) {
      total.fill(0);
      for (const j of ofElement) {
        const at = (i * sites + j) * SHELL_FEATURES;
        for (let k = 0; k < SHELL_FEATURES; k++) total[k] = (total[k] as number) + (shells[at + k] as number);
      }
      for (const j of ofElement) {
        const at = (i * sites + j) * SHELL_FEATURES;
        for (let k = 0; k < SHELL_FEATURES; k++) {
          const sum = total[k] as number;
          if (sum > 0) shells[at + k] = ((shells[at + k] as number) * Math.log1p(100 * sum)) / (5 * sum);
        }
      }
    }
  }
}

/** (1 - x²)² up to x = 1. */
function smoothCut(x: number): number {
  const inside = 1 - x * x;
  return inside > 0 ? inside * inside : 0;
}

/** A Gaussian reaches the centres from three before the last one passed to four behind; beyond, it is below 1e-6. */
const REACH = 8;
const PASSED = 3;
const TABLE_ROWS = 512;

/** [TABLE_ROWS + 1, REACH]: what a length leaves on these centres, by how far it is past the last one: rows to interpolate. */
const TABLE = Float64Array.from({ length: (TABLE_ROWS + 1) * REACH }, (_, index) => {
  const past = Math.floor(index / REACH) / TABLE_ROWS;
  return Math.exp(-((past - ((index % REACH) - PASSED)) ** 2));
});

/** Adds the basis of a length, times the weight, to the numbers that begin at `at`. */
function addGaussians(
  { start, density, centres }: Basis,
  logLength: number,
  weight: number,
  { sums, at }: { sums: Float32Array; at: number },
): void {
  // Anything nearer than the first centre looks like the first centre.
  const position = Math.max(0, (logLength - start) * density);
  const passed = Math.floor(position);
  const place = (position - passed) * TABLE_ROWS;
  const row = Math.floor(place);
  const right = weight * (place - row);
  const left = weight - right;
  const from = row * REACH;
  const first = passed - PASSED;
  const end = Math.min(REACH, centres - first);
  for (let k = Math.max(0, -first); k < end; k++) {
    sums[at + first + k] =
      (sums[at + first + k] as number) +
      left * (TABLE[from + k] as number) +
      right * (TABLE[from + REACH + k] as number);
  }
}
