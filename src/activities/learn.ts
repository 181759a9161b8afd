import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { HeldOutFigures, LabelFact } from '../campaign/facts.ts';
import { hullOfLabels, judgeLabels, learningTargets, learningValues } from '../campaign/objective.ts';
import { atomicNumberOf } from '../crystal/chemistry/elements.ts';
import type { CampaignSpec } from '../campaign/spec.ts';
import type { BackendDescription, SurrogateReport, TrainingRow, Watch } from '../models/service.ts';
import { checkpointOf } from './checkpoints.ts';
import type { ModelContext } from './context.ts';
import { openCampaign } from './context.ts';
import type { ModelActivities } from './contract.ts';
import { seedOf } from './generate.ts';
import { summariseModel } from './prepare.ts';

/** One try at a training. Files are named by its number: an attempt that was lost may still be writing its own. */
export interface Attempt {
  readonly number: number;
  readonly watch: Watch;
}

type TrainSurrogate = ModelActivities['trainSurrogate'];
type TuneGenerator = ModelActivities['tuneGenerator'];

/**
 * Trains a challenger from the base, lets the gate compare it with the champion, and records the verdict. An attempt
 * after one that was killed goes on from its last epoch, with the labels that it had; after one that was only not heard,
 * it answers what is recorded.
 */
export async function trainSurrogate(
  context: ModelContext,
  { campaign: name, version, championVersion }: Parameters<TrainSurrogate>[0],
  attempt: Attempt,
): ReturnType<TrainSurrogate> {
  const { campaign, facts } = await openCampaign(context, name);
  const { spec } = campaign;
  const recorded = await facts.getModel('surrogate', version);
  if (recorded !== null) {
    const { promoted, heldOut, labels: count, reason } = recorded;
    const note = `Surrogate v${version} from ${count} labels was recorded before: ${reason}`;
    return { model: promoted ? summariseModel(version, heldOut[0]) : null, note };
  }
  const folder = await makingFolder(context, `${name}/surrogate-${version}`);
  const begunWith = await labelsOfUnfinished(folder);
  const labels = (await facts.listLabels()).slice(0, begunWith ?? Infinity);
  const targets = learningTargets(spec.objective);
  // Version 0 has not learned from this campaign's method: there is nothing to compare until a first model has.
  const champion =
    championVersion === 0
      ? null
      : await checkpointOf(context, facts, { kind: 'surrogate', version: championVersion });
  const report = await context.training.trainSurrogate(
    {
      base: context.base.surrogate,
      champion,
      rows: trainingRows(spec, labels),
      targets,
      members: spec.learning.members,
      seed: seedOf(spec, 'surrogate', version),
      output: join(folder, `attempt-${attempt.number}.safetensors`),
      keep: join(folder, unfinishedWith(labels.length)),
    },
    attempt.watch,
  );
  const heldOut = heldOutFigures(report, targets);
  const keyOf = (row: number): string => (labels[row] as LabelFact)._id;
  await facts.addModel({
    _id: `surrogate/${version}`,
    kind: 'surrogate',
    version,
    parentVersion: championVersion,
    labels: labels.length,
    checkpointSha256: await context.artefacts.putCheckpoint(report.checkpoint),
    promoted: report.promote,
    reason: report.reason,
    heldOut,
    heldOutPoints: report.heldOut.map(({ row, ...point }) => ({
      ...point,
      key: keyOf(row),
    })),
    baselines: report.baselines.flatMap(({ name: baseline, mae }) =>
      targets.flatMap((target, t) => {
        const error = mae[t] ?? null;
        return error === null ? [] : [{ name: baseline, target, mae: error }];
      }),
    ),
    findings: report.findings.map(({ row, ...finding }) => ({ ...finding, key: keyOf(row) })),
    trainSeconds: report.trainSeconds,
    backend: backendText(report.backend),
    createdAt: context.now().toISOString(),
  });
  await rm(folder, { recursive: true, force: true });
  return {
    model: report.promote ? summariseModel(version, heldOut[0]) : null,
    note: `Surrogate v${version} from ${labels.length} labels in ${report.trainSeconds.toFixed(1)} s: ${report.reason}`,
  };
}

/** What a model learns of each label: the crystal as proposed, and the objective's values. */
export function trainingRows(
  { objective }: Pick<CampaignSpec, 'objective'>,
  labels: readonly LabelFact[],
): TrainingRow[] {
  const hull = objective.kind === 'hull' ? hullOfLabels(labels) : null;
  return labels.map((label) => ({
    crystal: label.crystal,
    values: learningValues(objective, label, hull),
    group: label.formula,
    // An answer that did not converge is rejected before it becomes a label.
    converged: true,
  }));
}

/** Fine-tunes the generator from its base on what meets the objective, and records whether the probe got better. */
export async function tuneGenerator(
  context: ModelContext,
  { campaign: name, version, currentVersion }: Parameters<TuneGenerator>[0],
  attempt: Attempt,
): ReturnType<TuneGenerator> {
  const { campaign, facts } = await openCampaign(context, name);
  const { spec } = campaign;
  const labels = await facts.listLabels();
  const counted = labels.filter((label) => label.arm !== 'reference').length;
  const recorded = await facts.getModel('generator', version);
  if (recorded !== null) {
    const note = `Generator v${version} was recorded before: ${recorded.reason}`;
    return { promoted: recorded.promoted, labels: counted, note };
  }
  const good = weighGood(labels, judgeLabels(spec.objective, labels));
  if (good.length === 0)
    return { promoted: false, labels: counted, note: 'The generator stays: nothing good to learn from yet.' };

  const folder = await makingFolder(context, `${name}/generator-${version}`);
  const report = await context.training.fineTuneGenerator(
    {
      base: context.base.generator,
      current: await checkpointOf(context, facts, { kind: 'generator', version: currentVersion }),
      good,
      allowedAtomicNumbers: spec.space.elements.map(atomicNumberOf),
      minAtoms: spec.space.atoms.min,
      maxAtoms: spec.space.atoms.max,
      seed: seedOf(spec, 'generator', version),
      output: join(folder, `attempt-${attempt.number}.safetensors`),
    },
    attempt.watch,
  );
  await facts.addModel({
    _id: `generator/${version}`,
    kind: 'generator',
    version,
    parentVersion: currentVersion,
    labels: labels.length,
    checkpointSha256: await context.artefacts.putCheckpoint(report.checkpoint),
    promoted: report.promote,
    reason: report.reason,
    heldOut: [],
    heldOutPoints: [],
    baselines: [],
    trainSeconds: report.trainSeconds,
    backend: backendText(await context.training.backend()),
    createdAt: context.now().toISOString(),
  });
  await rm(folder, { recursive: true, force: true });
  return { promoted: report.promote, labels: counted, note: `Generator v${version}: ${report.reason}` };
}

/** Energies fall off within this of the objective when a crystal's worth to the generator is weighed, eV/atom. */
const GOOD_WITHIN = 0.05;

/** Labels near the objective, weighed by how near; as relaxed, which is what a generator should have proposed. */
function weighGood(labels: readonly LabelFact[], judgements: ReturnType<typeof judgeLabels>) {
  return labels.flatMap((label, index) => {
    const distance = judgements[index]?.distance ?? Infinity;
    const weight = Math.exp(-distance / GOOD_WITHIN);
    return label.arm === 'reference' || weight < 0.1
      ? []
      : [{ crystal: label.relaxedCrystal ?? label.crystal, weight }];
  });
}

function heldOutFigures(report: SurrogateReport, targets: readonly string[]): HeldOutFigures[] {
  return report.challenger.flatMap((metrics, index) =>
    metrics === null ? [] : [{ target: targets[index] as string, ...metrics }],
  );
}

/** A folder for the files of one training; removed when its model is recorded. */
async function makingFolder({ scratch }: ModelContext, name: string): Promise<string> {
  const folder = join(scratch, name);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** File name of a training's unfinished state. It says how many labels it has, since more arrive meanwhile. */
function unfinishedWith(labels: number): string {
  return `${labels}-labels.unfinished`;
}

/** Labels of the training that an earlier attempt left unfinished; null when none did. */
async function labelsOfUnfinished(folder: string): Promise<number | null> {
  const counts = (await readdir(folder)).flatMap(
    (file) => /^(\d+)-labels\.unfinished$/.exec(file)?.[1] ?? [],
  );
  return counts.length === 0 ? null : Math.min(...counts.map(Number));
}

function backendText({ backend, version, device, fallback }: BackendDescription): string {
  return `${backend} ${version} on ${device}${fallback === undefined ? '' : ` (${fallback})`}`;
}
