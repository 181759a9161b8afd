import type { Crystal } from '../../crystal/crystal.ts';
import type { Random } from '../../crystal/random.ts';
import { COORDINATE_SCALE, SPECIES_ROWS, type NoisyBatch } from './denoiser.ts';
import { latticeFromVector, latticeVector } from './lattice-vector.ts';
import { niggliCell } from '../../crystal/geometry/niggli.ts';
import { wrap } from '../../crystal/geometry/torus.ts';
import { align } from './alignment.ts';

/**
 * The noising process, from noise at t = 0 to data at t = 1, of the three parts of a crystal together:
 * - lattice: the standardised lattice vector on straight lines from a standard normal, x_t = (1 − t)·x_0 + t·x_1
 *   (flow matching, Lipman et al., ICLR 2023: Gaussian diffusion with another schedule and a velocity target);
 * - coordinates: shortest ways on the torus from uniform points, matched to the atoms (alignment.ts), mean translation
 *   removed (flow matching on the torus, FlowMM, Miller et al., ICML 2024);
 * - species: absorbing-state discrete diffusion (D3PM, Austin et al., NeurIPS 2021, as in MatterGen): an atom is undecided
 *   until its time comes, and the network predicts it from the decided ones. All are decided at `revealEnd` ≤ 1.
 */

/** A crystal as the network sees it. */
export interface Example {
  readonly lattice: Float64Array;
  readonly coordinates: Float64Array;
  readonly species: Int32Array;
}

/** Mean and standard deviation of the six lattice numbers over the training crystals. */
export interface LatticeScale {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/** What the network should say of a noisy batch. */
export interface Targets {
  readonly lattice: Float32Array;
  readonly coordinates: Float32Array;
  /** Atomic numbers, [B, N]. */
  readonly species: Int32Array;
  /** 1 for atoms that were still undecided, [B, N]. */
  readonly undecided: Float32Array;
}

/** The Niggli-reduced crystal as an example. */
export function exampleOf(crystal: Crystal): Example {
  const reduced = niggliCell(crystal);
  return {
    lattice: Float64Array.from(latticeVector(reduced.latticeAngstrom, reduced.atomicNumbers.length)),
    coordinates: Float64Array.from(reduced.fractionalCoordinates),
    species: Int32Array.from(reduced.atomicNumbers),
  };
}

const TRANSLATIONS_TRIED = 4;
/** During training the species are all decided at a time drawn from here to 1, so that the sampler may choose. */
const EARLIEST_REVEAL_END = 0.3;

/** A partly noised batch and its targets. `allowed` holds each example's condition: atomic numbers that may appear. */
export function noise(
  examples: readonly Example[],
  allowed: readonly (readonly number[])[],
  scale: LatticeScale,
  source: Random,
): { batch: NoisyBatch; targets: Targets } {
  const size = examples.length;
  const atoms = Math.max(...examples.map((example) => example.species.length));
  const batch = emptyBatch(size, atoms);
  const targets: Targets = {
    lattice: new Float32Array(6 * size),
    coordinates: new Float32Array(3 * size * atoms),
    species: new Int32Array(size * atoms),
    undecided: new Float32Array(size * atoms),
  };
  examples.forEach((example, b) => {
    // Stratified over the batch: the loss varies less.
    const time = (b + source.uniform()) / size;
    const n = example.species.length;
    batch.time[b] = time;
    batch.atomCount[b] = n;
    for (let k = 0; k < 6; k++) {
      const start = source.normal();
      const end =
        ((example.lattice[k] as number) - (scale.mean[k] as number)) / (scale.deviation[k] as number);
      batch.lattice[6 * b + k] = (1 - time) * start + time * end;
      targets.lattice[6 * b + k] = end - start;
    }
    const points = Float64Array.from({ length: 3 * n }, () => source.uniform());
    const translations = Array.from({ length: 3 * TRANSLATIONS_TRIED }, () => source.uniform());
    const { atomOfPoint, displacement } = align(points, example.coordinates, translations);
    const revealEnd = EARLIEST_REVEAL_END + (1 - EARLIEST_REVEAL_END) * source.uniform();
    for (let i = 0; i < n; i++) {
      const at = b * atoms + i;
      for (let axis = 0; axis < 3; axis++) {
        const way = displacement[3 * i + axis] as number;
        batch.coordinates[3 * at + axis] = wrap((points[3 * i + axis] as number) + time * way);
        targets.coordinates[3 * at + axis] = way / COORDINATE_SCALE;
      }
      const species = example.species[atomOfPoint[i] as number] as number;
      targets.species[at] = species;
      if (source.uniform() * revealEnd < time) batch.species[at] = species;
      else targets.undecided[at] = 1;
    }
    for (const z of allowed[b] as readonly number[]) batch.allowed[b * SPECIES_ROWS + z] = 1;
  });
  setCells(batch, scale);
  return { batch, targets };
}

/** A batch of zeros. */
export function emptyBatch(size: number, atoms: number): NoisyBatch {
  return {
    time: new Float32Array(size),
    lattice: new Float32Array(6 * size),
    cell: new Float32Array(9 * size),
    coordinates: new Float32Array(3 * size * atoms),
    species: new Int32Array(size * atoms),
    atomCount: new Int32Array(size),
    allowed: new Float32Array(size * SPECIES_ROWS),
  };
}

/** Fills `batch.cell` from `batch.lattice`. */
export function setCells(batch: NoisyBatch, scale: LatticeScale): void {
  for (let b = 0; b < batch.time.length; b++) {
    batch.cell.set(latticeOf(batch, b, scale), 9 * b);
  }
}

/** The lattice (rows a, b, c, Å) of crystal b of a batch. */
export function latticeOf(batch: NoisyBatch, b: number, scale: LatticeScale): number[] {
  const vector = scale.mean.map(
    (mean, k) => mean + (scale.deviation[k] as number) * (batch.lattice[6 * b + k] as number),
  );
  return latticeFromVector(vector, batch.atomCount[b] as number);
}

/** Mean and standard deviation of the lattice numbers, by component. */
export function latticeScaleOf(examples: readonly Example[]): LatticeScale {
  const mean = [0, 0, 0, 0, 0, 0];
  const square = [0, 0, 0, 0, 0, 0];
  for (const { lattice } of examples) {
    lattice.forEach((x, k) => {
      (mean[k] as number) += x / examples.length;
      (square[k] as number) += (x * x) / examples.length;
    });
  }
  return { mean, deviation: mean.map((m, k) => Math.sqrt(Math.max((square[k] as number) - m * m, 1e-6))) };
}
