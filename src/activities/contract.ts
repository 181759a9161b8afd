import type {
  Assessment,
  EvaluationOutcome,
  ModelSummary,
  QueuedCandidate,
  Start,
} from '../campaign/state.ts';

/** What workflows may ask the world. Payloads are ids and small numbers; crystals and weights stay in the store. */

/** On the campaign queue: quick reads and writes. */
export interface CampaignActivities {
  /** What the campaign starts from; stores the reference candidates (the elements, for a hull). */
  prepare(input: { campaign: string }): Promise<Start>;
  /** Judges all labels so far by the objective. */
  assess(input: { campaign: string }): Promise<Assessment>;
  /** Records failures of candidates whose evaluation could not be run at all, each once. */
  recordFailures(input: {
    campaign: string;
    members: readonly QueuedCandidate[];
    reason: string;
  }): Promise<EvaluationOutcome[]>;
  recordDecision(input: {
    campaign: string;
    id: string;
    kind: string;
    by: string;
    reason: string;
  }): Promise<void>;
  /** Writes results and report. Answers a sentence saying where they are, or why they could not be written. */
  exportResults(input: { campaign: string; folder: string }): Promise<string>;
}

/** On the model queue: whatever needs the networks. */
export interface ModelActivities {
  /** Generate → filter → deduplicate → score → select. Stores candidates and predictions; best first within an arm. */
  propose(input: ProposeInput): Promise<QueuedCandidate[]>;
  /** Trains a challenger, compares it with the champion on held-out labels, records both outcomes. */
  trainSurrogate(input: {
    campaign: string;
    version: number;
    championVersion: number;
  }): Promise<{ model: ModelSummary | null; note: string }>;
  /** Fine-tunes the generator from its base on what proved good; keeps the one in use when it got worse. */
  tuneGenerator(input: {
    campaign: string;
    version: number;
    currentVersion: number;
  }): Promise<{ promoted: boolean; labels: number; note: string }>;
  /** Looks into a promoted surrogate, and records a map of its labels and what moves its predictions. */
  lookInto(input: { campaign: string; version: number }): Promise<void>;
}

export interface ProposeInput {
  readonly campaign: string;
  /** Number of this proposal, from 1: with the campaign's seed it fixes all randomness. */
  readonly proposal: number;
  readonly count: number;
  readonly modelVersion: number;
  readonly generatorVersion: number;
  /** Candidates queued or in flight, which must not come again. */
  readonly pendingCandidateIds: readonly string[];
}

/** On an executor's queue. */
export interface ExecutorActivities {
  /** Evaluates each member unless its key has an answer already; records evaluation and label; never throws for a failure. */
  evaluate(input: { campaign: string; members: readonly QueuedCandidate[] }): Promise<EvaluationOutcome[]>;
}
