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

type Output = ReturnType<typeof run>;

/** Largest difference between two outputs, atom `order[i]` of the second being atom i of the first. */
function difference(left: Output, right: Output, order: readonly number[] = [0, 1, 2, 3, 4]): number {
  const flat = (out: Output, atoms: readonly number[]): number[] => [
    ...out.lattice,
    ...atoms.flatMap((i) => [...(out.coordinates[i] as number[]), ...(out.species[i] as number[])]),
  ];
  const wanted = flat(right, order);
  return Math.max(...flat(left, [0, 1, 2, 3, 4]).map((x, k) => Math.abs(x - (wanted[k] as number))));
}

describe.each(await availableBackends())('the denoiser on %s', (name) => {
  let tf: TensorFlow;
  let reference: Output;
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
    expect(difference(moved, reference)).toBeLessThan(1e-3);
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
    expect(difference(permuted, reference, order)).toBeLessThan(1e-3);
    expect(difference(permuted, reference)).toBeGreaterThan(1e-2);
  });

  test('does not see the padding of a batch', () => {
    const padded = run(tf, noisy(ATOMS + 3));
    expect(difference(padded, reference)).toBeLessThan(1e-3);
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
    expect(difference(other, reference)).toBeGreaterThan(1e-2);
  });

  test('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    run(tf, noisy(ATOMS));
    expect(tf.memory().numTensors).toBe(before);
  });
});
