import { createHash } from 'node:crypto';
import type { Backend } from '../backend.ts';
import { fitRecalibration } from '../calibration.ts';
import { CheckpointError } from '../checkpoint.ts';
import type { CheckpointCard } from '../checkpoint.ts';
import type { HeldOutPoint, TrainSurrogateJob } from '../service.ts';
import { sitesOf } from '../sites.ts';
import type { Sites } from '../sites.ts';
import { Course } from './course.ts';
import { startFromBase } from './ensemble.ts';
import type { Ensemble } from './ensemble.ts';
import { fit } from './fit.ts';
import { initialParameters } from './parameters.ts';
import type { Architecture } from './parameters.ts';
import { predictMembers } from './prediction.ts';
import { calibratePresence } from './presence.ts';
import type { MemberPredictions } from './prediction.ts';
import { splitByGroup } from './split.ts';
import type { Split } from './split.ts';
import { asEnsemble, honestError, honestResiduals, omittedPoints, omittedRows } from './omitted.ts';
import { readSurrogate } from './surrogate.ts';
import type { Surrogate } from './surrogate.ts';
import { kindOf, labelsOf, scaleOf, standardise, zerosOf } from './targets.ts';
import type { TargetKind, TargetScale } from './targets.ts';

/** Width and depth of a network that starts from nothing. */
export const DEFAULT_SIZES = { width: 96, layers: 3 } as const;

/** Thrown when a training job cannot be done as it is given. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
}

/** A network ensemble trained and calibrated on rows, and what the comparison with other models needs of it. */
export interface TrainedEnsemble {
  readonly ensemble: Ensemble;
  /** What it started from; null when it started from nothing. */
  readonly base: Base | null;
  readonly split: Split;
  /** The rows it learned from. */
  readonly training: readonly number[];
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
  const base = job.base === null ? null : await readBase(job.base);
  const features = rows.map(({ crystal }) => sitesOf(crystal));
  const groups = rows.map(({ group }) => group);
  const split = splitByGroup(groups, { members, seed });
  const training = split.training.length > 0 ? split.training : rows.map((_, row) => row);
  const columns = targets.map((target, column) => {
    const known = knownTarget(base, target);
    const values = training.map((row) => rows[row]?.values[column] ?? null).filter((value) => value !== null);
    const kind = known?.kind ?? kindOf(values);
    return { kind, scale: scaleOf(values, kind) ?? known?.scale ?? { mean: 0, deviation: 1 } };
  });
  const [kinds, scales] = [columns.map(({ kind }) => kind), columns.map(({ scale }) => scale)];
  const start =
    base === null
      ? fromNothing(targets.length, { members, seed })
      : startFromBase(base.surrogate.ensemble, { targets, scales, members, seed });
  const values = standardise(
    rows.map((row) => row.values),
    scales,
  );
  const zeros = zerosOf(kinds, scales);
  const { architecture } = start;
  const found = await trainMembers(tf, { ...start, job, features, split, training, values, zeros, progress });
  const trained = withCalibratedPresence(tf, found, { architecture, features, split, values, zeros });
  const recalibrations = scales.map(({ deviation }, target) => {
    const residuals = honestResiduals(trained.honest, { split, values, target, targets: targets.length });
    const { scale, floor } = fitRecalibration(asEnsemble(residuals, members));
    return { scale, floor: floor * deviation };
  });
  const ensemble: Ensemble = {
    architecture,
    members,
    targets,
    weights: trained.weights,
    kinds,
    scales,
    recalibrations,
  };
  const omitted = targets.flatMap((target, column) =>
    omittedPoints(trained.honest, { split, rows, column, target, ensemble }),
  );
  return { ensemble, base, split, training, omitted };
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
  readonly features: readonly Sites[];
  readonly split: Split;
  readonly training: readonly number[];
  readonly values: Float32Array;
  readonly zeros: readonly (number | null)[];
  readonly progress: (detail: string) => void;
}

/** The trained weights with their probabilities calibrated on omitted rows, where a target has any. */
function withCalibratedPresence(
  tf: Backend['tf'],
  { weights, honest }: { weights: Float32Array; honest: MemberPredictions },
  {
    architecture,
    features,
    split,
    values,
    zeros,
  }: Pick<TrainMembers, 'architecture' | 'features' | 'split' | 'values' | 'zeros'>,
): { weights: Float32Array; honest: MemberPredictions } {
  if (zeros.every((zero) => zero === null)) return { weights, honest };
  const { targets } = architecture;
  const omitted = omittedRows(split);
  const { present } = labelsOf(values, zeros);
  const calibrated = calibratePresence(architecture, weights, {
    predictions: honest,
    present: Float32Array.from(
      omitted.flatMap((row) => [...present.subarray(row * targets, (row + 1) * targets)]),
    ),
    membersOf: (crystal) => split.omittedBy[omitted[crystal] as number] as readonly number[],
  });
  const crystals = omitted.map((row) => features[row] as Sites);
  return {
    weights: calibrated,
    honest: predictMembers(tf, architecture, { weights: calibrated, crystals, zeros }),
  };
}

/** Trains, keeping the averaged weights of the epoch that does best on omitted rows, and its predictions of these. */
async function trainMembers(
  tf: Backend['tf'],
  options: TrainMembers,
): Promise<{ weights: Float32Array; honest: MemberPredictions }> {
  const { architecture, job, features, split, training, values, zeros, progress } = options;
  const { members, seed } = job;
  const sitesIn = (row: number): number => (features[row] as Sites).shares.length;
  const rowsOfMember = Array.from({ length: members }, (_, member) => {
    const own = training.filter((row) => !split.omittedBy[row]?.includes(member));
    return own.length > 0 ? own : training;
  });
  const omitted = omittedRows(split);
  const omittedFeatures = omitted.map((row) => features[row] as Sites);
  const plan = trainingPlan(training.length, { largest: Math.max(...training.map(sitesIn)) });
  const predict = (weights: Float32Array): MemberPredictions =>
    predictMembers(tf, architecture, { weights, crystals: omittedFeatures, zeros });
  const errorOf = (honest: MemberPredictions): number | null =>
    honestError(honest, { split, values, targets: architecture.targets });
  const course = new Course({
    of: fingerprint(options, plan),
    start: options.weights,
    epochs: plan.epochs,
    keep: job.keep,
  });
  await fit(tf, {
    architecture,
    members,
    from: course.from,
    featuresOf: (row) => features[row] as Sites,
    sitesOf: sitesIn,
    labels: labelsOf(values, zeros),
    rowsOfMember,
    ...plan,
    epochs: course.epochs,
    // perov_5, 300 labels: a body that learned at a third of this rate, or stood still, left 4 to 14 % more error.
    learningRate: job.base === null ? 1e-2 : 5e-3,
    weightDecay: 0.02,
    seed,
    onEpoch: (epoch, { loss, weights, state }) => {
      if (!Number.isFinite(loss)) {
        throw new TrainingError(
          `the loss is ${loss} after epoch ${epoch}: look for extreme values among the labels of ${job.targets.join(', ')}`,
        );
      }
      if (epoch % plan.lookEvery === 0 || epoch === plan.epochs) {
        const error = errorOf(predict(weights));
        course.look(weights, error);
        progress(
          `epoch ${epoch} of ${plan.epochs}, loss ${loss.toFixed(3)}` +
            (error === null ? '' : `, error on omitted rows ${error.toFixed(3)} of the spread`),
        );
      }
      return course.endEpoch(epoch, state);
    },
  });
  const weights = course.bestWeights;
  return { weights, honest: predict(weights) };
}

/** A hash of everything that decides how a training goes, the starting weights among it. */
function fingerprint({ weights, job }: TrainMembers, plan: object): string {
  const { rows, targets, members, seed } = job;
  return createHash('sha256')
    .update(JSON.stringify({ rows, targets, members, seed, plan, fromBase: job.base !== null }))
    .update(new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength))
    .digest('hex');
}

/** Epochs and batch size for so many rows: about 300 steps of small batches for few labels or many sites. */
function trainingPlan(
  rows: number,
  { largest }: { largest: number },
): { epochs: number; batchSize: number; lookEvery: number } {
  const fitting = Math.max(1, Math.floor(20_000 / largest ** 2));
  const batchSize = Math.min(48, fitting, Math.max(4, Math.ceil(rows / 25)));
  const stepsPerEpoch = Math.ceil((0.75 * rows) / batchSize);
  const epochs = Math.min(40, Math.max(15, Math.round(300 / stepsPerEpoch)));
  return { epochs, batchSize, lookEvery: Math.max(1, Math.round(epochs / 10)) };
}

/** A surrogate whose network others start from. */
export interface Base {
  readonly surrogate: Extract<Surrogate, { kind: 'network' }>;
  readonly card: CheckpointCard;
}

/** Reads a base. Throws CheckpointError when it cannot be read, or holds no network. */
export async function readBase(path: string): Promise<Base> {
  const { surrogate, card } = await readSurrogate(path);
  if (surrogate.kind === 'network') return { surrogate, card };
  throw new CheckpointError(path, 'it holds simple models, not a network', 'give the path of a network');
}

/** What a base knows of a target; null when it does not, or there is no base. */
function knownTarget(base: Base | null, target: string): { kind: TargetKind; scale: TargetScale } | null {
  const ensemble = base?.surrogate.ensemble ?? null;
  const column = ensemble?.targets.indexOf(target) ?? -1;
  if (ensemble === null || column < 0) return null;
  return { kind: ensemble.kinds[column] as TargetKind, scale: ensemble.scales[column] as TargetScale };
}
