import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { CampaignActivities } from '../activities/contract.ts';
import type { CampaignState } from '../campaign/state.ts';
import * as transition from '../campaign/transitions.ts';
import {
  approveUpdate,
  concurrencyUpdate,
  declineUpdate,
  evaluationEndedSignal,
  extendUpdate,
  learningEndedSignal,
  pauseUpdate,
  resumeUpdate,
  stopUpdate,
} from './messages.ts';
import { CAMPAIGN_QUEUE } from './naming.ts';

interface Campaign {
  readonly campaign: string;
  current(): CampaignState;
  update(state: CampaignState): void;
}

/**
 * Registers the handlers of signals and updates. They only set state; the loop acts on it. What a person decided is
 * recorded beside, and `idle` waits until that is done.
 */
export function handleMessages({ campaign, current, update }: Campaign): { idle(): Promise<void> } {
  const { recordDecision } = proxyActivities<CampaignActivities>({
    taskQueue: CAMPAIGN_QUEUE,
    startToCloseTimeout: '1 minute',
    summary: 'record a decision',
  });
  let recording = 0;
  const decided = (kind: string, by: string, reason: string): void => {
    recording += 1;
    const createdAt = new Date().toISOString();
    void recordDecision({ campaign, id: `${kind}/${createdAt}`, kind, by, reason })
      .catch(() => undefined)
      .finally(() => (recording -= 1));
  };
  const change = (next: CampaignState, kind: string, reason: string): CampaignState => {
    update(next);
    decided(kind, 'person', reason);
    return next;
  };

  setHandler(evaluationEndedSignal, ({ ticketId, outcomes }) => {
    update(transition.evaluationEnded(current(), ticketId, outcomes));
  });
  setHandler(learningEndedSignal, ({ round, model, generatorVersion, tunedAtLabels, note }) => {
    if (round !== current().learningRound) return;
    update(transition.learningEnded(current(), { model, generatorVersion, tunedAtLabels }));
    decided('learned', 'gate', note);
  });

  setHandler(pauseUpdate, ({ reason }) => change(transition.paused(current(), reason), 'paused', reason), {
    validator: ({ reason }) => {
      refuseLongReason(reason);
      refuseUnless(
        current().phase === 'running',
        `it is ${current().phase}; only a running campaign can be paused`,
      );
    },
  });
  setHandler(resumeUpdate, () => change(transition.resumed(current()), 'resumed', 'resumed'), {
    validator: () =>
      refuseUnless(
        current().phase === 'paused',
        `it is ${current().phase}; only a paused campaign can be resumed`,
      ),
  });
  setHandler(stopUpdate, ({ reason }) => change(transition.stopping(current(), reason), 'stopped', reason), {
    validator: ({ reason }) => {
      refuseLongReason(reason);
      refuseUnless(current().phase !== 'finished', 'it has finished already');
    },
  });
  setHandler(
    extendUpdate,
    ({ labels }) => change(transition.extended(current(), labels), 'extended', `${labels} more labels`),
    {
      validator: ({ labels }) => {
        refuseUnless(
          Number.isInteger(labels) && labels >= 1 && labels <= 1_000_000,
          `labels is ${labels}; give a whole number from 1 to 1,000,000`,
        );
        refuseUnless(
          current().phase !== 'finished' && current().phase !== 'stopping',
          `it is ${current().phase}; run it again under a new name`,
        );
      },
    },
  );
  setHandler(
    approveUpdate,
    ({ keys }) => change(transition.approved(current(), keys), 'approved', `${keys.length} candidates`),
    {
      validator: ({ keys }) => refuseUnlessAwaiting(current(), keys),
    },
  );
  setHandler(
    declineUpdate,
    ({ keys }) => change(transition.declined(current(), keys), 'declined', `${keys.length} candidates`),
    {
      validator: ({ keys }) => refuseUnlessAwaiting(current(), keys),
    },
  );
  setHandler(
    concurrencyUpdate,
    ({ slots }) => change(transition.concurrencyChanged(current(), slots), 'concurrency', `${slots} slots`),
    {
      validator: ({ slots }) =>
        refuseUnless(
          Number.isInteger(slots) && slots >= 1 && slots <= 1000,
          `slots is ${slots}; give 1 to 1000`,
        ),
    },
  );

  return { idle: () => condition(() => recording === 0) };
}

function refuseUnless(allowed: boolean, why: string): void {
  if (!allowed) throw new Error(why);
}

function refuseLongReason(reason: string): void {
  refuseUnless(reason.length <= 500, `the reason has ${reason.length} characters; at most 500 are kept`);
}

function refuseUnlessAwaiting(state: CampaignState, keys: readonly string[]): void {
  const awaiting = new Set(state.awaitingApproval.map((member) => member.key));
  const unknown = keys.filter((key) => !awaiting.has(key));
  refuseUnless(keys.length > 0, 'no candidate was named');
  refuseUnless(unknown.length === 0, `not awaiting approval: ${unknown.slice(0, 3).join(', ')}`);
}
