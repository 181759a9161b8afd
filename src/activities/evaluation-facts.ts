import { hostname } from 'node:os';
import type { EvaluationFact } from '../campaign/facts.ts';
import type { CampaignSpec } from '../campaign/spec.ts';
import type { QueuedCandidate } from '../campaign/state.ts';
import { canonicalJson, sha256 } from '../executors/key.ts';

/** Names this process in facts, so that a label can be traced to the machine that made it. */
export const WORKER = `${process.pid}@${hostname()}`;

export function settingsSha256(spec: CampaignSpec): string {
  return sha256(canonicalJson(spec.executor.settings));
}

/** The fact of an evaluation that could not be run at all. */
export function failureFact(failed: {
  readonly member: QueuedCandidate;
  readonly spec: CampaignSpec;
  readonly reason: string;
  readonly at: string;
}): EvaluationFact {
  const { member, spec, reason, at } = failed;
  return {
    _id: member.key,
    candidateId: member.candidateId,
    formula: member.formula,
    arm: member.arm,
    status: 'failed',
    reason,
    values: {},
    executor: { name: spec.executor.name, version: 'unknown' },
    software: [],
    settingsSha256: settingsSha256(spec),
    coreSeconds: 0,
    attempt: 0,
    worker: WORKER,
    startedAt: at,
    endedAt: at,
  };
}
