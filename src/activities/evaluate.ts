import type { EvaluationFact, LabelFact } from '../campaign/facts.ts';
import { wantedProperties } from '../campaign/objective.ts';
import type { CampaignSpec } from '../campaign/spec.ts';
import type { EvaluationOutcome, QueuedCandidate } from '../campaign/state.ts';
import { CONTRACT_VERSION } from '../executors/contract.ts';
import type {
  EvaluationAnswer,
  EvaluationContext,
  EvaluationRequest,
  ExecutorDescription,
} from '../executors/contract.ts';
import { gate } from '../executors/gate.ts';
import type { CampaignFacts } from '../store/fact-store.ts';
import { WORKER, settingsSha256 } from './evaluation-facts.ts';

/** Runs one request to an answer; never throws for a failed evaluation. */
export interface ExecutorHost {
  readonly description: ExecutorDescription;
  evaluate(request: EvaluationRequest, context: EvaluationContext): Promise<EvaluationAnswer>;
}

export interface EvaluationJob extends EvaluationContext {
  readonly member: QueuedCandidate;
  readonly spec: CampaignSpec;
  readonly facts: CampaignFacts;
  readonly host: ExecutorHost;
  readonly now: () => Date;
  /** From 1: which try of the evaluation this is. */
  readonly attempt: number;
}

/** Same key, same answer: what was recorded before is not run again. */
export async function evaluateOnce(job: EvaluationJob): Promise<EvaluationOutcome> {
  const { member, facts } = job;
  const evaluation = (await facts.getEvaluation(member.key)) ?? (await evaluateAndRecord(job));
  const { status, reason, coreSeconds } = evaluation;
  return { key: member.key, arm: member.arm, status, reason, coreSeconds };
}

async function evaluateAndRecord(job: EvaluationJob): Promise<EvaluationFact> {
  const { member, spec, facts, host, now, attempt, signal } = job;
  const candidate = await facts.getCandidate(member.candidateId);
  const prediction = await facts.getPrediction(member.candidateId, member.modelVersion);
  const properties = wantedProperties(spec.objective);
  const startedAt = now().toISOString();
  const started = performance.now();
  const answer = await host.evaluate(
    {
      contractVersion: CONTRACT_VERSION,
      key: member.key,
      crystal: candidate.crystal,
      properties,
      settings: spec.executor.settings,
      fidelity: host.description.fidelity,
      deadlineSeconds: spec.executor.deadline,
      seed: spec.seed,
    },
    { signal, heartbeat: (detail) => job.heartbeat(detail) },
  );
  const wallSeconds = (performance.now() - started) / 1000;
  const { status, reason } = judgeAnswer({ answer, proposed: candidate.crystal, properties });
  const shared = {
    _id: member.key,
    candidateId: candidate._id,
    formula: candidate.formula,
    arm: member.arm,
    values: answer.status === 'succeeded' ? answer.values : {},
    executor: { name: host.description.name, version: host.description.version },
    settingsSha256: settingsSha256(spec),
    coreSeconds: answer.cost?.coreSeconds ?? wallSeconds,
    startedAt,
    endedAt: now().toISOString(),
  };
  const evaluation: EvaluationFact = {
    ...shared,
    status,
    reason,
    software: answer.software,
    attempt,
    worker: WORKER,
  };
  const label: LabelFact | null =
    status === 'succeeded' && answer.status === 'succeeded'
      ? {
          ...shared,
          crystal: candidate.crystal,
          relaxedCrystal: answer.relaxedCrystal,
          generator: candidate.generator,
          generatorVersion: candidate.generatorVersion,
          modelVersion: member.modelVersion,
          predicted: prediction?.values ?? null,
        }
      : null;
  await facts.addEvaluation(evaluation, label);
  return evaluation;
}

function judgeAnswer({
  answer,
  ...asked
}: Omit<Parameters<typeof gate>[0], 'answer'> & { readonly answer: EvaluationAnswer }): Pick<
  EvaluationFact,
  'status' | 'reason'
> {
  if (answer.status === 'failed') {
    return { status: 'failed', reason: `${answer.failure.kind}: ${answer.failure.message}` };
  }
  const failedChecks = gate({ answer, ...asked }).filter((check) => !check.passed);
  if (failedChecks.length === 0) return { status: 'succeeded', reason: null };
  return {
    status: 'rejected',
    reason: failedChecks.map(({ name, detail }) => `${name}: ${detail}`).join('; '),
  };
}
