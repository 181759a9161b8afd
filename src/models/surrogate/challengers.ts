import type { Backend } from '../backend.ts';
import { trainSimpleModels } from '../baselines/train.ts';
import type { SimpleModels } from '../baselines/train.ts';
import type { HeldOutPoint, TrainSurrogateJob, TrainingRow } from '../service.ts';
import { choose } from './comparison.ts';
import type { Choice } from './comparison.ts';
import { labelDomain } from './label-domain.ts';
import type { Split } from './split.ts';
import { scorePlainly, scoreSurrogate } from './surrogate.ts';
import type { Surrogate, TargetModel } from './surrogate.ts';
import { TrainingError, trainEnsemble } from './train-ensemble.ts';
import type { Base } from './train-ensemble.ts';

/** A model of the rows, with what it says of rows it had not learned from. */
export interface Challenger {
  readonly surrogate: Surrogate;
  readonly heldOut: readonly HeldOutPoint[];
  /** Rows that parts of it learned from, by the parts that did not. */
  readonly unseen: readonly HeldOutPoint[];
}

/** All that a round trains, and which of it does best on unseen rows. */
export interface Challengers {
  readonly network: Challenger;
  /** Of the best simple model for each target; null when none could be fitted. */
  readonly simple: Challenger | null;
  readonly choice: Choice;
  /** Every simple model, per target. */
  readonly fits: SimpleModels['fits'];
  readonly base: Base | null;
  readonly split: Split;
}

/** Trains the network ensemble and the simple models beside it. Throws as `trainEnsemble`. */
export async function trainChallengers(
  backend: Backend,
  job: TrainSurrogateJob,
  progress: (detail: string) => void,
): Promise<Challengers> {
  const { tf } = backend;
  const { rows, targets, seed } = job;
  const { ensemble, base, split, training, omitted } = await trainEnsemble(backend, job, progress);
  const { fits, best } = await trainSimpleModels({ rows, targets, training, seed, progress });
  const learned = training.map((row) => rows[row] as TrainingRow);
  const challenger = (model: TargetModel, unseen: readonly HeldOutPoint[]): Challenger => {
    const ofLabels = scorePlainly(
      tf,
      model,
      learned.map(({ crystal }) => crystal),
    );
    if (!ofLabels.mean.every(Number.isFinite)) {
      throw new TrainingError(
        `the training of ${targets.join(', ')} diverged: look for extreme values among the labels, or for targets in an odd unit`,
      );
    }
    const domain = labelDomain(learned, ofLabels);
    const surrogate = { ...model, domain };
    return { surrogate, heldOut: heldOutPoints(tf, surrogate, { rows, split }), unseen };
  };
  const network = challenger({ kind: 'network', ensemble }, omitted);
  const outOfFold = targets.flatMap((target, column) =>
    (best?.fits[column]?.outOfFold ?? []).map((point) => ({ target, ...point })),
  );
  const simple = best && challenger({ kind: 'simple', model: best.surrogate }, outOfFold);
  const choice = choose(
    { name: ['the network'], heldOut: network.heldOut, omitted },
    {
      name: best?.fits.map(({ method }) => method) ?? [],
      heldOut: simple?.heldOut ?? [],
      omitted: outOfFold,
    },
    (row) => (rows[row] as TrainingRow).group,
  );
  return { network, simple, choice, fits, base, split };
}

/** What a surrogate says of the held-out rows. */
export function heldOutPoints(
  tf: Backend['tf'],
  surrogate: Surrogate,
  { rows, split }: { rows: readonly TrainingRow[]; split: Split },
): HeldOutPoint[] {
  const crystals = split.heldOut.map((row) => (rows[row] as TrainingRow).crystal);
  const scores = scoreSurrogate(tf, surrogate, crystals);
  return split.heldOut.flatMap((row, index) =>
    scores.targets.flatMap((target, column) => {
      const value = rows[row]?.values[column] ?? null;
      const at = index * scores.targets.length + column;
      if (value === null) return [];
      return [{ target, row, value, mean: scores.mean[at] as number, sigma: scores.sigma[at] as number }];
    }),
  );
}
