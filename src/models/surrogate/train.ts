import { createHash } from 'node:crypto';
import type { Backend } from '../backend.ts';
import { measureBaselines } from '../baselines/baselines.ts';
import { fitRecalibration } from '../calibration.ts';
import type { Predicted } from '../calibration.ts';
import { CheckpointError } from '../checkpoint.ts';
import { pairFeatures } from '../pair-features.ts';
import type { PairFeatures } from '../pair-features.ts';
import type { HeldOutPoint, Scores, SurrogateReport, TrainSurrogateJob, TrainingRow } from '../service.ts';
import { compare, measure } from './comparison.ts';
import { readEnsemble, scoreFeatures, startFromBase, writeEnsemble } from './ensemble.ts';
import type { Ensemble, TargetScale } from './ensemble.ts';
import { fit } from './fit.ts';
import { freshState } from './optimiser.ts';
import { initialParameters } from './parameters.ts';
import type { Architecture } from './parameters.ts';
import { combine, predictMembers } from './prediction.ts';
import type { MemberPredictions } from './prediction.ts';
import { splitByGroup } from './split.ts';
import type { Split } from './split.ts';

/** Width and depth of a network that starts from nothing. */
export const DEFAULT_SIZES = { width: 64, layers: 3 } as const;

/** Thrown when a training job cannot be done as it is given. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
}

/**
 * Trains an ensemble on the rows, calibrates it on rows its members omitted, compares it with the champion on the
 * held-out rows and writes it to `job.output`, promoted or not. Throws TrainingError for rows that cannot train
 * anything, CheckpointError for a base or champion that cannot be used.
 */
export async function trainSurrogate(
  backend: Backend,
  job: TrainSurrogateJob,
  progress: (detail: string) => void,
): Promise<SurrogateReport> {
  const { tf } = backend;
  const started = performance.now();
  requireTrainable(job);
  const { rows, targets, members, seed } = job;
  const base = job.base === null ? null : await readEnsemble(job.base);
  const champion = job.champion === null ? null : await readEnsemble(job.champion);
  if (champion !== null && champion.ensemble.targets.join() !== targets.join()) {
    throw new CheckpointError(
      job.champion as string,
      `it predicts ${champion.ensemble.targets.join(', ')}, the job trains ${targets.join(', ')}`,
      'compare models of the same targets, or give no champion',
    );
  }
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

  const heldOutFeatures = split.heldOut.map((row) => features[row] as PairFeatures);
  const pointsOf = (scores: Scores): HeldOutPoint[] => heldOutPoints(rows, { split, scores });
  const own = pointsOf(scoreFeatures(tf, ensemble, heldOutFeatures));
  const others = champion && pointsOf(scoreFeatures(tf, champion.ensemble, heldOutFeatures));
  const metricsOf = (points: readonly HeldOutPoint[]): SurrogateReport['challenger'] =>
    targets.map((target) => measure(points.filter((point) => point.target === target)));
  const challenger = metricsOf(own);
  const { promote, reason } =
    others === null ? firstModel(own.length) : compare(own, others, (row) => groups[row] as string);
  await writeEnsemble(job.output, ensemble, {
    trainingData: { sha256: hashRows(rows), rows: rows.length, description: 'labels of a campaign' },
    metrics: Object.fromEntries(targets.map((target, index) => [target, challenger[index]])),
    parents: base === null ? [] : [base.card.sha256],
    licence: base === null ? 'the owner of the labels decides' : base.card.licence,
    attribution: base === null ? '' : base.card.attribution,
  });
  return {
    checkpoint: job.output,
    challenger,
    champion: others && metricsOf(others),
    promote,
    reason,
    heldOut: own,
    baselines: measureBaselines(rows, { training, heldOut: split.heldOut, targets: targets.length }),
    trainSeconds: (performance.now() - started) / 1000,
    backend: backend.description,
  };
}

function requireTrainable({ rows, targets, members }: TrainSurrogateJob): void {
  if (!(Number.isInteger(members) && members > 0)) {
    throw new TrainingError(`cannot train ${members} members: give a positive integer`);
  }
  if (rows.length === 0)
    throw new TrainingError('there are no rows to train on: evaluate some candidates first');
  targets.forEach((target, index) => {
    const known = rows.filter(({ values }) => Number.isFinite(values[index] ?? null));
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
      const honest = predictMembers(tf, architecture, { parameters: weights, crystals: omittedFeatures });
      const error = honestError(honest, { split, values, targets: architecture.targets });
      progress(
        `epoch ${epoch} of ${plan.epochs}, loss ${loss.toFixed(3)}` +
          (error === null ? '' : `, error on omitted rows ${error.toFixed(3)} of the spread`),
      );
      if (error === null || error < best.error) {
        best = { error: error ?? Infinity, weights: weights.dataSync() as Float32Array, honest };
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
