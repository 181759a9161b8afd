import type { Random } from '../crystal/random.ts';

/** How long things take in a simulated laboratory or cluster, and how often they fail. */
export interface World {
  /** Of one candidate's evaluation; drawn log-normally, as queueing and convergence make them. */
  readonly evaluationMedianSeconds: number;
  /** Standard deviation of the logarithm: 0 is always the same, 1 a long tail. */
  readonly evaluationSpread: number;
  readonly proposalSeconds: number;
  readonly trainingSeconds: number;
  /** Share of evaluations that end without an answer. */
  readonly failureShare: number;
}

/** A queue of plane-wave calculations: an hour each with a long tail, one in thirty lost. */
export const CLUSTER: World = {
  evaluationMedianSeconds: 3600,
  evaluationSpread: 0.8,
  proposalSeconds: 30,
  trainingSeconds: 60,
  failureShare: 1 / 30,
};

export function drawEvaluationSeconds(world: World, random: Random): number {
  return world.evaluationMedianSeconds * Math.exp(world.evaluationSpread * random.normal());
}
