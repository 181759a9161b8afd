import type { CampaignFact } from '../campaign/facts.ts';
import type { ModelService } from '../models/service.ts';
import type { ArtefactStore } from '../store/artefacts.ts';
import type { CampaignFacts, FactStore } from '../store/fact-store.ts';

/** What activities work with; made once by the worker and handed to the factories. */
export interface Context {
  readonly store: FactStore;
  readonly now: () => Date;
}

export interface ModelContext extends Context {
  readonly artefacts: ArtefactStore;
  /** The long-lived process that scores and generates, and one for training beside it. */
  readonly scoring: ModelService;
  readonly training: ModelService;
  /** The shipped base checkpoints. */
  readonly base: { readonly surrogate: string; readonly generator: string };
  /** Folder for files in the making. */
  readonly scratch: string;
}

/** @throws when no campaign of this name was added to the store */
export async function openCampaign(
  { store }: Context,
  name: string,
): Promise<{ campaign: CampaignFact; facts: CampaignFacts }> {
  const campaign = await store.getCampaign(name);
  if (!campaign)
    throw new Error(`there is no campaign '${name}' in the store; 'assayer list' shows those there are`);
  return { campaign, facts: store.campaign(name) };
}
