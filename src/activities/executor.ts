import { Context as ActivityContext } from '@temporalio/activity';
import type { EvaluationFact, LabelFact } from '../campaign/facts.ts';
import { requiredProperties } from '../campaign/objective.ts';
import type { CampaignSpec } from '../campaign/spec.ts';
import type { EvaluationOutcome, QueuedCandidate } from '../campaign/state.ts';
import { CONTRACT_VERSION } from '../executors/contract.ts';
import type { EvaluationAnswer, ExecutorDescription } from '../executors/contract.ts';
import { gate } from '../executors/gate.ts';
import { describeExecutor, executorModule } from '../executors/registry.ts';
import { ExecutorThreads } from '../executors/threads.ts';
import type { CampaignStore } from '../store/campaign-store.ts';
import type { Context } from './context.ts';
import { openCampaign } from './context.ts';
import type { ExecutorActivities } from './contract.ts';
import { WORKER, settingsSha256 } from './evaluation-facts.ts';

/** One executor with one campaign's settings, in threads of its own. */
interface Host {
  readonly description: ExecutorDescription;
  readonly threads: ExecutorThreads;
}

export function createExecutorActivities(context: Context): ExecutorActivities {
  const hosts = new Map<string, Promise<Host>>();
  const hostOf = (spec: CampaignSpec): Promise<Host> => {
    const { name, settings } = spec.executor;
    const id = `${name} ${settingsSha256(spec)}`;
    const known = hosts.get(id);
    if (known) return known;
    const host = describeExecutor(name, settings).then((description) => ({
      description,
      threads: new ExecutorThreads({ module: executorModule(name), settings }),
    }));
    hosts.set(id, host);
    host.catch(() => hosts.delete(id));
    return host;
  };

  return {
    async evaluate({ campaign: name, members }) {
      const { campaign, facts } = await openCampaign(context, name);
      const host = await hostOf(campaign.spec);
      // Says that the worker is alive: whether the executor is, its deadline decides.
      const activity = ActivityContext.current();
      const alive = setInterval(() => activity.heartbeat(), 5000);
      try {
        const outcomes: EvaluationOutcome[] = [];
        for (const member of members) {
          outcomes.push(await evaluateOnce({ member, spec: campaign.spec, facts, host, now: context.now }));
        }
        return outcomes;
      } finally {
        clearInterval(alive);
      }
    },
  };
}

interface Job {
  readonly member: QueuedCandidate;
  readonly spec: CampaignSpec;
  readonly facts: CampaignStore;
  readonly host: Host;
  readonly now: () => Date;
}

/** Same key, same answer: what was recorded before is not run again. */
async function evaluateOnce(job: Job): Promise<EvaluationOutcome> {
  const { member, facts } = job;
  const evaluation = (await facts.getEvaluation(member.key)) ?? (await evaluateAndRecord(job));
  const { status, reason, coreSeconds } = evaluation;
  return { key: member.key, arm: member.arm, status, reason, coreSeconds };
}

async function evaluateAndRecord({ member, spec, facts, host, now }: Job): Promise<EvaluationFact> {
  const candidate = await facts.getCandidate(member.candidateId);
  const prediction = await facts.getPrediction(member.candidateId, member.modelVersion);
  const properties = requiredProperties(spec.objective);
  const activity = ActivityContext.current();
  const startedAt = now().toISOString();
  const answer = await host.threads.evaluate(
    {
      contractVersion: CONTRACT_VERSION,
      key: member.key,
      crystal: candidate.crystal,
      properties,
      settings: spec.executor.settings,
      deadlineSeconds: spec.executor.deadline,
      seed: spec.seed,
    },
    { signal: activity.cancellationSignal, heartbeat: (detail) => activity.heartbeat(detail) },
  );
  const { status, reason } = judgeAnswer(
    { answer, proposed: candidate.crystal, properties },
    host.description,
  );
  const shared = {
    _id: member.key,
    candidateId: candidate._id,
    formula: candidate.formula,
    arm: member.arm,
    values: answer.status === 'succeeded' ? answer.values : {},
    executor: { name: host.description.name, version: host.description.version },
    settingsSha256: settingsSha256(spec),
    coreSeconds: answer.cost.coreSeconds,
    startedAt,
    endedAt: now().toISOString(),
  };
  const evaluation: EvaluationFact = {
    ...shared,
    status,
    reason,
    software: answer.software,
    attempt: activity.info.attempt,
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

function judgeAnswer(
  { answer, ...asked }: Omit<Parameters<typeof gate>[0], 'answer'> & { readonly answer: EvaluationAnswer },
  description: ExecutorDescription,
): Pick<EvaluationFact, 'status' | 'reason'> {
  if (answer.status === 'failed') {
    return { status: 'failed', reason: `${answer.failure.kind}: ${answer.failure.message}` };
  }
  const failedChecks = gate({ answer, ...asked }, description).filter((check) => !check.passed);
  if (failedChecks.length === 0) return { status: 'succeeded', reason: null };
  return {
    status: 'rejected',
    reason: failedChecks.map(({ name, detail }) => `${name}: ${detail}`).join('; '),
  };
}
