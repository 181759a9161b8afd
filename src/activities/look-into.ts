import type { LabelFact, ModelInsight } from '../campaign/facts.ts';
import type { Explanation, Watch } from '../models/service.ts';
import type { ModelContext } from './context.ts';
import { openCampaign } from './context.ts';
import type { ModelActivities } from './contract.ts';
import { seedOf } from './generate.ts';
import { trainingRows } from './learn.ts';

/** Looks into a promoted surrogate with the labels that it was trained on, and records what it saw. */
export async function lookInto(
  context: ModelContext,
  { campaign: name, version }: Parameters<ModelActivities['lookInto']>[0],
  watch: Watch,
): Promise<void> {
  const { campaign, facts } = await openCampaign(context, name);
  const { spec } = campaign;
  const model = await facts.getModel('surrogate', version);
  if (model === null) throw new Error(`surrogate version ${version} of '${name}' is not in the store`);
  // Labels stand in the order of their end: those that came after the training are the last.
  const labels = (await facts.listLabels()).slice(0, model.labels);
  const explanation = await context.training.explain(
    {
      checkpoint: context.artefacts.checkpointPath(model.checkpointSha256),
      rows: trainingRows(spec, labels),
      seed: seedOf(spec, 'surrogate', version),
    },
    watch,
  );
  await facts.addInsight({
    _id: model._id,
    ...insightOf(explanation, labels),
    createdAt: context.now().toISOString(),
  });
}

/** The same with the labels' keys instead of row numbers. */
function insightOf({ map, attributions }: Explanation, labels: readonly LabelFact[]): ModelInsight {
  if (map === null) return { map, attributions };
  const { rows, ...drawn } = map;
  return { map: { keys: rows.map((row) => (labels[row] as LabelFact)._id), ...drawn }, attributions };
}
