import { SHELL_FEATURES } from './sites.ts';
import type { Sites } from './sites.ts';

/** Crystals side by side, padded with sites of atomic number 0 to the most of them: dense, so that no gather is needed. */
export interface DenseBatch {
  readonly crystals: number;
  /** Sites per crystal after padding. */
  readonly sites: number;
  /** [crystals, sites], 0 where padded. */
  readonly atomicNumbers: Int32Array;
  /** [crystals, sites]: share of the crystal's atoms, 0 where padded; sums to 1 over each crystal. */
  readonly shares: Float32Array;
  /** [crystals, sites, sites, SHELL_FEATURES], 0 where padded. */
  readonly shells: Float32Array;
}

/** Pads crystals to the most sites among them. */
export function denseBatch(crystals: readonly Sites[]): DenseBatch {
  const sites = crystals.reduce((most, { shares }) => Math.max(most, shares.length), 1);
  const atomicNumbers = new Int32Array(crystals.length * sites);
  const shares = new Float32Array(crystals.length * sites);
  const shells = new Float32Array(crystals.length * sites * sites * SHELL_FEATURES);
  crystals.forEach((crystal, index) => {
    const n = crystal.shares.length;
    atomicNumbers.set(crystal.atomicNumbers, index * sites);
    shares.set(crystal.shares, index * sites);
    const row = n * SHELL_FEATURES;
    for (let i = 0; i < n; i++) {
      shells.set(
        crystal.shells.subarray(i * row, (i + 1) * row),
        (index * sites + i) * sites * SHELL_FEATURES,
      );
    }
  });
  return { crystals: crystals.length, sites, atomicNumbers, shares, shells };
}

/**
 * Cuts item indices into batches of like size: in the given order they are taken in windows of several batches,
 * each window is sorted by size, and a batch is closed when it holds `maxItems` or would exceed `maxPairs` padded
 * pairs of sites. A random order gives random batches with little padding.
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
