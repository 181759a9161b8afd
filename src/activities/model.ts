import { Context as ActivityContext } from '@temporalio/activity';
import type { ModelContext } from './context.ts';
import type { ModelActivities } from './contract.ts';
import { type Attempt, trainSurrogate, tuneGenerator } from './learn.ts';
import { lookInto } from './look-into.ts';
import { propose } from './propose.ts';

/**
 * How often an activity tells that it is alive, ms. A cancellation is only heard in the answer, so this bounds how long
 * cancelled work goes on; the worker must not hold heartbeats back for longer.
 */
export const HEARTBEAT_MS = 400;

export function createModelActivities(context: ModelContext): ModelActivities {
  return {
    propose: (input) => supervised('proposing', () => propose(context, input)),
    trainSurrogate: (input) =>
      supervised('reading labels', (attempt) => trainSurrogate(context, input, attempt)),
    tuneGenerator: (input) =>
      supervised('reading labels', (attempt) => tuneGenerator(context, input, attempt)),
    lookInto: (input) => supervised('reading labels', ({ watch }) => lookInto(context, input, watch)),
  };
}

/**
 * Runs the work of an activity under a steady heartbeat, whatever the work itself reports and however rarely.
 *
 * The activity is taken here and not when news comes: the model process was started by some earlier activity, and what
 * it says arrives in that one's asynchronous context.
 */
async function supervised<T>(first: string, work: (attempt: Attempt) => Promise<T>): Promise<T> {
  const activity = ActivityContext.current();
  const { cancellationSignal: signal } = activity;
  let latest = first;
  const progress = (detail: string): void => activity.heartbeat((latest = detail));
  const pulse = setInterval(() => activity.heartbeat(latest), HEARTBEAT_MS);
  try {
    return await work({ number: activity.info.attempt, watch: { signal, progress } });
  } catch (error) {
    // Cancelled work fails in its own words; Temporal only takes its own word for a cancellation.
    signal.throwIfAborted();
    throw error;
  } finally {
    clearInterval(pulse);
  }
}
