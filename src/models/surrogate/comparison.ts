import { random } from '../../crystal/random.ts';
import { coverage, meanSquaredZ, miscalibrationArea, rankedProbabilityScore } from '../calibration.ts';
import type { Predicted } from '../calibration.ts';
import { conformalFactor } from '../conformal.ts';
import type { HeldOutMetrics, HeldOutPoint } from '../service.ts';

/**
 * Figures of one target's held-out points; null when there are none. `unseen` are other rows that the model had not
 * learned from: the conformal interval is made on these and measured on the held-out ones.
 */
export function measure(
  points: readonly HeldOutPoint[],
  unseen: readonly HeldOutPoint[],
): HeldOutMetrics | null {
  if (points.length === 0) return null;
  const predicted = asPredicted(points);
  const errors = points.map(({ value, mean }) => value - mean);
  const meanOf = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  const centre = meanOf(predicted.value);
  const squares = meanOf(errors.map((error) => error ** 2));
  const variance = meanOf(predicted.value.map((value) => (value - centre) ** 2));
  return {
    count: points.length,
    mae: meanOf(errors.map(Math.abs)),
    rmse: Math.sqrt(squares),
    r2: variance > 0 ? 1 - squares / variance : null,
    miscalibrationArea: miscalibrationArea(predicted),
    coverage90: coverage(predicted, 0.9),
    meanSquaredZ: meanSquaredZ(predicted),
    ...conformalInterval(predicted, conformalFactor(asPredicted(unseen), 0.9)),
  };
}

function conformalInterval(
  { value, mean, sigma }: Predicted,
  factor: number,
): Pick<HeldOutMetrics, 'conformal90'> {
  if (!Number.isFinite(factor)) return {};
  const within = value.filter(
    (y, i) => Math.abs(y - (mean[i] as number)) <= factor * (sigma[i] as number),
  ).length;
  return { conformal90: { factor, coverage: within / value.length } };
}

const FEWEST_GROUPS = 8;
const SIGNIFICANCE = 0.05;
const DRAWS = 4000;

export interface Comparison {
  readonly promote: boolean;
  readonly reason: string;
}

/**
 * Whether a challenger replaces the champion, from both models' predictions of the same held-out points. It does,
 * unless its continuous ranked probability score, each target in units of its spread, is significantly worse
 * (one-sided paired sign-flip test over groups, p < 0.05). The score weighs error and uncertainty together and, unlike
 * the likelihood, is not ruled by a few points far out. Under 8 groups nothing can be decided, and the challenger,
 * which has seen more labels, is taken.
 */
export function compare(
  challenger: readonly HeldOutPoint[],
  champion: readonly HeldOutPoint[],
  groupOf: (row: number) => string,
): Comparison {
  const spreads = targetSpreads(challenger);
  const scoresOf = (points: readonly HeldOutPoint[]): number[] => {
    const scores = rankedProbabilityScore(asPredicted(points));
    return points.map(({ target }, i) => (scores[i] as number) / (spreads.get(target) as number));
  };
  const [own, other] = [scoresOf(challenger), scoresOf(champion)];
  const differences = groupMeans(challenger, {
    groupOf,
    of: (_, i) => (own[i] as number) - (other[i] as number),
  });
  const figures =
    `ranked probability score ${average(own).toFixed(3)} against ${average(other).toFixed(3)} of the target's spread, ` +
    `on ${challenger.length} held-out values of ${differences.length} groups`;
  if (differences.length < FEWEST_GROUPS) {
    return {
      promote: true,
      reason: `promoted: under ${FEWEST_GROUPS} held-out groups cannot decide, and the challenger saw more labels (${differences.length === 0 ? 'none held out' : figures})`,
    };
  }
  const worseByChance = signFlipTest(differences);
  const detail = `${figures}; p of a difference as bad by chance ${worseByChance.toFixed(3)}`;
  return worseByChance < SIGNIFICANCE
    ? { promote: false, reason: `rejected: significantly worse than the champion (${detail})` }
    : { promote: true, reason: `promoted: not significantly worse than the champion (${detail})` };
}

/** Predictions of labels that a model had not seen: held-out ones, and training ones by parts that omitted them. */
export interface Unseen {
  /** Of the model, or of the model for each target. */
  readonly name: readonly string[];
  readonly heldOut: readonly HeldOutPoint[];
  readonly omitted: readonly HeldOutPoint[];
}

/** Which kind of model a round takes, and why in one sentence. */
export interface Choice {
  readonly takes: 'network' | 'simple';
  readonly reason: string;
}

/**
 * The network or the best simple models, by the mean ranked probability score over the same unseen labels (group by
 * group, in units of the target's spread); the network when they are equal or nothing can be compared. Omitted training
 * labels count beside the held-out ones, since a few of these alone decide little in the first rounds.
 */
export function choose(network: Unseen, simple: Unseen, groupOf: (row: number) => string): Choice {
  const [own, other] = inCommon(
    [...network.heldOut, ...network.omitted],
    [...simple.heldOut, ...simple.omitted],
  );
  if (own.length === 0) {
    return { takes: 'network', reason: 'the network, as no label was left to compare it with simple models' };
  }
  const spreads = targetSpreads(own);
  const meanScore = (points: readonly HeldOutPoint[]): number => {
    const scores = rankedProbabilityScore(asPredicted(points));
    const of = ({ target }: HeldOutPoint, i: number): number =>
      (scores[i] as number) / (spreads.get(target) as number);
    return average(groupMeans(points, { groupOf, of }));
  };
  const [byNetwork, bySimple] = [meanScore(own), meanScore(other)];
  const takes = bySimple < byNetwork ? 'simple' : 'network';
  const [better, worse] = takes === 'simple' ? [bySimple, byNetwork] : [byNetwork, bySimple];
  const [winner, loser] = (takes === 'simple' ? [simple, network] : [network, simple]).map(({ name }) =>
    [...new Set(name)].join(' and '),
  );
  return {
    takes,
    reason:
      `${winner} did better than ${loser} on ${own.length} labels that neither had seen ` +
      `(ranked probability score ${better.toFixed(3)} against ${worse.toFixed(3)} of the target's spread)`,
  };
}

/** The points that both lists have, in the order of the first. */
function inCommon(
  left: readonly HeldOutPoint[],
  right: readonly HeldOutPoint[],
): [HeldOutPoint[], HeldOutPoint[]] {
  const keyOf = ({ target, row }: HeldOutPoint): string => `${row} ${target}`;
  const others = new Map(right.map((point) => [keyOf(point), point]));
  const pairs = left.flatMap((point) => {
    const other = others.get(keyOf(point));
    return other === undefined ? [] : [[point, other] as const];
  });
  return [pairs.map(([point]) => point), pairs.map(([, other]) => other)];
}

/** Chance of a mean difference at least as high if signs were random: small when the differences are positive. */
function signFlipTest(differences: readonly number[]): number {
  const observed = differences.reduce((sum, x) => sum + x, 0);
  const source = random('sign flips', differences.length);
  let asHigh = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    let sum = 0;
    for (const difference of differences) sum += source.uniform() < 0.5 ? difference : -difference;
    if (sum >= observed) asHigh++;
  }
  return (asHigh + 1) / (DRAWS + 1);
}

/** Standard deviation of each target's values; 1 where they do not vary. */
function targetSpreads(points: readonly HeldOutPoint[]): Map<string, number> {
  const values = new Map<string, number[]>();
  for (const { target, value } of points) values.set(target, [...(values.get(target) ?? []), value]);
  return new Map(
    [...values].map(([target, list]) => {
      const mean = average(list);
      return [target, Math.sqrt(average(list.map((value) => (value - mean) ** 2))) || 1];
    }),
  );
}

function groupMeans(
  points: readonly HeldOutPoint[],
  { groupOf, of }: { groupOf: (row: number) => string; of: (point: HeldOutPoint, index: number) => number },
): number[] {
  const groups = new Map<string, number[]>();
  points.forEach((point, index) => {
    const group = groupOf(point.row);
    groups.set(group, [...(groups.get(group) ?? []), of(point, index)]);
  });
  return [...groups.values()].map(average);
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The same points as arrays. */
export function asPredicted(points: readonly HeldOutPoint[]): Predicted {
  return {
    value: points.map(({ value }) => value),
    mean: points.map(({ mean }) => mean),
    sigma: points.map(({ sigma }) => sigma),
  };
}
