import { PAIR_FEATURES } from './pair-features.ts';
import type { PairFeatures } from './pair-features.ts';

/** Crystals side by side, padded with atoms of number 0 to the largest: dense, so that no gather is needed. */
export interface DenseBatch {
  readonly crystals: number;
  /** Atoms per crystal after padding. */
  readonly atoms: number;
  /** [crystals, atoms], 0 where padded. */
  readonly atomicNumbers: Int32Array;
  /** [crystals, atoms]: 1 / (number of atoms) for an atom, 0 where padded; sums to 1 over each crystal. */
  readonly meanWeights: Float32Array;
  /** [crystals, atoms, atoms, PAIR_FEATURES], 0 where padded. */
  readonly pairs: Float32Array;
}

/** Pads crystals to the largest of them. */
export function denseBatch(crystals: readonly PairFeatures[]): DenseBatch {
  const atoms = crystals.reduce((most, { atomicNumbers }) => Math.max(most, atomicNumbers.length), 1);
  const numbers = new Int32Array(crystals.length * atoms);
  const meanWeights = new Float32Array(crystals.length * atoms);
  const pairs = new Float32Array(crystals.length * atoms * atoms * PAIR_FEATURES);
  crystals.forEach((crystal, index) => {
    const n = crystal.atomicNumbers.length;
    numbers.set(crystal.atomicNumbers, index * atoms);
    meanWeights.fill(1 / n, index * atoms, index * atoms + n);
    for (let i = 0; i < n; i++) {
      const row = crystal.pairs.subarray(i * n * PAIR_FEATURES, (i + 1) * n * PAIR_FEATURES);
      pairs.set(row, (index * atoms + i) * atoms * PAIR_FEATURES);
    }
  });
  return { crystals: crystals.length, atoms, atomicNumbers: numbers, meanWeights, pairs };
}

/**
 * Cuts item indices into batches of like size: in the given order they are taken in windows of several batches,
 * each window is sorted by size, and a batch is closed when it holds `maxItems` or would exceed `maxPairs` padded
 * pairs of atoms. A random order gives random batches with little padding.
 */
export function bucketBySize(
  order: readonly number[],
  sizeOf: (item: number) => number,
  { maxItems, maxPairs, window }: { maxItems: number; maxPairs: number; window: number },
): number[][] {
  const batches: number[][] = [];
  for (let from = 0; from < order.length; from += window) {
    const sorted = order.slice(from, from + window).sort((l, r) => sizeOf(l) - sizeOf(r));
    let batch: number[] = [];
    for (const item of sorted) {
      const full = batch.length >= maxItems || (batch.length + 1) * sizeOf(item) ** 2 > maxPairs;
      if (full && batch.length > 0) {
        batches.push(batch);
        batch = [];
      }
      batch.push(item);
    }
    if (batch.length > 0) batches.push(batch);
  }
  return batches;
}
