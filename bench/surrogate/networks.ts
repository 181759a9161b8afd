import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TensorFlow } from '../../src/models/backend.ts';
import type { Sites } from '../../src/models/sites.ts';
import { fit } from '../../src/models/surrogate/fit.ts';
import { freshState } from '../../src/models/surrogate/optimiser.ts';
import { type Architecture, initialParameters, memberSize } from '../../src/models/surrogate/parameters.ts';
import { combine, predictMembers } from '../../src/models/surrogate/prediction.ts';
import { labelsOf, scaleOf, standardise } from '../../src/models/surrogate/targets.ts';
import { readTrainingState, writeTrainingState } from '../../src/models/surrogate/training-state.ts';
import { Stopwatch } from '../stopwatch.ts';

/** Trainings of an hour are kept here after every epoch, and go on from there; without it they start anew. */
const KEPT_HOME = process.env['ASSAYER_BENCH_HOME'];

/** Networks that learn one value of many rows from nothing, all on the same rows. */
export interface Plan {
  readonly width: number;
  readonly layers: number;
  readonly members: number;
  readonly epochs: number;
}

export interface Training {
  /** Of every row. */
  readonly features: readonly Sites[];
  /** Of every row, in one unit. */
  readonly values: readonly number[];
  readonly training: readonly number[];
  readonly plan: Plan;
  /** Names the training where unfinished ones are kept; null keeps nothing. */
  readonly name: string | null;
}

/** What the networks say of some rows, in the values' unit. */
export interface Said {
  /** [members][rows] */
  readonly byMember: readonly (readonly number[])[];
  /** Mean of the members. */
  readonly mean: readonly number[];
  /** Total standard deviation, not calibrated. */
  readonly sigma: readonly number[];
}

export interface Epoch {
  readonly epoch: number;
  /** Training alone, up to now, since it was last taken up. */
  readonly clock: Readonly<Pick<Stopwatch, 'seconds' | 'coreSeconds'>>;
  predict(rows: readonly number[]): Said;
}

/** Trains, with a word after each epoch; what is done there is not timed. Gives the last epoch. */
export async function trainNetworks(
  tf: TensorFlow,
  { features, values, training, plan, name }: Training,
  onEpoch: (epoch: Epoch) => void = () => undefined,
): Promise<Epoch> {
  const { members, epochs, width, layers } = plan;
  const architecture: Architecture = { width, layers, targets: 1 };
  const size = members * memberSize(architecture);
  const scale = scaleOf(
    training.map((row) => values[row] as number),
    'value',
  );
  if (scale === null) throw new Error('there are no rows to train on');
  const mostSites = features.reduce((most, { shares }) => Math.max(most, shares.length), 1);
  const clock = new Stopwatch();
  const epochOf = (epoch: number, weights: Float32Array): Epoch => ({
    epoch,
    clock,
    predict: (rows) => {
      const crystals = rows.map((row) => features[row] as Sites);
      const raw = predictMembers(tf, architecture, { weights, crystals, zeros: [null] });
      const back = (x: number): number => scale.mean + scale.deviation * x;
      const all = Array.from({ length: members }, (_, member) => member);
      const combined = rows.map((_, crystal) => combine(raw, { crystal, target: 0, members: all }));
      return {
        byMember: all.map((member) =>
          rows.map((_, crystal) => back(raw.mean[member * rows.length + crystal] as number)),
        ),
        mean: combined.map(({ mean }) => back(mean)),
        sigma: combined.map(({ sigma }) => scale.deviation * sigma),
      };
    },
  });
  const path = name === null ? null : keptPath(`${name} ${Object.values(plan).join('-')}`);
  const kept = path === null ? null : readTrainingState(path, { epochs, size });
  let last = kept && epochOf(kept.epoch, kept.state.average);
  clock.start();
  await fit(tf, {
    architecture,
    members,
    from: kept ?? { epoch: 0, state: freshState(initialParameters(architecture, members, 1)) },
    featuresOf: (row) => features[row] as Sites,
    // Batches of any sizes: like with like, the rows of a batch would be of like chemistry too.
    sitesOf: () => mostSites,
    labels: labelsOf(
      standardise(
        values.map((value) => [value]),
        [scale],
      ),
      [null],
    ),
    rowsOfMember: Array.from({ length: members }, () => training),
    epochs,
    batchSize: 64,
    learningRate: 3e-3,
    weightDecay: 0.2,
    seed: 1,
    onEpoch: (epoch, now) => {
      clock.stop();
      if (path !== null) writeTrainingState(path, { epoch, epochs, state: now.state() });
      last = epochOf(epoch, now.weights);
      onEpoch(last);
      clock.start();
      return 'go on';
    },
  });
  if (last === null) throw new Error(`a plan of ${epochs} epochs trains nothing`);
  return last;
}

function keptPath(name: string): string | null {
  if (KEPT_HOME === undefined) return null;
  const folder = join(KEPT_HOME, 'surrogate');
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name.replaceAll(/[^\w.-]+/g, '-')}.state`);
}
