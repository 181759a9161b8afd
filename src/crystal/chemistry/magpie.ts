import { type Composition, requireCounts } from './composition.ts';
import { elementOf, ELEMENTS } from './elements.ts';
import table from './magpie.json' with { type: 'json' };

const { source: _, ...byProperty } = table;
const PROPERTIES: readonly (readonly [name: string, byElement: readonly (number | null)[]])[] =
  Object.entries(byProperty);
const STATISTICS = ['minimum', 'maximum', 'range', 'mean', 'avg_dev', 'mode'] as const;

/** matminer's names of the descriptors, in their order, as in 'MagpieData mean Electronegativity'. */
export const MAGPIE_NAMES: readonly string[] = PROPERTIES.flatMap(([property]) =>
  STATISTICS.map((statistic) => `MagpieData ${statistic} ${property}`),
);

/** How many Magpie descriptors a composition has: 132. */
export const MAGPIE_LENGTH = MAGPIE_NAMES.length;

/** [22, Z]: one row per property. What is not tabulated is the mean over the elements that are, as matminer has it. */
const VALUES = Float64Array.from(PROPERTIES.flatMap(([, byElement]) => withMeansForGaps(byElement)));

/**
 * The Magpie descriptors of a composition, [132]: minimum, maximum, range, mean, mean absolute deviation and mode of 22
 * element properties, weighted by the counts, as matminer's ElementProperty.from_preset('magpie') gives them (missing
 * values imputed, its default). Ward et al., npj Comput. Mater. 2, 16028 (2016).
 * Throws a RangeError when the composition is empty or a count is not positive.
 */
export function magpieDescriptors(composition: Composition): Float64Array {
  return magpieDescriptorsOf([composition]);
}

/** The Magpie descriptors of many compositions, flat, [n, 132]: see `magpieDescriptors`. */
export function magpieDescriptorsOf(compositions: readonly Composition[]): Float64Array {
  const descriptors = new Float64Array(compositions.length * MAGPIE_LENGTH);
  const most = compositions.reduce((most, composition) => Math.max(most, composition.size), 0);
  const columns = new Int32Array(most);
  const weights = new Float64Array(most);
  let at = 0;
  for (const composition of compositions) {
    const n = readComposition(composition, columns, weights);
    at = writeStatistics(columns.subarray(0, n), weights, descriptors, at);
  }
  return descriptors;
}

/** Fills in the elements' columns of VALUES and their counts; returns how many elements there are. */
function readComposition(composition: Composition, columns: Int32Array, counts: Float64Array): number {
  requireCounts(composition);
  let n = 0;
  for (const [z, count] of composition) {
    columns[n] = elementOf(z).atomicNumber - 1;
    counts[n++] = count;
  }
  return n;
}

function writeStatistics(
  columns: Int32Array,
  weights: Float64Array,
  descriptors: Float64Array,
  start: number,
): number {
  const n = columns.length;
  let total = 0;
  let heaviest = 0;
  for (let i = 0; i < n; i++) {
    const weight = weights[i] as number;
    total += weight;
    if (weight > heaviest) heaviest = weight;
  }
  // numpy.isclose, with which matminer tells the most frequent elements.
  const frequent = heaviest - (1e-8 + 1e-5 * heaviest);
  let at = start;
  for (let row = 0; row < VALUES.length; row += ELEMENTS.length) {
    let least = Infinity;
    let greatest = -Infinity;
    let mode = Infinity;
    let mean = 0;
    for (let i = 0; i < n; i++) {
      const value = VALUES[row + (columns[i] as number)] as number;
      const weight = weights[i] as number;
      if (value < least) least = value;
      if (value > greatest) greatest = value;
      if (value < mode && weight >= frequent) mode = value;
      mean += weight * value;
    }
    mean /= total;
    let deviation = 0;
    for (let i = 0; i < n; i++) {
      deviation += (weights[i] as number) * Math.abs((VALUES[row + (columns[i] as number)] as number) - mean);
    }
    descriptors[at] = least;
    descriptors[at + 1] = greatest;
    descriptors[at + 2] = greatest - least;
    descriptors[at + 3] = mean;
    descriptors[at + 4] = deviation / total;
    descriptors[at + 5] = mode;
    at += STATISTICS.length;
  }
  return at;
}

function withMeansForGaps(values: readonly (number | null)[]): number[] {
  const known = values.filter((value) => value !== null);
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return values.map((value) => value ?? mean);
}
