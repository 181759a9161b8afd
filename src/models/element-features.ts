import { ELEMENTS } from '../crystal/chemistry/elements.ts';

/** Atomic numbers 0 (padding) to 103. */
export const ELEMENT_ROWS = ELEMENTS.length + 1;

const NAMES = [
  'electronegativity',
  'radius',
  'logMass',
  'period',
  'group',
  'sValence',
  'pValence',
  'dValence',
  'fValence',
  'sUnfilled',
  'pUnfilled',
  'dUnfilled',
  'fUnfilled',
] as const;

export const ELEMENT_FEATURES = NAMES.length;

let table: Float32Array | null = null;

/**
 * Properties of the elements, [ELEMENT_ROWS, ELEMENT_FEATURES] flat, each column with mean 0 and variance 1 over the
 * elements; what is not tabulated stands at the mean. Row 0 is zero. Electrons are counted by Madelung's rule.
 */
export function elementFeatures(): Float32Array {
  return (table ??= standardise(ELEMENTS.map((element, index) => rawFeatures(index + 1, element))));
}

type Tabulated = Pick<(typeof ELEMENTS)[number], 'massU' | 'electronegativity' | 'radiusAngstrom'>;

function rawFeatures(atomicNumber: number, element: Tabulated): (number | null)[] {
  const { period, group, valence } = electronShells(atomicNumber);
  const unfilled = [2, 6, 10, 14].map((full, shell) => {
    const electrons = valence[shell] as number;
    return electrons === 0 ? 0 : full - electrons;
  });
  return [
    element.electronegativity,
    element.radiusAngstrom,
    Math.log(element.massU),
    period,
    group,
    ...valence,
    ...unfilled,
  ];
}

/** Period, group (lanthanides and actinides count as 3) and s, p, d, f electrons outside the noble gas core. */
function electronShells(atomicNumber: number): { period: number; group: number; valence: number[] } {
  const CORES = [0, 2, 10, 18, 36, 54, 86];
  let period = 1;
  while (period < 7 && atomicNumber > (CORES[period] as number)) period++;
  let left = atomicNumber - (CORES[period - 1] as number);
  const valence = [0, 0, 0, 0];
  // Filling order within a period: s, then f, then d, then p.
  for (const [shell, full, from] of [
    [0, 2, 1],
    [3, 14, 6],
    [2, 10, 4],
    [1, 6, 2],
  ] as const) {
    if (period < from) continue;
    valence[shell] = Math.min(left, full);
    left -= valence[shell];
  }
  const [s, p, d, f] = valence as [number, number, number, number];
  const group = p > 0 ? 12 + p : d > 0 ? 2 + d : f > 0 ? 3 : period === 1 && s === 2 ? 18 : s;
  return { period, group, valence };
}

function standardise(rows: readonly (readonly (number | null)[])[]): Float32Array {
  const out = new Float32Array(ELEMENT_ROWS * ELEMENT_FEATURES);
  for (let column = 0; column < ELEMENT_FEATURES; column++) {
    const known = rows.map((row) => row[column]).filter((value) => typeof value === 'number');
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length;
    rows.forEach((row, index) => {
      out[(index + 1) * ELEMENT_FEATURES + column] = ((row[column] ?? mean) - mean) / Math.sqrt(variance);
    });
  }
  return out;
}
