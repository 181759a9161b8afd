import type { Crystal } from '../../crystal/crystal.ts';
import { symbolOf } from '../../crystal/chemistry/elements.ts';
import { determinant } from '../../crystal/geometry/lattice.ts';
import { buildPairList, type PairList } from './pair-list.ts';
import {
  BETA,
  CUTOFF_ANGSTROM,
  EMT_ELEMENTS,
  EMT_SYMBOLS,
  type EmtElement,
  SMOOTHING_MIDPOINT_ANGSTROM,
  SMOOTHING_SLOPE_PER_ANGSTROM,
} from './parameters.ts';

/** Effective medium theory for fixed atoms in a cell that may change. Buffers are reused: read before the next call. */
export interface EmtPotential {
  /**
   * Energy (eV, zero: separated atoms) of atoms at `fractional` (3n, wrapped or not) in `lattice` (rows a, b, c, Å).
   * Fills forces and stress.
   */
  evaluate(lattice: Float64Array, fractional: Float64Array): number;
  /** 3n, eV/Å. */
  readonly forces: Float64Array;
  /** 9, symmetric, eV/Å³; positive when the cell wants to shrink (ASE's sign). */
  readonly stress: Float64Array;
}

const SKIN_ANGSTROM = 0.5;

export class UnsupportedElementError extends Error {
  override readonly name = 'UnsupportedElementError';
}

/** Throws an UnsupportedElementError for elements that the theory has no parameters for. */
export function emtPotential(atomicNumbers: readonly number[]): EmtPotential {
  const n = atomicNumbers.length;
  const distinct = [...new Set(atomicNumbers)];
  const elements = distinct.map((z): EmtElement => {
    const element = EMT_ELEMENTS.get(z);
    if (element === undefined) {
      throw new UnsupportedElementError(`EMT knows no ${symbolOf(z)}: it has ${EMT_SYMBOLS.join(', ')}`);
    }
    return element;
  });
  const m = elements.length;
  const kind = Int32Array.from(atomicNumbers, (z) => distinct.indexOf(z));
  const column = (of: (element: EmtElement) => number): Float64Array => Float64Array.from(elements, of);
  const eta2 = column((e) => e.eta2);
  const kappaOverBeta = column((e) => e.kappa / BETA);
  // exp(η2·β·s0) and exp(κ·s0), so that the distance alone stands in the inner exponentials.
  const scale1 = column((e) => Math.exp(e.eta2 * BETA * e.s0));
  const scale2 = column((e) => Math.exp(e.kappa * e.s0));
  const pairEnergy = column((e) => -e.v0 / (2 * e.gamma2));
  // χ of the paper: how much of element b's density an atom of element a feels, n0(b) / n0(a).
  const chi = Float64Array.from(
    { length: m * m },
    (_, i) =>
      at(
        column((e) => e.n0),
        i % m,
      ) /
      at(
        column((e) => e.n0),
        Math.floor(i / m),
      ),
  );

  const forces = new Float64Array(3 * n);
  const stress = new Float64Array(9);
  const positions = new Float64Array(3 * n);
  const sigma1 = new Float64Array(n);
  const slope = new Float64Array(n);
  let pairs: PairList | undefined;
  let shifts = new Float64Array(0);
  /** Per pair: x, y, z, 1/r, d ln(w)/dr, and the densities that first and second feel from each other. */
  let work = new Float64Array(0);
  const WIDTH = 7;

  const prepare = (lattice: Float64Array, fractional: Float64Array): PairList => {
    if (pairs === undefined || !pairs.covers(lattice, fractional)) {
      pairs = buildPairList(lattice, fractional, { cutoff: CUTOFF_ANGSTROM, skin: SKIN_ANGSTROM });
      if (work.length < WIDTH * pairs.first.length) work = new Float64Array(WIDTH * pairs.first.length);
      if (shifts.length < pairs.images.length) shifts = new Float64Array(pairs.images.length);
    }
    timesLattice(fractional, lattice, positions);
    timesLattice(pairs.images, lattice, shifts);
    return pairs;
  };

  /** Counts a pair's force, `factor` times its vector, and its virial. */
  const pull = (i: number, j: number, row: number, factor: number): void => {
    for (let k = 0; k < 3; k++) {
      const f = factor * at(work, row + k);
      forces[3 * i + k] = at(forces, 3 * i + k) + f;
      forces[3 * j + k] = at(forces, 3 * j + k) - f;
      for (let l = k; l < 3; l++) stress[3 * k + l] = at(stress, 3 * k + l) + f * at(work, row + l);
    }
  };

  const evaluate = (lattice: Float64Array, fractional: Float64Array): number => {
    const { first, second, imageOf } = prepare(lattice, fractional);
    const count = first.length;
    forces.fill(0);
    stress.fill(0);
    sigma1.fill(0);
    let energy = 0;

    // Densities, and the pair energy with its part of forces and stress.
    for (let p = 0; p < count; p++) {
      const i = at(first, p);
      const j = at(second, p);
      const s = 3 * at(imageOf, p);
      const x = at(positions, 3 * j) - at(positions, 3 * i) + at(shifts, s);
      const y = at(positions, 3 * j + 1) - at(positions, 3 * i + 1) + at(shifts, s + 1);
      const z = at(positions, 3 * j + 2) - at(positions, 3 * i + 2) + at(shifts, s + 2);
      const r = Math.sqrt(x * x + y * y + z * z);
      const row = WIDTH * p;
      if (r >= CUTOFF_ANGSTROM) {
        work[row + 3] = 0;
        continue;
      }
      const a = at(kind, i);
      const b = at(kind, j);
      const w = 1 / (1 + Math.exp(SMOOTHING_SLOPE_PER_ANGSTROM * (r - SMOOTHING_MIDPOINT_ANGSTROM)));
      const dlnw = SMOOTHING_SLOPE_PER_ANGSTROM * (w - 1);
      const fromB = w * at(chi, a * m + b);
      const density1 = fromB * at(scale1, b) * Math.exp(-at(eta2, b) * r);
      const density2 = fromB * at(scale2, b) * Math.exp(-at(kappaOverBeta, b) * r);
      let other1 = density1;
      let other2 = density2;
      if (a !== b) {
        const fromA = w * at(chi, b * m + a);
        other1 = fromA * at(scale1, a) * Math.exp(-at(eta2, a) * r);
        other2 = fromA * at(scale2, a) * Math.exp(-at(kappaOverBeta, a) * r);
      }
      sigma1[i] = at(sigma1, i) + density1;
      sigma1[j] = at(sigma1, j) + other1;
      const energyI = at(pairEnergy, a) * density2;
      const energyJ = at(pairEnergy, b) * other2;
      energy += energyI + energyJ;
      const f = (energyI * (dlnw - at(kappaOverBeta, b)) + energyJ * (dlnw - at(kappaOverBeta, a))) / r;
      work[row] = x;
      work[row + 1] = y;
      work[row + 2] = z;
      work[row + 3] = 1 / r;
      work[row + 4] = dlnw;
      work[row + 5] = density1;
      work[row + 6] = other1;
      pull(i, j, row, f);
    }

    for (let i = 0; i < n; i++) {
      const { e0, v0, eta2: eta, kappa, lambda, gamma1 } = elements[at(kind, i)] as EmtElement;
      const sigma = at(sigma1, i);
      energy -= e0;
      slope[i] = 0;
      // An atom without neighbours has the energy of a free one.
      if (sigma === 0) continue;
      const ds = -Math.log(sigma / (12 * gamma1)) / (BETA * eta);
      const cohesive = e0 * Math.exp(-lambda * ds);
      const sphere = 6 * v0 * Math.exp(-kappa * ds);
      energy += cohesive * (1 + lambda * ds) + sphere;
      slope[i] = (cohesive * lambda * lambda * ds + kappa * sphere) / (BETA * eta * sigma);
    }

    for (let p = 0; p < count; p++) {
      const row = WIDTH * p;
      const inverseR = at(work, row + 3);
      if (inverseR === 0) continue;
      const i = at(first, p);
      const j = at(second, p);
      const dlnw = at(work, row + 4);
      const f =
        inverseR *
        (at(slope, i) * at(work, row + 5) * (dlnw - at(eta2, at(kind, j))) +
          at(slope, j) * at(work, row + 6) * (dlnw - at(eta2, at(kind, i))));
      pull(i, j, row, f);
    }
    const volume = Math.abs(determinant(lattice));
    // The pairs filled the upper triangle.
    for (let k = 0; k < 9; k++) stress[k] = at(stress, k) / volume;
    stress[3] = at(stress, 1);
    stress[6] = at(stress, 2);
    stress[7] = at(stress, 5);
    return energy;
  };

  return { evaluate, forces, stress };
}

export interface EmtEvaluation {
  readonly energyEv: number;
  /** Flat, 3 per atom. */
  readonly forcesEvPerAngstrom: number[];
  /** 9, symmetric. */
  readonly stressEvPerAngstrom3: number[];
}

/** One single point. Throws an UnsupportedElementError for elements without parameters. */
export function evaluateEmt(crystal: Crystal): EmtEvaluation {
  const potential = emtPotential(crystal.atomicNumbers);
  const energyEv = potential.evaluate(
    Float64Array.from(crystal.latticeAngstrom),
    Float64Array.from(crystal.fractionalCoordinates),
  );
  return {
    energyEv,
    forcesEvPerAngstrom: [...potential.forces],
    stressEvPerAngstrom3: [...potential.stress],
  };
}

function timesLattice(rows: Float64Array | Int32Array, lattice: Float64Array, product: Float64Array): void {
  for (let i = 0; i < rows.length; i += 3) {
    for (let k = 0; k < 3; k++) {
      product[i + k] =
        at(rows, i) * at(lattice, k) +
        at(rows, i + 1) * at(lattice, 3 + k) +
        at(rows, i + 2) * at(lattice, 6 + k);
    }
  }
}

/** An element whose index is known to be in range. */
function at(array: Float64Array | Int32Array, index: number): number {
  return array[index] as number;
}
