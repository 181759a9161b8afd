/** Task queues and workflow ids: one queue per kind of resource; a child's id starts with its campaign's. */

export const CAMPAIGN_QUEUE = 'assayer-campaign';
export const MODEL_QUEUE = 'assayer-model';

export function executorQueue(executor: string): string {
  return `assayer-executor-${executor}`;
}

export function campaignWorkflowId(campaign: string): string {
  return `campaign/${campaign}`;
}

export function evaluationWorkflowId(campaign: string, ticketId: string): string {
  return `campaign/${campaign}/evaluation/${ticketId}`;
}

export function learningWorkflowId(campaign: string, round: number): string {
  return `campaign/${campaign}/learning/${round}`;
}
