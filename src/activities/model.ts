import { heartbeat } from '@temporalio/activity';
import type { ModelContext } from './context.ts';
import type { ModelActivities } from './contract.ts';
import { trainSurrogate, tuneGenerator } from './learn.ts';
import { propose } from './propose.ts';

export function createModelActivities(context: ModelContext): ModelActivities {
  return {
    async propose(input) {
      const alive = setInterval(() => heartbeat('proposing'), 5000);
      try {
        return await propose(context, input);
      } finally {
        clearInterval(alive);
      }
    },
    trainSurrogate: (input) => trainSurrogate(context, input),
    tuneGenerator: (input) => tuneGenerator(context, input),
  };
}
