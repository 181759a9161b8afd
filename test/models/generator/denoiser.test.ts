import type { Tensor } from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { random } from '../../../src/crystal/random.ts';
import { loadBackend, type TensorFlow } from '../../../src/models/backend.ts';
import {
  denoise,
  denoiserInputs,
  SPECIES_ROWS,
  type NoisyBatch,
} from '../../../src/models/generator/denoiser.ts';
import { emptyBatch, setCells } from '../../../src/models/generator/process.ts';
import { WeightTensors } from '../../../src/models/generator/weight-tensors.ts';
import { availableBackends } from '../backends.ts';
import { tinyModel } from './tiny.ts';

const model = tinyModel();
const ATOMS = 5;

/** One crystal in a batch with room for `places` atoms. */
function noisy(
  places: number,
  change: (coordinates: number[], species: number[]) => void = () => {},
): NoisyBatch {
  const source = random('noisy');
  const coordinates = Array.from({ length: 3 * ATOMS }, () => source.uniform());
  const species = [29, 0, 47, 29, 0];
  change(coordinates, species);
  const batch = emptyBatch(1, places);
  batch.time[0] = 0.4;
  batch.atomCount[0] = ATOMS;
  batch.lattice.set([0.2, -1, 0.5, 0.3, 0.8, -0.4]);
  batch.coordinates.set(coordinates);
  batch.species.set(species);
  for (const z of [29, 47]) batch.allowed[z] = 1;
  setCells(batch, model.scale);
  return batch;
}

function run(
  tf: TensorFlow,
  batch: NoisyBatch,
): { lattice: number[]; coordinates: number[][]; species: number[][] } {
  const weights = new WeightTensors(tf, model.weights);
  const read = (tensor: Tensor): number[] => Array.from(tensor.dataSync());
  const rows = (values: number[], width: number): number[][] =>
    Array.from({ length: ATOMS }, (_, i) => values.slice(i * width, (i + 1) * width));
  const result = tf.tidy(() => {
    const out = denoise(tf, model.shape, weights.tensors, denoiserInputs(tf, model.shape, batch));
    return {
      lattice: read(out.lattice),
      coordinates: rows(read(out.coordinates), 3),
      species: rows(read(out.species), SPECIES_ROWS).map((row) => [row[29] as number, row[47] as number]),
    };
  });
  weights.dispose();
  return result;
}

function expectClose(left: readonly number[], right: readonly number[]): void {
  left.forEach((x, k) => expect(x).toBeCloseTo(right[k] as number, 3));
}

describe.each(await availableBackends())('the denoiser on %s', (name) => {
  let tf: TensorFlow;
  let reference: ReturnType<typeof run>;
  beforeAll(async () => {
    ({ tf } = await loadBackend(name));
    reference = run(tf, noisy(ATOMS));
  });

  test('says the same of a translated crystal, also by whole cells', () => {
    const shift = [0.31, 0.77, 2];
    const moved = run(
      tf,
      noisy(ATOMS, (coordinates) => {
        coordinates.forEach((x, k) => (coordinates[k] = x + (shift[k % 3] as number)));
        coordinates[4] = (coordinates[4] as number) - 1;
      }),
    );
    expectClose(moved.lattice, reference.lattice);
    moved.coordinates.forEach((row, i) => expectClose(row, reference.coordinates[i] as number[]));
    moved.species.forEach((row, i) => expectClose(row, reference.species[i] as number[]));
  });

  test('relabels with the atoms', () => {
    const order = [3, 0, 4, 1, 2];
    const permuted = run(
      tf,
      noisy(ATOMS, (coordinates, species) => {
        const [before, kinds] = [[...coordinates], [...species]];
        order.forEach((from, to) => {
          for (let axis = 0; axis < 3; axis++) coordinates[3 * to + axis] = before[3 * from + axis] as number;
          species[to] = kinds[from] as number;
        });
      }),
    );
    expectClose(permuted.lattice, reference.lattice);
    order.forEach((from, to) => {
      expectClose(permuted.coordinates[to] as number[], reference.coordinates[from] as number[]);
      expectClose(permuted.species[to] as number[], reference.species[from] as number[]);
    });
  });

  test('does not see the padding of a batch', () => {
    const padded = run(tf, noisy(ATOMS + 3));
    expectClose(padded.lattice, reference.lattice);
    padded.coordinates.forEach((row, i) => expectClose(row, reference.coordinates[i] as number[]));
    padded.species.forEach((row, i) => expectClose(row, reference.species[i] as number[]));
  });

  test('moves atoms without moving the crystal', () => {
    for (let axis = 0; axis < 3; axis++) {
      const drift = reference.coordinates.reduce((sum, row) => sum + (row[axis] as number), 0);
      expect(drift).toBeCloseTo(0, 4);
    }
    expect(Math.max(...reference.coordinates.flat().map(Math.abs))).toBeGreaterThan(1e-3);
  });

  test('sees where the atoms are', () => {
    const other = run(
      tf,
      noisy(ATOMS, (coordinates) => (coordinates[0] = (coordinates[0] as number) + 0.2)),
    );
    const difference = other.lattice.map((x, k) => Math.abs(x - (reference.lattice[k] as number)));
    expect(Math.max(...difference)).toBeGreaterThan(1e-4);
  });

  test('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    run(tf, noisy(ATOMS));
    expect(tf.memory().numTensors).toBe(before);
  });
});
