import { betaDistribution, type Distribution } from './beta.ts';
import type { Arm, CandidateFact, EvaluationFact, LabelFact, ModelFact } from './facts.ts';
import type { Judgement } from './judgement.ts';
import { FORMATION_ENERGY } from './objective.ts';

/** What was measured of a campaign, from its facts alone. */

/** Labels of one arm and the discoveries among them. */
export interface Counts {
  readonly labels: number;
  readonly discoveries: number;
}

/** A figure with its 90 % credible interval; a null end is unbounded, a null value is not a finite number. */
export interface Estimate {
  readonly value: number | null;
  readonly low: number;
  readonly high: number | null;
}

/** Discoveries after each label of an arm, starting at 0 of 0; each arm is judged as if it had been alone. */
export type Curve = readonly Counts[];

export function discoveryCurve(
  labels: readonly LabelFact[],
  judgements: readonly Judgement[],
  arm: Arm,
): Curve {
  const discovered = new Set(judgements.filter(({ firstInArm }) => firstInArm).map(({ key }) => key));
  const curve: Counts[] = [{ labels: 0, discoveries: 0 }];
  let discoveries = 0;
  for (const label of labels) {
    if (label.arm !== arm) continue;
    if (discovered.has(label._id)) discoveries++;
    curve.push({ labels: curve.length, discoveries });
  }
  return curve;
}

export function countArm(labels: readonly LabelFact[], judgements: readonly Judgement[], arm: Arm): Counts {
  return discoveryCurve(labels, judgements, arm).at(-1) ?? { labels: 0, discoveries: 0 };
}

/**
 * Discoveries per label, with the equal-tailed 90 % interval of the Jeffreys posterior Beta(k + ½, n − k + ½), closed
 * at 0 and 1 where no label or every label was one (Brown, Cai and DasGupta, Stat. Sci. 16, 101 (2001)).
 * Null without a label.
 */
export function hitRate({
  labels,
  discoveries,
}: Counts): { value: number; low: number; high: number } | null {
  if (labels === 0) return null;
  const posterior = jeffreys({ labels, discoveries });
  return {
    value: discoveries / labels,
    low: discoveries === 0 ? 0 : posterior.quantile(0.05),
    high: discoveries === labels ? 1 : posterior.quantile(0.95),
  };
}

/** The inverse of the hit rate; value and high are null when there was no discovery. Null without a label. */
export function labelsPerDiscovery(counts: Counts): Estimate | null {
  const rate = hitRate(counts);
  if (!rate) return null;
  return {
    value: rate.value > 0 ? 1 / rate.value : null,
    low: 1 / rate.high,
    high: rate.low > 0 ? 1 / rate.low : null,
  };
}

/**
 * How many times faster the model arm discovers: the ratio of the two hit rates, with the equal-tailed 90 % interval of
 * the ratio under independent Jeffreys posteriors (by quadrature, no sampling). Without a control discovery the value
 * and the upper end are null and `low` still holds. Null when an arm has no label.
 */
export function acceleration(model: Counts, control: Counts): Estimate | null {
  if (model.labels === 0 || control.labels === 0) return null;
  const modelRate = jeffreys(model);
  const controlRate = jeffreys(control);
  const controlRates = Array.from({ length: POINTS }, (_, i) => controlRate.quantile((i + 0.5) / POINTS));
  const quantile = (probability: number): number => {
    let [low, high] = [-12, 12]; // powers of ten
    for (let i = 0; i < 36; i++) {
      const middle = (low + high) / 2;
      const below = controlRates.reduce((sum, rate) => sum + modelRate.cdf(rate * 10 ** middle), 0) / POINTS;
      if (below < probability) low = middle;
      else high = middle;
    }
    return 10 ** ((low + high) / 2);
  };
  const low = model.discoveries === 0 ? 0 : quantile(0.05);
  if (control.discoveries === 0) return { value: null, low, high: null };
  const value = model.discoveries / model.labels / (control.discoveries / control.labels);
  return { value, low: Math.min(low, value), high: Math.max(quantile(0.95), value) };
}

/** Points of the quadrature over the control arm's posterior: the interval's ends are good to three digits. */
const POINTS = 200;

/** One surrogate version's skill on one target: held out by composition, and on the labels it chose. */
export interface VersionFigures {
  readonly version: number;
  readonly promoted: boolean;
  readonly target: string;
  /** Labels it was trained and tested on. */
  readonly labels: number;
  readonly heldOut: {
    readonly count: number;
    readonly mae: number;
    readonly coverage90: number;
    readonly miscalibrationArea: number;
    readonly conformal90?: { readonly factor: number; readonly coverage: number };
  };
  /** Of labels that this version chose; biased towards what it believed in. Null when it chose none. */
  readonly atSelection: { readonly count: number; readonly mae: number; readonly coverage90: number } | null;
  readonly baselines: readonly { readonly name: string; readonly mae: number }[];
}

export function figuresByVersion(
  models: readonly ModelFact[],
  labels: readonly LabelFact[],
  judgements: readonly Judgement[],
): readonly VersionFigures[] {
  const predicted = predictedLabels(labels, judgements);
  return models
    .filter((model) => model.kind === 'surrogate')
    .toSorted((first, second) => first.version - second.version)
    .flatMap((model) =>
      model.heldOut.map((figures) => {
        const chosen = predicted.filter(
          ({ label, target }) => label.modelVersion === model.version && target === figures.target,
        );
        return {
          version: model.version,
          promoted: model.promoted,
          target: figures.target,
          labels: model.labels,
          heldOut: figures,
          atSelection: chosen.length === 0 ? null : predictionFigures(chosen),
          baselines: model.baselines.filter((baseline) => baseline.target === figures.target),
        };
      }),
    );
}

/** A label beside what had been predicted of it, for one target. */
export interface PredictedLabel {
  readonly label: LabelFact;
  readonly target: string;
  readonly value: number;
  readonly mean: number;
  readonly sigma: number;
}

/**
 * Every label with what its choosing model had predicted. A predicted formation energy is compared with the label's
 * formation energy as judged, every other target with the value of the same name.
 */
export function predictedLabels(
  labels: readonly LabelFact[],
  judgements: readonly Judgement[],
): readonly PredictedLabel[] {
  const judged = new Map(judgements.map((judgement) => [judgement.key, judgement]));
  return labels.flatMap((label) =>
    Object.entries(label.predicted ?? {}).flatMap(([target, { mean, sigma }]) => {
      const value = computedValue(target, label, judged.get(label._id) ?? null);
      return value === null ? [] : [{ label, target, value, mean, sigma }];
    }),
  );
}

/** What a label says of a surrogate's target; null where it says nothing. */
export function computedValue(target: string, label: LabelFact, judgement: Judgement | null): number | null {
  const formation = target === FORMATION_ENERGY ? judgement?.formationEnergyEvPerAtom : null;
  return label.values[target]?.value ?? formation ?? null;
}

function predictionFigures(points: readonly PredictedLabel[]): {
  count: number;
  mae: number;
  coverage90: number;
} {
  const errors = points.map(({ value, mean }) => Math.abs(value - mean));
  const covered = points.filter(({ sigma }, i) => (errors[i] ?? 0) <= Z90 * sigma).length;
  return {
    count: points.length,
    mae: errors.reduce((sum, error) => sum + error, 0) / points.length,
    coverage90: covered / points.length,
  };
}

/** Half width of the central 90 % interval of a normal distribution, in standard deviations. */
export const Z90 = 1.6448536269514722;

export interface SpendLedger {
  readonly coreSeconds: Readonly<Record<EvaluationFact['status'], number>>;
  readonly evaluations: Readonly<Record<EvaluationFact['status'], number>>;
  readonly trainSeconds: number;
  /** From the first evaluation's start to the last one's end, s. */
  readonly wallSeconds: number;
}

export function spendLedger(
  evaluations: readonly EvaluationFact[],
  models: readonly ModelFact[],
): SpendLedger {
  const coreSeconds = { succeeded: 0, failed: 0, rejected: 0 };
  const counts = { succeeded: 0, failed: 0, rejected: 0 };
  let [first, last] = [Infinity, -Infinity];
  for (const evaluation of evaluations) {
    coreSeconds[evaluation.status] += evaluation.coreSeconds;
    counts[evaluation.status]++;
    first = Math.min(first, Date.parse(evaluation.startedAt));
    last = Math.max(last, Date.parse(evaluation.endedAt));
  }
  return {
    coreSeconds,
    evaluations: counts,
    trainSeconds: models.reduce((sum, model) => sum + model.trainSeconds, 0),
    wallSeconds: evaluations.length === 0 ? 0 : (last - first) / 1000,
  };
}

export interface GeneratorYield {
  readonly generator: string;
  readonly proposed: number;
  readonly labelled: number;
  readonly discoveries: number;
}

/** Per generator in order of name; references are no generator's merit and are left out. */
export function yieldByGenerator(
  candidates: readonly CandidateFact[],
  labels: readonly LabelFact[],
  judgements: readonly Judgement[],
): readonly GeneratorYield[] {
  const discovered = discoveredKeys(judgements);
  const references = new Set(
    labels.filter((label) => label.arm === 'reference').map((label) => label.candidateId),
  );
  const proposed = candidates.filter((candidate) => !references.has(candidate._id));
  const labelled = labels.filter((label) => label.arm !== 'reference');
  const names = new Set([...proposed, ...labelled].map(({ generator }) => generator));
  return [...names].toSorted().map((generator) => {
    const own = labelled.filter((label) => label.generator === generator);
    return {
      generator,
      proposed: proposed.filter((candidate) => candidate.generator === generator).length,
      labelled: own.length,
      discoveries: own.filter((label) => discovered.has(label._id)).length,
    };
  });
}

function discoveredKeys(judgements: readonly Judgement[]): ReadonlySet<string> {
  return new Set(judgements.filter((judgement) => judgement.discovery).map((judgement) => judgement.key));
}

/** Posterior of a rate under Jeffreys' prior. */
function jeffreys({ labels, discoveries }: Counts): Distribution {
  return betaDistribution(discoveries + 0.5, labels - discoveries + 0.5);
}
