import type { Arm } from './facts.ts';
import type {
  Assessment,
  CampaignState,
  EvaluationOutcome,
  ModelSummary,
  QueuedCandidate,
  Ticket,
} from './state.ts';

/** Pure transitions of the campaign's state. Each is total: an event that no longer fits leaves the state as it was. */

/** After so many failures in a row something is wrong with the executor, not with the crystals: a person must look. */
const FAILURES_BEFORE_PAUSE = 25;

/**
 * Of candidates that an older model ranked only the control arm's are taken: the model arm's will be ranked anew.
 */
export function proposed(
  state: CampaignState,
  candidates: readonly QueuedCandidate[],
  needsApproval: boolean,
): CampaignState {
  if (state.phase === 'stopping' || state.phase === 'finished') return state;
  const fresh = candidates.filter(
    (member) => member.arm === 'control' || member.modelVersion === state.model.version,
  );
  const counted = {
    ...state,
    proposals: state.proposals + 1,
    emptyProposals: candidates.length === 0 ? state.emptyProposals + 1 : 0,
  };
  return needsApproval
    ? { ...counted, awaitingApproval: [...state.awaitingApproval, ...fresh] }
    : { ...counted, queue: [...state.queue, ...fresh] };
}

export function evaluationStarted(state: CampaignState, ticket: Ticket): CampaignState {
  const keys = new Set(ticket.members.map((member) => member.key));
  const started = { ...state.started };
  for (const member of ticket.members) started[member.arm] += 1;
  return {
    ...state,
    started,
    queue: state.queue.filter((member) => !keys.has(member.key)),
    inFlight: [...state.inFlight, ticket],
  };
}

/** A second signal for the same ticket finds it gone and changes nothing: each outcome counts once. */
export function evaluationEnded(
  state: CampaignState,
  ticketId: string,
  outcomes: readonly EvaluationOutcome[],
): CampaignState {
  if (!state.inFlight.some((ticket) => ticket.id === ticketId)) return state;
  const labels: Record<Arm, number> = { ...state.labels };
  let { failed, rejected, failedInRow, spentCoreSeconds } = state;
  for (const outcome of outcomes) {
    spentCoreSeconds += outcome.coreSeconds;
    failedInRow = outcome.status === 'failed' ? failedInRow + 1 : 0;
    if (outcome.status === 'succeeded') labels[outcome.arm] += 1;
    else if (outcome.status === 'failed') failed += 1;
    else rejected += 1;
  }
  const inFlight = state.inFlight.filter((ticket) => ticket.id !== ticketId);
  const next = { ...state, labels, failed, rejected, failedInRow, spentCoreSeconds, inFlight };
  if (failedInRow < FAILURES_BEFORE_PAUSE || state.phase !== 'running') return next;
  const last = outcomes.at(-1)?.reason ?? 'no reason given';
  return paused(next, `${failedInRow} evaluations failed in a row; the last one: ${last}`);
}

export function assessed(state: CampaignState, assessment: Assessment): CampaignState {
  return assessment.assessedLabels < state.assessment.assessedLabels ? state : { ...state, assessment };
}

export function learningStarted(state: CampaignState, labels: number): CampaignState {
  return { ...state, learning: true, learningRound: state.learningRound + 1, learnedAtLabels: labels };
}

/**
 * A new surrogate empties the model arm's queue: what it ranked is ranked again by the better model.
 * @param ended.model the promoted surrogate, or null when the champion stays
 * @param ended.generatorVersion the promoted generator's version, or null
 */
export function learningEnded(
  state: CampaignState,
  ended: {
    readonly model: ModelSummary | null;
    readonly generatorVersion: number | null;
    readonly tunedAtLabels: number | null;
  },
): CampaignState {
  return {
    ...state,
    learning: false,
    model: ended.model ?? state.model,
    generator: {
      version: ended.generatorVersion ?? state.generator.version,
      tunedAtLabels: ended.tunedAtLabels ?? state.generator.tunedAtLabels,
    },
    queue: ended.model ? state.queue.filter((member) => member.arm !== 'model') : state.queue,
    // What was sent back can be proposed again, so that a space that seemed exhausted may not be.
    emptyProposals: ended.model ? 0 : state.emptyProposals,
  };
}

export function paused(state: CampaignState, reason: string): CampaignState {
  return state.phase === 'running' ? { ...state, phase: 'paused', phaseReason: reason } : state;
}

export function resumed(state: CampaignState): CampaignState {
  return state.phase === 'paused'
    ? { ...state, phase: 'running', phaseReason: null, failedInRow: 0, emptyProposals: 0 }
    : state;
}

/** No new evaluation starts; those under way end first. */
export function stopping(state: CampaignState, reason: string): CampaignState {
  return state.phase === 'finished'
    ? state
    : { ...state, phase: 'stopping', phaseReason: reason, queue: [], awaitingApproval: [] };
}

export function finished(state: CampaignState, reason: string): CampaignState {
  return { ...state, phase: 'finished', phaseReason: reason, queue: [], awaitingApproval: [] };
}

export function extended(state: CampaignState, labels: number): CampaignState {
  return { ...state, budget: { ...state.budget, labels: state.budget.labels + labels } };
}

export function approved(state: CampaignState, keys: readonly string[]): CampaignState {
  const chosen = new Set(keys);
  return {
    ...state,
    queue: [...state.queue, ...state.awaitingApproval.filter((member) => chosen.has(member.key))],
    awaitingApproval: state.awaitingApproval.filter((member) => !chosen.has(member.key)),
  };
}

export function declined(state: CampaignState, keys: readonly string[]): CampaignState {
  const chosen = new Set(keys);
  return { ...state, awaitingApproval: state.awaitingApproval.filter((member) => !chosen.has(member.key)) };
}

export function concurrencyChanged(state: CampaignState, slots: number): CampaignState {
  return { ...state, slots };
}
