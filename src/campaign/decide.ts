import type { Arm } from './facts.ts';
import type { CampaignSpec } from './spec.ts';
import { awaitsReferences, labelCount, pendingCount } from './state.ts';
import type { CampaignState, QueuedCandidate } from './state.ts';

/** What the campaign should do next. Evaluations are all started together, never one awaited after another. */
export type Action =
  | { readonly kind: 'evaluate'; readonly members: readonly QueuedCandidate[] }
  | { readonly kind: 'propose'; readonly count: number }
  | { readonly kind: 'learn'; readonly round: number; readonly tuneGenerator: boolean }
  | { readonly kind: 'finish'; readonly reason: string };

export type Policy = Pick<CampaignSpec, 'arms' | 'learning' | 'stop' | 'objective'>;

/** Evaluations kept waiting in the executor's own queue, so that a free slot never waits for a decision. */
const LOOK_AHEAD = 2;
/** Proposals in a row that bring nothing new before the space counts as exhausted. */
const EMPTY_PROPOSALS = 3;

/** Decides what to do in this state. Pure: the same state and policy, the same actions. */
export function decide(state: CampaignState, policy: Policy): Action[] {
  if (state.phase === 'finished' || state.phase === 'paused') return [];
  const end = reasonToEnd(state, policy);
  if (state.phase === 'stopping' || end !== null) {
    const idle = state.inFlight.length === 0 && !state.learning && isAssessed(state);
    return idle ? [{ kind: 'finish', reason: end ?? state.phaseReason ?? 'stopped' }] : [];
  }
  return [...evaluations(state, policy), ...proposals(state, policy), ...learning(state, policy)];
}

function reasonToEnd(state: CampaignState, policy: Policy): string | null {
  const labels = labelCount(state);
  const { labelsWithoutDiscovery } = policy.stop;
  if (labels >= state.budget.labels) return `the budget of ${state.budget.labels} labels is spent`;
  const { computingCoreSeconds } = state.budget;
  if (computingCoreSeconds !== null && state.spentCoreSeconds >= computingCoreSeconds) {
    return `the computing budget of ${(computingCoreSeconds / 3600).toPrecision(3)} core-hours is spent`;
  }
  if (
    labelsWithoutDiscovery !== undefined &&
    state.assessment.labelsSinceDiscovery >= labelsWithoutDiscovery
  ) {
    return `no discovery came in the last ${labelsWithoutDiscovery} labels`;
  }
  const nothingLeft = state.queue.length + state.awaitingApproval.length + state.inFlight.length === 0;
  if (nothingLeft && state.emptyProposals >= EMPTY_PROPOSALS) {
    return `the generators brought nothing new in ${EMPTY_PROPOSALS} proposals: the space is exhausted`;
  }
  return null;
}

function isAssessed(state: CampaignState): boolean {
  const { model, control, reference } = state.labels;
  return state.assessment.assessedLabels >= model + control + reference;
}

function evaluations(state: CampaignState, policy: Policy): Action[] {
  const actions: Action[] = [];
  const started = { ...state.started };
  const queue = [...state.queue];
  const exhausted = state.emptyProposals >= EMPTY_PROPOSALS;
  let room = state.slots + LOOK_AHEAD - state.inFlight.length;
  let affordable = Math.min(
    state.budget.labels - labelCount(state) - pendingCount(state),
    staleAllowance(state, policy) - pendingCount(state),
  );
  while (room > 0) {
    const members: QueuedCandidate[] = [];
    while (members.length < state.batchSize) {
      const next = takeNext({ queue, started, exhausted }, policy.arms.control);
      if (!next) break;
      if (next.arm !== 'reference' && affordable <= 0) break;
      queue.splice(queue.indexOf(next), 1);
      started[next.arm] += 1;
      if (next.arm !== 'reference') affordable -= 1;
      members.push(next);
    }
    if (members.length === 0) break;
    actions.push({ kind: 'evaluate', members });
    room -= 1;
  }
  return actions;
}

/** Labels that may still be chosen by the model in use before the one in the making has to be waited for. */
function staleAllowance(state: CampaignState, policy: Policy): number {
  const { everyLabels, staleLabels } = policy.learning;
  return (state.learning ? staleLabels : everyLabels) - (labelCount(state) - state.learnedAtLabels);
}

interface Waiting {
  readonly queue: readonly QueuedCandidate[];
  readonly started: Readonly<Record<Arm, number>>;
  readonly exhausted: boolean;
}

/** References first; then the control arm when it is behind its share; then the model arm, in the queue's order. */
function takeNext({ queue, started, exhausted }: Waiting, controlShare: number): QueuedCandidate | undefined {
  const first = (arm: Arm) => queue.find((member) => member.arm === arm);
  const reference = first('reference');
  if (reference) return reference;
  const owesControl = started.control + 1 <= controlShare * (started.model + started.control + 1);
  const [preferred, other] = owesControl ? (['control', 'model'] as const) : (['model', 'control'] as const);
  return first(preferred) ?? (owesControl || exhausted ? first(other) : undefined);
}

function proposals(state: CampaignState, policy: Policy): Action[] {
  if (awaitsReferences(state) || state.awaitingApproval.length > 0 || state.emptyProposals >= EMPTY_PROPOSALS)
    return [];
  const lowWater = 2 * (state.slots + LOOK_AHEAD) * state.batchSize;
  const wanted = Math.min(
    Math.max(policy.learning.everyLabels, 2 * lowWater),
    state.budget.labels - labelCount(state) - pendingCount(state),
  );
  const waiting = state.queue.filter((member) => member.arm === 'model').length;
  return waiting < Math.min(lowWater, wanted) ? [{ kind: 'propose', count: wanted }] : [];
}

function learning(state: CampaignState, policy: Policy): Action[] {
  if (state.learning) return [];
  const labels = labelCount(state);
  if (labels - state.learnedAtLabels < policy.learning.everyLabels) return [];
  const tuneGenerator = labels - state.generator.tunedAtLabels >= policy.learning.generatorEveryLabels;
  return [{ kind: 'learn', round: state.learningRound + 1, tuneGenerator }];
}
