import type { ModelFact } from '../campaign/facts.ts';
import type { CampaignFacts } from '../store/fact-store.ts';
import type { ModelContext } from './context.ts';

/** Path of a model version's checkpoint; version 0 is the shipped base. */
export async function checkpointOf(
  { base, artefacts }: ModelContext,
  facts: CampaignFacts,
  { kind, version }: { kind: ModelFact['kind']; version: number },
): Promise<string> {
  if (version === 0) return base[kind];
  const model = await facts.getModel(kind, version);
  if (!model)
    throw new Error(`${kind} version ${version} is not in the store; was the store's data folder removed?`);
  return artefacts.checkpointPath(model.checkpointSha256);
}
