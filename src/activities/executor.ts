import { Context as ActivityContext } from '@temporalio/activity';
import type { CampaignSpec } from '../campaign/spec.ts';
import type { EvaluationOutcome } from '../campaign/state.ts';
import { describeExecutor, executorModule } from '../executors/registry.ts';
import { ExecutorThreads } from '../executors/threads.ts';
import type { Context } from './context.ts';
import { openCampaign } from './context.ts';
import type { ExecutorActivities } from './contract.ts';
import { type ExecutorHost, evaluateOnce } from './evaluate.ts';
import { settingsSha256 } from './evaluation-facts.ts';

export function createExecutorActivities(context: Context): ExecutorActivities {
  const hosts = new Map<string, Promise<ExecutorHost>>();
  const hostOf = (spec: CampaignSpec): Promise<ExecutorHost> => {
    const { name, settings } = spec.executor;
    const id = `${name} ${settingsSha256(spec)}`;
    const known = hosts.get(id);
    if (known) return known;
    const host = openHost(name, settings);
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

/** One executor with one campaign's settings, in threads of its own. */
async function openHost(name: string, settings: Readonly<Record<string, unknown>>): Promise<ExecutorHost> {
  const description = await describeExecutor(name, settings);
  const threads = new ExecutorThreads({ module: executorModule(name), settings });
  return { description, evaluate: (request, context) => threads.evaluate(request, context) };
}
