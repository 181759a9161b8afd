import type { Crystal } from '../../crystal/crystal.ts';
import { volumeAngstrom3 } from '../../crystal/crystal.ts';
import { ELEMENT_FEATURES, elementFeatures } from '../element-features.ts';

/**
 * A crystal as few numbers: mean, spread, least and most of each element property over the atoms, and the logarithm
 * of the volume per atom.
 */
export function describeCrystal(crystal: Crystal): number[] {
  const table = elementFeatures();
  const { atomicNumbers } = crystal;
  const descriptors: number[] = [];
  for (let feature = 0; feature < ELEMENT_FEATURES; feature++) {
    const values = atomicNumbers.map((z) => table[z * ELEMENT_FEATURES + feature] as number);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    descriptors.push(mean, Math.sqrt(variance), Math.min(...values), Math.max(...values));
  }
  descriptors.push(Math.log(volumeAngstrom3(crystal) / atomicNumbers.length));
  return descriptors;
}

/** Columns with mean 0 and variance 1 over `rows`; constant columns become 0. Returns the same map for new rows. */
export function standardiser(rows: readonly (readonly number[])[]): (row: readonly number[]) => number[] {
  const width = rows[0]?.length ?? 0;
  const means = Array.from(
    { length: width },
    (_, k) => rows.reduce((sum, row) => sum + (row[k] as number), 0) / rows.length,
  );
  const deviations = means.map((mean, k) =>
    Math.sqrt(rows.reduce((sum, row) => sum + ((row[k] as number) - mean) ** 2, 0) / rows.length),
  );
  return (row) =>
    row.map((value, k) => {
      const deviation = deviations[k] as number;
      return deviation < 1e-9 ? 0 : (value - (means[k] as number)) / deviation;
    });
}
