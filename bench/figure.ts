/** One measured number, as `npm run bench -- NAME --json` prints it, one object a line. */
export interface Figure {
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  /** What would be good, in words, as in 'at least 20 times ASE'; null without a goal. */
  readonly goal: string | null;
  /** What was measured beside it in the same run; null without a peer. */
  readonly peer: string | null;
  readonly peerValue: number | null;
  /** value / peerValue; null without a peer. */
  readonly ratio: number | null;
  /** How many seeds the value is the mean of. */
  readonly seeds: number;
  /** Standard deviation over the seeds, in the unit; null for one seed. */
  readonly spread: number | null;
}

/** What each bench/NAME.ts exports. */
export interface Benchmark {
  run(options: { readonly quick: boolean }): Promise<readonly Figure[]>;
  /** What the numbers were computed with, as in 'tensorflow 2.21.0 cpu'; none means plain JavaScript. */
  backend?(): Promise<string>;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation; null for fewer than two values. */
export function spread(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** A figure without goal or peer: the mean and spread of its values, one a seed. */
export function figureOf(name: string, values: readonly number[], unit: string): Figure {
  return {
    figure: name,
    value: mean(values),
    unit,
    goal: null,
    peer: null,
    peerValue: null,
    ratio: null,
    seeds: values.length,
    spread: spread(values),
  };
}
