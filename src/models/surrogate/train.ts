import { createHash } from 'node:crypto';
import type { Backend } from '../backend.ts';
import { METHOD_NAMES } from '../baselines/methods.ts';
import { trainSimpleModels } from '../baselines/train.ts';
import type { SimpleModels } from '../baselines/train.ts';
import type { CheckpointCard } from '../checkpoint.ts';
import { CheckpointError } from '../checkpoint.ts';
import { checkData } from '../data-checks/data-checks.ts';
import type { HeldOutPoint, Scores, SurrogateReport, TrainSurrogateJob, TrainingRow } from '../service.ts';
import { choose, compare, measure } from './comparison.ts';
import { labelDomain } from './label-domain.ts';
import type { Split } from './split.ts';
import { readSurrogate, scorePlainly, scoreSurrogate, targetsOf, writeSurrogate } from './surrogate.ts';
import type { Surrogate, TargetModel } from './surrogate.ts';
import { trainEnsemble } from './train-ensemble.ts';

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
  const { ensemble, base, split, training, omitted } = trained;
  const groups = rows.map(({ group }) => group);
  const { fits, best } = await trainSimpleModels({ rows, targets, training, seed, progress });
  const learned = training.map((row) => rows[row] as TrainingRow);
  const withLabels = (model: TargetModel): Surrogate => {
    const ofLabels = scorePlainly(
      tf,
      model,
      learned.map(({ crystal }) => crystal),
    );
    return { ...model, domain: labelDomain(learned, ofLabels, base?.surrogate.domain.atomicNumbers) };
  };
  const network = withLabels({ kind: 'network', ensemble });
  const simple = best && withLabels({ kind: 'simple', model: best.surrogate });
  const heldOutCrystals = split.heldOut.map((row) => (rows[row] as TrainingRow).crystal);
  const pointsOf = (surrogate: Surrogate): HeldOutPoint[] =>
    heldOutPoints(rows, { split, scores: scoreSurrogate(tf, surrogate, heldOutCrystals) });
  const ofNetwork = pointsOf(network);
  const ofSimple = simple === null ? [] : pointsOf(simple);
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
    simple !== null && choice.takes === 'simple'
      ? [simple, ofSimple, outOfFold]
      : [network, ofNetwork, omitted];
  const others = champion && pointsOf(champion);
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
    ...provenanceOf(surrogate.kind === 'network' ? (base?.card ?? null) : null),
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
