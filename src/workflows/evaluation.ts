import {
  ActivityFailure,
  ApplicationFailure,
  getExternalWorkflowHandle,
  isCancellation,
  proxyActivities,
} from '@temporalio/workflow';
import type { CampaignActivities, ExecutorActivities } from '../activities/contract.ts';
import type { EvaluationOutcome, Ticket } from '../campaign/state.ts';
import { evaluationEndedSignal } from './messages.ts';
import { CAMPAIGN_QUEUE, campaignWorkflowId, executorQueue } from './naming.ts';

export interface EvaluationInput {
  readonly campaign: string;
  readonly ticket: Ticket;
  readonly executor: string;
  readonly deadlineSeconds: number;
}

/** One evaluation: run the executor on the ticket's candidates, then tell the campaign, whichever run it is in by then. */
export async function evaluation(input: EvaluationInput): Promise<EvaluationOutcome[]> {
  const outcomes = await evaluateOrRecordFailure(input);
  try {
    await getExternalWorkflowHandle(campaignWorkflowId(input.campaign)).signal(evaluationEndedSignal, {
      ticketId: input.ticket.id,
      outcomes,
    });
  } catch (error) {
    // The campaign ended before its last evaluations did: the label is in the store, nobody waits for the signal.
    if (isCancellation(error)) throw error;
  }
  return outcomes;
}

async function evaluateOrRecordFailure({
  campaign,
  ticket,
  executor,
  deadlineSeconds,
}: EvaluationInput): Promise<EvaluationOutcome[]> {
  const { members } = ticket;
  const { evaluate } = proxyActivities<ExecutorActivities>({
    taskQueue: executorQueue(executor),
    // The executor enforces each candidate's deadline itself; this bound is for one that does not come back at all.
    startToCloseTimeout: `${Math.ceil(members.length * deadlineSeconds + 60)} seconds`,
    heartbeatTimeout: '20 seconds',
    retry: { maximumAttempts: 5, initialInterval: '1 second', maximumInterval: '30 seconds' },
    summary: members.map((member) => member.formula).join(', '),
  });
  try {
    return await evaluate({ campaign, members });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    const { recordFailures } = proxyActivities<CampaignActivities>({
      taskQueue: CAMPAIGN_QUEUE,
      startToCloseTimeout: '1 minute',
    });
    const cause =
      error.cause instanceof ApplicationFailure
        ? error.cause.message
        : (error.cause?.message ?? error.message);
    return recordFailures({ campaign, members, reason: `infrastructure: ${cause}` });
  }
}
