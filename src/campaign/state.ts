import type { Arm } from './facts.ts';
import type { CampaignSpec } from './spec.ts';

/** The campaign's own memory: small plain JSON, carried through continue-as-new, never growing with the labels. */
export interface CampaignState {
  readonly schemaVersion: 1;
  readonly phase: 'running' | 'paused' | 'stopping' | 'finished';
  /** Why it is paused or ended; null while it runs. */
  readonly phaseReason: string | null;
  readonly budget: { readonly labels: number; readonly computingCoreSeconds: number | null };
  /** Evaluations that may run at once, and how many candidates each carries. */
  readonly slots: number;
  readonly batchSize: number;
  readonly labels: Readonly<Record<Arm, number>>;
  /** Candidates handed to the executor so far, by arm: what keeps the control arm's share. */
  readonly started: Readonly<Record<Arm, number>>;
  readonly failed: number;
  readonly failedInRow: number;
  readonly rejected: number;
  readonly spentCoreSeconds: number;
  readonly queue: readonly QueuedCandidate[];
  readonly awaitingApproval: readonly QueuedCandidate[];
  readonly inFlight: readonly Ticket[];
  /** Proposals made so far, and how many of the last ones in a row brought nothing new. */
  readonly proposals: number;
  readonly emptyProposals: number;
  readonly model: ModelSummary;
  readonly generator: { readonly version: number; readonly tunedAtLabels: number };
  /** Labels at which the last learning round was started; the round now running, if any. */
  readonly learnedAtLabels: number;
  readonly learningRound: number;
  readonly learning: boolean;
  readonly assessment: Assessment;
}

export interface QueuedCandidate {
  readonly candidateId: string;
  /** Evaluation key. */
  readonly key: string;
  readonly formula: string;
  readonly arm: Arm;
  /** Surrogate version that ranked it. */
  readonly modelVersion: number;
  readonly acquisition: number;
}

/** One evaluation workflow under way and the candidates that it carries. */
export interface Ticket {
  readonly id: string;
  readonly members: readonly QueuedCandidate[];
  readonly startedAt: string;
}

/** The surrogate in use. Version 0 is the shipped base. Figures are of its first target, on held-out labels. */
export interface ModelSummary {
  readonly version: number;
  readonly target: string | null;
  readonly mae: number | null;
  readonly coverage90: number | null;
  readonly miscalibrationArea: number | null;
}

/** What the labels so far amount to, judged by the objective. */
export interface Assessment {
  readonly assessedLabels: number;
  /** Each arm judged as if alone, and how many are distinct over both. */
  readonly discoveries: { readonly model: number; readonly control: number; readonly distinct: number };
  readonly best: { readonly formula: string; readonly distance: number } | null;
  readonly labelsSinceDiscovery: number;
}

export interface EvaluationOutcome {
  readonly key: string;
  readonly arm: Arm;
  readonly status: 'succeeded' | 'failed' | 'rejected';
  readonly reason: string | null;
  readonly coreSeconds: number;
}

/** What a campaign starts from: its executor's ways, and what its store holds already (nothing, normally). */
export interface Start {
  readonly batchSize: number;
  /** References still to be evaluated. */
  readonly references: readonly QueuedCandidate[];
  /** Counts over the facts that are there: a campaign whose workflow was lost goes on from them. */
  readonly labels: CampaignState['labels'];
  readonly failed: number;
  readonly rejected: number;
  readonly spentCoreSeconds: number;
  readonly proposals: number;
  readonly model: ModelSummary;
  readonly generatorVersion: number;
  readonly learningRound: number;
}

export function initialState(spec: CampaignSpec, start: Start): CampaignState {
  return {
    schemaVersion: 1,
    phase: 'running',
    phaseReason: null,
    budget: { labels: spec.budget.labels, computingCoreSeconds: spec.budget.computing ?? null },
    slots: spec.executor.slots,
    batchSize: start.batchSize,
    labels: start.labels,
    started: start.labels,
    failed: start.failed,
    failedInRow: 0,
    rejected: start.rejected,
    spentCoreSeconds: start.spentCoreSeconds,
    queue: start.references,
    awaitingApproval: [],
    inFlight: [],
    proposals: start.proposals,
    emptyProposals: 0,
    model: start.model,
    generator: { version: start.generatorVersion, tunedAtLabels: 0 },
    learnedAtLabels: 0,
    learningRound: start.learningRound,
    learning: false,
    assessment: {
      assessedLabels: 0,
      discoveries: { model: 0, control: 0, distinct: 0 },
      best: null,
      labelsSinceDiscovery: 0,
    },
  };
}

/** Labels that count against the budget: both arms, not the references. */
export function labelCount(state: CampaignState): number {
  return state.labels.model + state.labels.control;
}

/** Candidates now being evaluated that will count against the budget. */
export function pendingCount(state: CampaignState): number {
  return state.inFlight.flatMap((ticket) => ticket.members).filter((member) => member.arm !== 'reference')
    .length;
}

/** True until every reference has been evaluated: nothing is proposed before, since the hull hangs on them. */
export function awaitsReferences(state: CampaignState): boolean {
  const isReference = (member: QueuedCandidate) => member.arm === 'reference';
  return state.queue.some(isReference) || state.inFlight.some((ticket) => ticket.members.some(isReference));
}
