import type { Arm } from './facts.ts';

/** What a running campaign says of itself at one moment: plain JSON, times in ISO 8601 UTC, nulls explicit. */

export type CampaignPhase = 'starting' | 'running' | 'awaiting-approval' | 'paused' | 'stopping' | 'finished';

export interface BestSoFar {
  readonly formula: string;
  /** Distance from the objective as in `Judgement`, 0 when on it or inside. */
  readonly distance: number;
  /** Unit of the distance, e.g. 'eV/atom'. */
  readonly unit: string;
}

/** The champion surrogate, with figures from labels held out by composition. */
export interface ModelStatus {
  readonly version: number;
  /** Target name, unit in the name. */
  readonly target: string;
  readonly mae: number;
  /** Unit of the mean absolute error, e.g. 'eV/atom'. */
  readonly unit: string;
  /** Share of held-out values inside the 90 % interval, 0 to 1; null when it was not measured. */
  readonly coverage90: number | null;
  readonly miscalibrationArea: number | null;
}

export interface InFlightEvaluation {
  readonly formula: string;
  readonly arm: Arm;
  readonly startedAt: string;
}

export interface CampaignStatus {
  readonly name: string;
  readonly question: string;
  readonly phase: CampaignPhase;
  /** One short clause on what the phase waits for or does; empty when there is nothing to add. */
  readonly phaseDetail: string;
  readonly labels: {
    readonly model: number;
    readonly control: number;
    readonly reference: number;
    /** Labels that both arms may have together; references are not counted against it. */
    readonly budget: number;
  };
  readonly failed: number;
  readonly rejected: number;
  readonly discoveries: { readonly model: number; readonly control: number };
  readonly best: BestSoFar | null;
  readonly model: ModelStatus | null;
  readonly generatorVersion: number;
  readonly learning: { readonly round: number; readonly detail: string } | null;
  readonly queueLength: number;
  readonly inFlight: readonly InFlightEvaluation[];
  readonly spentCoreSeconds: number;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly temporalUiUrl: string;
  /** Why the campaign ended; null while it runs. */
  readonly stopReason: string | null;
}
