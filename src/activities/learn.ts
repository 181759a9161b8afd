import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HeldOutFigures, LabelFact, ModelInsight } from '../campaign/facts.ts';
import { hullOfLabels, judgeLabels, learningTargets, learningValues } from '../campaign/objective.ts';
import { atomicNumberOf } from '../crystal/chemistry/elements.ts';
import type { ExplainJob, Explanation, SurrogateReport, Watch } from '../models/service.ts';
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

/** Trains a challenger from the base, lets the gate compare it with the champion, and records the verdict. */
export async function trainSurrogate(
  context: ModelContext,
  { campaign: name, version, championVersion }: Parameters<TrainSurrogate>[0],
  attempt: Attempt,
): ReturnType<TrainSurrogate> {
  const { campaign, facts } = await openCampaign(context, name);
  const { spec } = campaign;
  const labels = await facts.listLabels();
  const hull = spec.objective.kind === 'hull' ? hullOfLabels(labels) : null;
  const targets = learningTargets(spec.objective);
  // Version 0 has not learned from this campaign's method: there is nothing to compare until a first model has.
  const champion =
    championVersion === 0
      ? null
      : await checkpointOf(context, facts, { kind: 'surrogate', version: championVersion });
  const rows = labels.map((label) => ({
    crystal: label.crystal,
    values: learningValues(spec.objective, label, hull),
    group: label.formula,
    // An answer that did not converge is rejected before it becomes a label.
    converged: true,
  }));
  const seed = seedOf(spec, 'surrogate', version);
  const report = await context.training.trainSurrogate(
    {
      base: context.base.surrogate,
      champion,
      rows,
      targets,
      members: spec.learning.members,
      seed,
      output: await scratchFile(context, `${name}-surrogate-${version}-attempt-${attempt.number}`),
    },
    attempt.watch,
  );
  const heldOut = heldOutFigures(report, targets);
  const keyOf = (row: number): string => (labels[row] as LabelFact)._id;
  const looked = report.promote
    ? await lookInto(context, { checkpoint: report.checkpoint, rows, seed }, attempt.watch)
    : null;
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
    ...(looked?.explanation && { insight: insightOf(looked.explanation, keyOf) }),
    trainSeconds: report.trainSeconds,
    backend: `${report.backend.backend} ${report.backend.version} on ${report.backend.device}`,
    createdAt: context.now().toISOString(),
  });
  const note =
    `Surrogate v${version} from ${labels.length} labels in ${report.trainSeconds.toFixed(1)} s: ${report.reason}` +
    (looked?.problem ? `; it could not be looked into: ${looked.problem}` : '');
  return { model: report.promote ? summariseModel(version, heldOut[0]) : null, note };
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
  const good = weighGood(labels, judgeLabels(spec.objective, labels));
  if (good.length === 0)
    return { promoted: false, labels: counted, note: 'The generator stays: nothing good to learn from yet.' };

  const report = await context.training.fineTuneGenerator(
    {
      base: context.base.generator,
      current: await checkpointOf(context, facts, { kind: 'generator', version: currentVersion }),
      good,
      allowedAtomicNumbers: spec.space.elements.map(atomicNumberOf),
      minAtoms: spec.space.atoms.min,
      maxAtoms: spec.space.atoms.max,
      seed: seedOf(spec, 'generator', version),
      output: await scratchFile(context, `${name}-generator-${version}-attempt-${attempt.number}`),
    },
    attempt.watch,
  );
  const { backend, version: library, device } = await context.training.backend();
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
    backend: `${backend} ${library} on ${device}`,
    createdAt: context.now().toISOString(),
  });
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

/** A model that cannot be explained is still a model: the round goes on without the explanation, and says so. */
async function lookInto(
  { training }: ModelContext,
  job: ExplainJob,
  watch: Watch,
): Promise<{ explanation: Explanation | null; problem: string | null }> {
  try {
    return { explanation: await training.explain(job, watch), problem: null };
  } catch (error) {
    watch.signal.throwIfAborted();
    return { explanation: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** The same with the labels' keys instead of row numbers. */
function insightOf({ map, attributions }: Explanation, keyOf: (row: number) => string): ModelInsight {
  if (map === null) return { map, attributions };
  const { rows, ...drawn } = map;
  return { map: { keys: rows.map(keyOf), ...drawn }, attributions };
}

async function scratchFile({ scratch }: ModelContext, name: string): Promise<string> {
  await mkdir(scratch, { recursive: true });
  return join(scratch, `${name}.safetensors`);
}
