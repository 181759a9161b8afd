import {
  getExternalWorkflowHandle,
  isCancellation,
  patched,
  proxyActivities,
  setCurrentDetails,
} from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import type { ModelActivities } from '../activities/contract.ts';
import { learningEndedSignal } from './messages.ts';
import type { LearningEnded } from './messages.ts';
import { MODEL_QUEUE, campaignWorkflowId } from './naming.ts';

export interface LearningInput {
  readonly campaign: string;
  readonly round: number;
  readonly championVersion: number;
  readonly generatorVersion: number;
  readonly tuneGenerator: boolean;
}

const training: ActivityOptions = {
  taskQueue: MODEL_QUEUE,
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '30 seconds',
  // What is wrong with the labels or a checkpoint is wrong at every attempt.
  retry: { maximumAttempts: 3, nonRetryableErrorTypes: ['TrainingError', 'CheckpointError'] },
};

/** One learning round beside the evaluations: a challenger surrogate, and now and then the generator. */
export async function learning(input: LearningInput): Promise<LearningEnded> {
  const { campaign, round, championVersion } = input;
  const notes: string[] = [];
  let model: LearningEnded['model'] = null;
  let generatorVersion: number | null = null;
  let tunedAtLabels: number | null = null;

  try {
    const { trainSurrogate } = proxyActivities<ModelActivities>({
      ...training,
      summary: `surrogate v${round} against v${championVersion}`,
    });
    const trained = await trainSurrogate({ campaign, version: round, championVersion });
    model = trained.model;
    notes.push(trained.note);
  } catch (error) {
    // A round that fails is a fact, and the campaign goes on with the champion.
    if (isCancellation(error)) throw error;
    notes.push(`surrogate v${round} could not be trained: ${causeOf(error)}`);
  }

  if (input.tuneGenerator) {
    try {
      const { tuneGenerator } = proxyActivities<ModelActivities>({
        ...training,
        summary: `generator v${round}`,
      });
      const tuned = await tuneGenerator({ campaign, version: round, currentVersion: input.generatorVersion });
      generatorVersion = tuned.promoted ? round : null;
      tunedAtLabels = tuned.labels;
      notes.push(tuned.note);
    } catch (error) {
      if (isCancellation(error)) throw error;
      notes.push(`generator v${round} could not be fine-tuned: ${causeOf(error)}`);
    }
  }

  const ended = { round, model, generatorVersion, tunedAtLabels, note: notes.join(' ') };
  setCurrentDetails(notes.map((note) => `- ${note}`).join('\n'));
  try {
    await getExternalWorkflowHandle(campaignWorkflowId(campaign)).signal(learningEndedSignal, ended);
  } catch (error) {
    // The campaign was terminated meanwhile: nobody waits for the model.
    if (isCancellation(error)) throw error;
  }
  // Nothing waits for this: the campaign goes on with the model meanwhile.
  if (model !== null && patched('2026-11-look-into-models'))
    await lookInto({ campaign, version: model.version });
  return ended;
}

/** A model that cannot be looked into is still a model: the failed activity says why. */
async function lookInto(model: { campaign: string; version: number }): Promise<void> {
  const activities = proxyActivities<ModelActivities>({
    ...training,
    summary: `look into surrogate v${model.version}`,
  });
  try {
    await activities.lookInto(model);
  } catch (error) {
    if (isCancellation(error)) throw error;
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? causeOf(error.cause) : error.message;
}
