import { createHash } from 'node:crypto';
import type { Backend } from '../backend.ts';
import { METHOD_NAMES } from '../baselines/methods.ts';
import type { SimpleModels } from '../baselines/train.ts';
import type { CheckpointCard } from '../checkpoint.ts';
import { CheckpointError } from '../checkpoint.ts';
import { checkData } from '../data-checks/data-checks.ts';
import type { HeldOutPoint, SurrogateReport, TrainSurrogateJob, TrainingRow } from '../service.ts';
import { heldOutPoints, trainChallengers } from './challengers.ts';
import { compare, measure } from './comparison.ts';
import { readSurrogate, targetsOf, writeSurrogate } from './surrogate.ts';

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
  const { targets } = job;
  const { rows, findings } = checkData(job.rows, targets);
  const champion = job.champion === null ? null : (await readSurrogate(job.champion)).surrogate;
  if (champion !== null && targetsOf(champion).join() !== targets.join()) {
    throw new CheckpointError(
      job.champion as string,
      `it predicts ${targetsOf(champion).join(', ')}, the job trains ${targets.join(', ')}`,
      'compare models of the same targets, or give no champion',
    );
  }
  const { network, simple, choice, fits, base, split } = await trainChallengers(
    backend,
    { ...job, rows },
    progress,
  );
  const groupOf = (row: number): string => (rows[row] as TrainingRow).group;
  const taken = simple !== null && choice.takes === 'simple' ? simple : network;
  const others = champion && heldOutPoints(tf, champion, { rows, split });
  const metricsOf = (
    points: readonly HeldOutPoint[],
    ofUnseen: readonly HeldOutPoint[] = [],
  ): SurrogateReport['challenger'] =>
    targets.map((target) => {
      const isOfTarget = (point: HeldOutPoint): boolean => point.target === target;
      return measure(points.filter(isOfTarget), ofUnseen.filter(isOfTarget));
    });
  const challenger = metricsOf(taken.heldOut, taken.unseen);
  const verdict =
    others === null ? firstModel(taken.heldOut.length) : compare(taken.heldOut, others, groupOf);
  await writeSurrogate(job.output, taken.surrogate, {
    trainingData: { sha256: hashRows(rows), rows: rows.length, description: 'labels of a campaign' },
    metrics: Object.fromEntries(targets.map((target, index) => [target, challenger[index]])),
    ...provenanceOf(taken.surrogate.kind === 'network' ? (base?.card ?? null) : null),
  });
  return {
    checkpoint: job.output,
    challenger,
    champion: others && metricsOf(others),
    promote: verdict.promote,
    reason: `${verdict.reason}; ${choice.reason}`,
    heldOut: taken.heldOut,
    baselines: [
      { name: 'network', mae: metricsOf(network.heldOut).map((metrics) => metrics?.mae ?? null) },
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
