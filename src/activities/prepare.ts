import type { CampaignRecord, HeldOutFigures, ModelFact } from '../campaign/facts.ts';
import type { ModelSummary, Start } from '../campaign/state.ts';
import { describeExecutor } from '../executors/registry.ts';
import type { Context } from './context.ts';
import { openCampaign } from './context.ts';
import { proposeReferences } from './references.ts';

/** Reads what the campaign starts from, and stores its references. */
export async function prepareCampaign(context: Context, name: string): Promise<Start> {
  const { campaign, facts } = await openCampaign(context, name);
  const { executor, objective } = campaign.spec;
  const description = await describeExecutor(executor);
  const record = await facts.readRecord(campaign);
  const start = { batchSize: description.batchSize, ...progressOf(record) };
  if (objective.kind !== 'hull') return { ...start, references: [] };

  const { candidates, queued } = proposeReferences(campaign.spec, description, context.now());
  await facts.addCandidates(candidates, []);
  const evaluated = new Set(record.evaluations.map(({ _id }) => _id));
  return { ...start, references: queued.filter(({ key }) => !evaluated.has(key)) };
}

function progressOf({
  candidates,
  evaluations,
  labels,
  models,
}: CampaignRecord): Omit<Start, 'batchSize' | 'references'> {
  const ofArm = (arm: string) => labels.filter((label) => label.arm === arm).length;
  const ofStatus = (status: string) =>
    evaluations.filter((evaluation) => evaluation.status === status).length;
  const surrogate = champion(models, 'surrogate');
  return {
    labels: { model: ofArm('model'), control: ofArm('control'), reference: ofArm('reference') },
    failed: ofStatus('failed'),
    rejected: ofStatus('rejected'),
    spentCoreSeconds: evaluations.reduce((sum, { coreSeconds }) => sum + coreSeconds, 0),
    proposals: Math.max(0, ...candidates.map(({ proposal }) => proposal)),
    model: summariseModel(surrogate?.version ?? 0, surrogate?.heldOut[0]),
    generatorVersion: champion(models, 'generator')?.version ?? 0,
    learningRound: Math.max(0, ...models.map(({ version }) => version)),
  };
}

function champion(models: readonly ModelFact[], kind: ModelFact['kind']): ModelFact | undefined {
  return models.filter((model) => model.kind === kind && model.promoted).at(-1);
}

/** What the campaign's state keeps of a surrogate: the figures of its first target. */
export function summariseModel(version: number, figures: HeldOutFigures | undefined): ModelSummary {
  return {
    version,
    target: figures?.target ?? null,
    mae: figures?.mae ?? null,
    coverage90: figures?.coverage90 ?? null,
    miscalibrationArea: figures?.miscalibrationArea ?? null,
  };
}
