/** A two-part target is zero or a positive value, like a band gap: whether, and which, are learned apart. */
export type TargetKind = 'value' | 'two-part';

/** value = mean + deviation · standardised value. */
export interface TargetScale {
  readonly mean: number;
  readonly deviation: number;
}

/** What a network learns, [rows, targets] flat each. */
export interface Labels {
  /** Standardised values, NaN where not measured and where a two-part target is zero. */
  readonly values: Float32Array;
  /** Of two-part targets, 1 where the value is not zero and 0 where it is; NaN where not measured, and of others. */
  readonly present: Float32Array;
}

const TWO_PART_ZEROS = 0.05;

/** Two-part when some are positive, none is negative and at least one in twenty is zero. */
export function kindOf(values: readonly number[]): TargetKind {
  const zeros = values.filter((value) => value === 0).length;
  const mixed = zeros > 0 && zeros >= TWO_PART_ZEROS * values.length && zeros < values.length;
  return mixed && values.every((value) => value >= 0) ? 'two-part' : 'value';
}

/** Mean and standard deviation of the values, of a two-part target of those above zero; null when there are none. */
export function scaleOf(values: readonly number[], kind: TargetKind): TargetScale | null {
  const counted = kind === 'value' ? values : values.filter((value) => value !== 0);
  if (counted.length === 0) return null;
  const mean = counted.reduce((sum, value) => sum + value, 0) / counted.length;
  const variance = counted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / counted.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}

/** [rows, targets] flat, NaN where not measured. */
export function standardise(
  rows: readonly (readonly (number | null)[])[],
  scales: readonly TargetScale[],
): Float32Array {
  return Float32Array.from(
    rows.flatMap((values) =>
      scales.map(({ mean, deviation }, target) => ((values[target] ?? NaN) - mean) / deviation),
    ),
  );
}

/** Where zero stands on each two-part target's standardised scale; null for other targets. */
export function zerosOf(kinds: readonly TargetKind[], scales: readonly TargetScale[]): (number | null)[] {
  return scales.map(({ mean, deviation }, target) =>
    kinds[target] === 'two-part' ? -mean / deviation : null,
  );
}

/** Standardised values as a network learns them: a two-part target's zeros apart from its values. */
export function labelsOf(values: Float32Array, zeros: readonly (number | null)[]): Labels {
  const zeroAt = (at: number): number | null => zeros[at % zeros.length] ?? null;
  const isZero = (value: number, at: number): boolean => value === Math.fround(zeroAt(at) ?? NaN);
  const presence = (value: number, at: number): number => {
    if (zeroAt(at) === null || Number.isNaN(value)) return NaN;
    return isZero(value, at) ? 0 : 1;
  };
  return {
    values: values.map((value, at) => (isZero(value, at) ? NaN : value)),
    present: values.map(presence),
  };
}
