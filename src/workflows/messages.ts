import { defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ModelSummary, CampaignState, EvaluationOutcome } from '../campaign/state.ts';

/** What can be asked of and told to a running campaign. Clients and tests import these; names are part of the contract. */

export const stateQuery = defineQuery<CampaignState>('state');

export interface EvaluationEnded {
  readonly ticketId: string;
  readonly outcomes: readonly EvaluationOutcome[];
}
export const evaluationEndedSignal = defineSignal<[EvaluationEnded]>('evaluationEnded');

export interface LearningEnded {
  readonly round: number;
  readonly model: ModelSummary | null;
  readonly generatorVersion: number | null;
  readonly tunedAtLabels: number | null;
  readonly note: string;
}
export const learningEndedSignal = defineSignal<[LearningEnded]>('learningEnded');

/** Every update answers the state after it. */
export const pauseUpdate = defineUpdate<CampaignState, [{ reason: string }]>('pause');
export const resumeUpdate = defineUpdate<CampaignState>('resume');
export const stopUpdate = defineUpdate<CampaignState, [{ reason: string }]>('stop');
export const extendUpdate = defineUpdate<CampaignState, [{ labels: number }]>('extend');
export const approveUpdate = defineUpdate<CampaignState, [{ keys: readonly string[] }]>('approve');
export const declineUpdate = defineUpdate<CampaignState, [{ keys: readonly string[] }]>('decline');
export const concurrencyUpdate = defineUpdate<CampaignState, [{ slots: number }]>('concurrency');

export const searchAttributes = {
  campaign: defineSearchAttributeKey('Campaign', 'KEYWORD'),
  phase: defineSearchAttributeKey('CampaignPhase', 'KEYWORD'),
  labels: defineSearchAttributeKey('Labels', 'INT'),
  discoveries: defineSearchAttributeKey('Discoveries', 'INT'),
  modelVersion: defineSearchAttributeKey('ModelVersion', 'INT'),
} as const;
