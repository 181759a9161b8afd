import { Context as ActivityContext } from '@temporalio/activity';
import { join } from 'node:path';
import type { CampaignFact } from '../campaign/facts.ts';
import type { EvaluationOutcome } from '../campaign/state.ts';
import { hostExecutor } from '../executors/registry.ts';
import type { Context } from './context.ts';
import { openCampaign } from './context.ts';
import type { ExecutorActivities } from './contract.ts';
import { type ExecutorHost, evaluateOnce } from './evaluate.ts';

/** @param folder where commands have the folders of their evaluations, by campaign */
export function createExecutorActivities(context: Context, folder: string): ExecutorActivities {
  const hosts = new Map<string, Promise<ExecutorHost>>();
  const hostOf = ({ _id: name, spec }: CampaignFact): Promise<ExecutorHost> => {
    const known = hosts.get(name);
    if (known) return known;
    const host = hostExecutor(spec.executor, join(folder, name));
    hosts.set(name, host);
    host.catch(() => hosts.delete(name));
    return host;
  };

  return {
    async evaluate({ campaign: name, members }) {
      const { campaign, facts } = await openCampaign(context, name);
      const host = await hostOf(campaign);
      // Says that the worker is alive: whether the executor is, its deadline decides.
      const activity = ActivityContext.current();
      const alive = setInterval(() => activity.heartbeat(), 5000);
      try {
        const outcomes: EvaluationOutcome[] = [];
        for (const member of members) {
          outcomes.push(
            await evaluateOnce({
              member,
              spec: campaign.spec,
              facts,
              host,
              now: context.now,
              attempt: activity.info.attempt,
              signal: activity.cancellationSignal,
              heartbeat: (detail) => activity.heartbeat(detail),
            }),
          );
        }
        return outcomes;
      } finally {
        clearInterval(alive);
      }
    },
  };
}
