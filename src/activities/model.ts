import { Context as ActivityContext, heartbeat } from '@temporalio/activity';
import type { ModelContext } from './context.ts';
import type { ModelActivities } from './contract.ts';
import { type Attempt, trainSurrogate, tuneGenerator } from './learn.ts';
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
    trainSurrogate: (input) => trainSurrogate(context, input, currentAttempt()),
    tuneGenerator: (input) => tuneGenerator(context, input, currentAttempt()),
  };
}

/**
 * The activity is taken here and not when news comes: the model process was started by some earlier activity, and what
 * it says arrives in that one's asynchronous context.
 */
function currentAttempt(): Attempt {
  const activity = ActivityContext.current();
  return {
    number: activity.info.attempt,
    watch: { signal: activity.cancellationSignal, progress: (detail) => activity.heartbeat(detail) },
  };
}
