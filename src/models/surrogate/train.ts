import { createHash } from 'node:crypto';
import type { Backend } from '../backend.ts';
import { METHOD_NAMES } from '../baselines/methods.ts';
import { trainSimpleModels } from '../baselines/train.ts';
import type { SimpleModels } from '../baselines/train.ts';
import { scoreSimple } from '../baselines/simple-surrogate.ts';
import { fitRecalibration } from '../calibration.ts';
import type { Predicted, Recalibration } from '../calibration.ts';
import type { CheckpointCard } from '../checkpoint.ts';
import { CheckpointError } from '../checkpoint.ts';
import { checkData } from '../data-checks/data-checks.ts';
import { pairFeatures } from '../pair-features.ts';
import type { PairFeatures } from '../pair-features.ts';
import type { HeldOutPoint, Scores, SurrogateReport, TrainSurrogateJob, TrainingRow } from '../service.ts';
import { choose, compare, measure } from './comparison.ts';
import { readEnsemble, scoreFeatures, startFromBase } from './ensemble.ts';
import type { Ensemble, TargetScale } from './ensemble.ts';
import { fit } from './fit.ts';
import { freshState } from './optimiser.ts';
import { initialParameters } from './parameters.ts';
import type { Architecture } from './parameters.ts';
import { combine, predictMembers } from './prediction.ts';
import type { MemberPredictions } from './prediction.ts';
import { splitByGroup } from './split.ts';
import type { Split } from './split.ts';
import { readSurrogate, scoreSurrogate, targetsOf, writeSurrogate } from './surrogate.ts';
import type { Surrogate } from './surrogate.ts';

/** Width and depth of a network that starts from nothing. */
export const DEFAULT_SIZES = { width: 64, layers: 3 } as const;

/** Thrown when a training job cannot be done as it is given. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
}

/** A network ensemble trained and calibrated on rows, and what the comparison with other models needs of it. */
export interface TrainedEnsemble {
  readonly ensemble: Ensemble;
  /** Of the base that it started from; null when it started from nothing. */
  readonly baseCard: CheckpointCard | null;
  readonly split: Split;
  /** The rows it learned from. */
  readonly training: readonly number[];
  /** Of every row. */
  readonly features: readonly PairFeatures[];
  /** Each training row that some members omitted, by these members alone; calibrated, in the targets' units. */
  readonly omitted: readonly HeldOutPoint[];
}

/**
 * Trains an ensemble on the rows that are not held out, and calibrates it on rows its members omitted. Throws
 * TrainingError for rows that cannot train anything, CheckpointError for a base that cannot be used.
 */
export async function trainEnsemble(
  { tf }: Backend,
  job: TrainSurrogateJob,
  progress: (detail: string) => void,
): Promise<TrainedEnsemble> {
  requireTrainable(job);
  const { rows, targets, members, seed } = job;
  const base = job.base === null ? null : await readEnsemble(job.base);
  const features = rows.map(({ crystal }) => pairFeatures(crystal));
  const groups = rows.map(({ group }) => group);
  const split = splitByGroup(groups, { members, seed });
  const training = split.training.length > 0 ? split.training : rows.map((_, row) => row);
  const scales = targetScales(rows, { training, targets });
  const start =
    base === null
      ? fromNothing(targets.length, { members, seed })
      : startFromBase(base.ensemble, { targets, scales, members, seed });
  const values = standardisedValues(rows, scales);
  const trained = await trainMembers(tf, { ...start, job, features, split, training, values, progress });
  const recalibrations = scales.map(({ deviation }, target) => {
    const residuals = honestResiduals(trained.honest, { split, values, target, targets: targets.length });
    const { scale, floor } = fitRecalibration(asEnsemble(residuals, members));
    return { scale, floor: floor * deviation };
  });
  const ensemble: Ensemble = {
    architecture: start.architecture,
    members,
    targets,
    weights: trained.weights,
    scales,
    recalibrations,
  };
  const omitted = targets.flatMap((target, column) =>
    omittedPoints(trained.honest, { split, rows, column, target, ensemble }),
  );
  return { ensemble, baseCard: base?.card ?? null, split, training, features, omitted };
}

/**
 * One round: looks through the rows and sets aside what cannot be right; trains an ensemble and, beside it, simple
 * models on what is left; takes whichever does better on rows that neither had seen, compares it with the champion on
 * the held-out rows and writes it to `job.output`, promoted or not. Throws as `trainEnsemble`, and CheckpointError for
 * a champion that cannot be used.
 */
export async function trainSurrogate(
  backend: Backend,
  job: TrainSurrogateJob,
  progress: (detail: string) => void,
): Promise<SurrogateReport> {
  const { tf } = backend;
  const started = performance.now();
  const { targets, seed } = job;
  const { rows, findings } = checkData(job.rows, targets);
  const champion = job.champion === null ? null : (await readSurrogate(job.champion)).surrogate;
  if (champion !== null && targetsOf(champion).join() !== targets.join()) {
    throw new CheckpointError(
      job.champion as string,
      `it predicts ${targetsOf(champion).join(', ')}, the job trains ${targets.join(', ')}`,
      'compare models of the same targets, or give no champion',
    );
  }
  const trained = await trainEnsemble(backend, { ...job, rows }, progress);
  const { ensemble, baseCard, split, training, features, omitted } = trained;
  const groups = rows.map(({ group }) => group);
  const { fits, best } = await trainSimpleModels({ rows, targets, training, seed, progress });
  const heldOutFeatures = split.heldOut.map((row) => features[row] as PairFeatures);
  const heldOutCrystals = split.heldOut.map((row) => (rows[row] as TrainingRow).crystal);
  const pointsOf = (scores: Scores): HeldOutPoint[] => heldOutPoints(rows, { split, scores });
  const ofNetwork = pointsOf(scoreFeatures(tf, ensemble, heldOutFeatures));
  const ofSimple = best === null ? [] : pointsOf(scoreSimple(best.surrogate, heldOutCrystals));
  const outOfFold = targets.flatMap((target, column) =>
    (best?.fits[column]?.outOfFold ?? []).map((point) => ({ target, ...point })),
  );
  const choice = choose(
    { name: ['the network'], heldOut: ofNetwork, omitted },
    {
      name: best?.fits.map(({ method }) => method) ?? [],
      heldOut: ofSimple,
      omitted: outOfFold,
    },
    (row) => groups[row] as string,
  );
  const [surrogate, own, unseen]: [Surrogate, HeldOutPoint[], readonly HeldOutPoint[]] =
    best !== null && choice.takes === 'simple'
      ? [{ kind: 'simple', model: best.surrogate }, ofSimple, outOfFold]
      : [{ kind: 'network', ensemble }, ofNetwork, omitted];
  const others = champion && pointsOf(scoreSurrogate(tf, champion, heldOutCrystals));
  const metricsOf = (
    points: readonly HeldOutPoint[],
    ofUnseen: readonly HeldOutPoint[] = [],
  ): SurrogateReport['challenger'] =>
    targets.map((target) => {
      const isOfTarget = (point: HeldOutPoint): boolean => point.target === target;
      return measure(points.filter(isOfTarget), ofUnseen.filter(isOfTarget));
    });
  const challenger = metricsOf(own, unseen);
  const verdict =
    others === null ? firstModel(own.length) : compare(own, others, (row) => groups[row] as string);
  await writeSurrogate(job.output, surrogate, {
    trainingData: { sha256: hashRows(rows), rows: rows.length, description: 'labels of a campaign' },
    metrics: Object.fromEntries(targets.map((target, index) => [target, challenger[index]])),
    ...provenanceOf(surrogate.kind === 'network' ? baseCard : null),
  });
  return {
    checkpoint: job.output,
    challenger,
    champion: others && metricsOf(others),
    promote: verdict.promote,
    reason: `${verdict.reason}; ${choice.reason}`,
    heldOut: own,
    baselines: [
      { name: 'network', mae: metricsOf(ofNetwork).map((metrics) => metrics?.mae ?? null) },
      ...simpleErrors(fits),
    ],
    findings,
    trainSeconds: (performance.now() - started) / 1000,
    backend: backend.description,
  };
}

/** What a model owes to the base it started from; null when it started from nothing. */
function provenanceOf(
  base: CheckpointCard | null,
): Pick<CheckpointCard, 'parents' | 'licence' | 'attribution'> {
  return base === null
    ? { parents: [], licence: 'the owner of the labels decides', attribution: '' }
    : { parents: [base.sha256], licence: base.licence, attribution: base.attribution };
}

/** Held-out mean absolute error of each simple model, per target. */
function simpleErrors(fits: SimpleModels['fits']): { name: string; mae: (number | null)[] }[] {
  return METHOD_NAMES.map((name) => ({
    name,
    mae: fits.map((ofTarget) => {
      const points = ofTarget.find(({ method }) => method === name)?.heldOut ?? [];
      if (points.length === 0) return null;
      return points.reduce((sum, { value, mean }) => sum + Math.abs(value - mean), 0) / points.length;
    }),
  }));
}

function requireTrainable({ rows, targets, members }: TrainSurrogateJob): void {
  if (!(Number.isInteger(members) && members > 0)) {
    throw new TrainingError(`cannot train ${members} members: give a positive integer`);
  }
  if (rows.length === 0)
    throw new TrainingError('there are no rows to train on: evaluate some candidates first');
  targets.forEach((target, index) => {
    const bad = rows.find(({ values }) => !Number.isFinite(values[index] ?? 0));
    if (bad) {
      throw new TrainingError(
        `${target} of a row of ${bad.group} is ${bad.values[index]}: give a finite number, or null where it was not measured`,
      );
    }
    const known = rows.filter(({ values }) => (values[index] ?? null) !== null);
    if (known.length === 0) throw new TrainingError(`no row has a value of ${target}: drop the target`);
  });
}

function fromNothing(
  targets: number,
  { members, seed }: { members: number; seed: number },
): { architecture: Architecture; weights: Float32Array } {
  const architecture = { ...DEFAULT_SIZES, targets };
  return { architecture, weights: initialParameters(architecture, members, seed) };
}

interface TrainMembers {
  readonly architecture: Architecture;
  readonly weights: Float32Array;
  readonly job: TrainSurrogateJob;
  readonly features: readonly PairFeatures[];
  readonly split: Split;
  readonly training: readonly number[];
  readonly values: Float32Array;
  readonly progress: (detail: string) => void;
}

/** Trains, keeping the averaged weights of the epoch that does best on omitted rows, and its predictions of these. */
async function trainMembers(
  tf: Backend['tf'],
  options: TrainMembers,
): Promise<{ weights: Float32Array; honest: MemberPredictions }> {
  const { architecture, job, features, split, training, values, progress } = options;
  const { members, seed } = job;
  const atomsOf = (row: number): number => (features[row] as PairFeatures).atomicNumbers.length;
  const rowsOfMember = Array.from({ length: members }, (_, member) => {
    const own = training.filter((row) => !split.omittedBy[row]?.includes(member));
    return own.length > 0 ? own : training;
  });
  const omitted = omittedRows(split);
  const omittedFeatures = omitted.map((row) => features[row] as PairFeatures);
  const plan = trainingPlan(training.length, { largest: Math.max(...training.map(atomsOf)) });
  let best = { error: Infinity, weights: options.weights, honest: null as MemberPredictions | null };
  let withoutGain = 0;
  await fit(tf, {
    architecture,
    members,
    from: { epoch: 0, state: freshState(options.weights) },
    featuresOf: (row) => features[row] as PairFeatures,
    atomsOf,
    values,
    rowsOfMember,
    ...plan,
    // The body learns at the heads' rate: half of it left 8 % more error (perov_5, 300 labels, one seed).
    learningRate: job.base === null ? 3e-3 : 5e-3,
    weightDecay: 0.02,
    seed,
    onEpoch: (epoch, { loss, weights }) => {
      if (epoch % plan.lookEvery !== 0 && epoch !== plan.epochs) return 'go on';
      const honest = predictMembers(tf, architecture, { weights, crystals: omittedFeatures });
      const error = honestError(honest, { split, values, targets: architecture.targets });
      progress(
        `epoch ${epoch} of ${plan.epochs}, loss ${loss.toFixed(3)}` +
          (error === null ? '' : `, error on omitted rows ${error.toFixed(3)} of the spread`),
      );
      if (error === null || error < best.error) {
        best = { error: error ?? Infinity, weights, honest };
        withoutGain = 0;
      } else if (++withoutGain >= 5) {
        return 'stop';
      }
      return 'go on';
    },
  });
  return { weights: best.weights, honest: best.honest as MemberPredictions };
}

/** Epochs and batch size for so many rows: about 150 steps, small batches for few labels or large cells. */
function trainingPlan(
  rows: number,
  { largest }: { largest: number },
): { epochs: number; batchSize: number; lookEvery: number } {
  const fitting = Math.max(4, Math.floor(4096 / largest ** 2));
  const batchSize = Math.min(48, fitting, Math.max(4, Math.ceil(rows / 6)));
  const stepsPerEpoch = Math.ceil((0.75 * rows) / batchSize);
  const epochs = Math.min(40, Math.max(15, Math.round(150 / stepsPerEpoch)));
  return { epochs, batchSize, lookEvery: Math.max(1, Math.round(epochs / 10)) };
}

function omittedRows(split: Split): number[] {
  return split.training.filter((row) => (split.omittedBy[row] as readonly number[]).length > 0);
}

/** Predictions of rows by the members that omitted them, and how much these differ from one another. */
interface HonestResiduals extends Predicted {
  /** Members behind each mean. */
  readonly members: readonly number[];
  /** Variance between these members. */
  readonly disagreement: readonly number[];
}

/** Values of the rows that some members omitted and what those members alone say, in standardised targets. */
function honestResiduals(
  predictions: MemberPredictions,
  { split, values, target, targets }: { split: Split; values: Float32Array; target: number; targets: number },
): HonestResiduals {
  const rows = omittedRows(split).flatMap((row, crystal) => {
    const value = values[row * targets + target] as number;
    const members = split.omittedBy[row] as readonly number[];
    return Number.isNaN(value)
      ? []
      : [{ value, members: members.length, ...combine(predictions, { crystal, target, members }) }];
  });
  return {
    value: rows.map(({ value }) => value),
    mean: rows.map(({ mean }) => mean),
    sigma: rows.map(({ sigma }) => sigma),
    members: rows.map(({ members }) => members),
    disagreement: rows.map(({ disagreement }) => disagreement),
  };
}

/** Training rows of one target by the members that omitted them, calibrated, in the target's unit. */
function omittedPoints(
  predictions: MemberPredictions,
  {
    split,
    rows,
    column,
    target,
    ensemble,
  }: { split: Split; rows: readonly TrainingRow[]; column: number; target: string; ensemble: Ensemble },
): HeldOutPoint[] {
  const { mean, deviation } = ensemble.scales[column] as TargetScale;
  const { scale, floor } = ensemble.recalibrations[column] as Recalibration;
  return omittedRows(split).flatMap((row, crystal) => {
    const value = rows[row]?.values[column] ?? null;
    if (value === null) return [];
    const members = split.omittedBy[row] as readonly number[];
    const combined = combine(predictions, { crystal, target: column, members });
    const sigma = scale * deviation * combined.sigma + floor;
    return [{ target, row, value, mean: mean + deviation * combined.mean, sigma }];
  });
}

/**
 * Residuals as the whole ensemble would have left them: the mean of k members carries 1/k of their disagreement, that
 * of all members less, so the residuals shrink by what averaging more members takes from their mean square.
 */
function asEnsemble(
  { value, mean, sigma, members: averaged, disagreement }: HonestResiduals,
  members: number,
): Predicted {
  const square = value.reduce((sum, y, i) => sum + (y - (mean[i] as number)) ** 2, 0);
  const excess = disagreement.reduce((sum, d, i) => sum + d * (1 / (averaged[i] as number) - 1 / members), 0);
  const shrink = square === 0 ? 1 : Math.sqrt(Math.max(0.25, 1 - excess / square));
  return {
    value: value.map((y, i) => (mean[i] as number) + shrink * (y - (mean[i] as number))),
    mean,
    sigma,
  };
}

function honestError(
  predictions: MemberPredictions,
  { split, values, targets }: { split: Split; values: Float32Array; targets: number },
): number | null {
  let [sum, count] = [0, 0];
  for (let target = 0; target < targets; target++) {
    const { value, mean } = honestResiduals(predictions, { split, values, target, targets });
    value.forEach((y, i) => (sum += Math.abs(y - (mean[i] as number))));
    count += value.length;
  }
  return count === 0 ? null : sum / count;
}

function targetScales(
  rows: readonly TrainingRow[],
  { training, targets }: { training: readonly number[]; targets: readonly string[] },
): TargetScale[] {
  return targets.map((_, target) => {
    const known = training.map((row) => rows[row]?.values[target] ?? null).filter((value) => value !== null);
    if (known.length === 0) return { mean: 0, deviation: 1 };
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length;
    return { mean, deviation: Math.sqrt(variance) || 1 };
  });
}

/** [rows, targets], NaN where not measured. */
function standardisedValues(rows: readonly TrainingRow[], scales: readonly TargetScale[]): Float32Array {
  return Float32Array.from(
    rows.flatMap(({ values }) =>
      scales.map(({ mean, deviation }, target) => ((values[target] ?? NaN) - mean) / deviation),
    ),
  );
}

function heldOutPoints(
  rows: readonly TrainingRow[],
  { split, scores }: { split: Split; scores: Scores },
): HeldOutPoint[] {
  return split.heldOut.flatMap((row, index) =>
    scores.targets.flatMap((target, column) => {
      const value = rows[row]?.values[column] ?? null;
      const at = index * scores.targets.length + column;
      if (value === null) return [];
      return [{ target, row, value, mean: scores.mean[at] as number, sigma: scores.sigma[at] as number }];
    }),
  );
}

function firstModel(points: number): { promote: boolean; reason: string } {
  return {
    promote: true,
    reason: `promoted: the first model (${points} held-out values, no champion to compare with)`,
  };
}

function hashRows(rows: readonly TrainingRow[]): string {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(JSON.stringify(row));
  return hash.digest('hex');
}
