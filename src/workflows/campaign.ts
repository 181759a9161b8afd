import {
  ApplicationFailure,
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  allHandlersFinished,
  condition,
  continueAsNew,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { CampaignActivities, ModelActivities } from '../activities/contract.ts';
import { decide } from '../campaign/decide.ts';
import type { Action } from '../campaign/decide.ts';
import type { CampaignSpec } from '../campaign/spec.ts';
import { initialState, labelCount } from '../campaign/state.ts';
import type { CampaignState, QueuedCandidate, Ticket } from '../campaign/state.ts';
import * as transition from '../campaign/transitions.ts';
import { describeState } from './details.ts';
import { evaluation } from './evaluation.ts';
import { handleMessages } from './handlers.ts';
import { learning } from './learning.ts';
import { searchAttributes, stateQuery } from './messages.ts';
import { CAMPAIGN_QUEUE, MODEL_QUEUE, evaluationWorkflowId, learningWorkflowId } from './naming.ts';

export interface CampaignInput {
  readonly spec: CampaignSpec;
  /** Absolute folder for results and report. */
  readonly resultsFolder: string;
  /** Carried through continue-as-new; null at the start. */
  readonly state: CampaignState | null;
}

// A worker that is killed in the middle is noticed when this time is over.
const quick = {
  taskQueue: CAMPAIGN_QUEUE,
  startToCloseTimeout: '30 seconds',
  // Facts that contradict each other, as energies of two methods do, will not agree at the next try: a person must look.
  retry: { nonRetryableErrorTypes: ['RangeError'] },
} satisfies ActivityOptions;

/**
 * A campaign: an event loop over small plain state. `decide` says what to do next; this function does it and waits.
 * Evaluations and learning rounds are workflows of their own that signal when they end, so that the campaign can
 * continue as new at any time without draining them.
 */
export async function campaign(input: CampaignInput): Promise<CampaignState> {
  const { spec } = input;
  let state = input.state;
  let changes = 0;
  const update = (next: CampaignState): void => {
    if (next === state) return;
    state = next;
    changes += 1;
  };
  const current = (): CampaignState => {
    if (!state)
      throw ApplicationFailure.nonRetryable('the campaign is still being prepared; ask again in a moment');
    return state;
  };

  setHandler(stateQuery, current);
  const decisions = handleMessages({ campaign: spec.name, current, update });
  upsertSearchAttributes([{ key: searchAttributes.campaign, value: spec.name }]);

  if (!state) {
    const { prepare } = proxyActivities<CampaignActivities>({
      ...quick,
      summary: 'read the spec, name the references',
    });
    update(initialState(spec, await prepare({ campaign: spec.name })));
  }

  const work = new RunningWork(spec, current, update);
  for (;;) {
    publish(spec, current());
    const seen = changes;
    const leaving = workflowInfo().continueAsNewSuggested;
    const actions = leaving ? [] : decide(current(), spec);
    const end = actions.find((action) => action.kind === 'finish');
    if (end) {
      await work.idle();
      await condition(allHandlersFinished);
      // A person may have extended the budget while the last work ended.
      if (changes !== seen) continue;
      return await finish(input, current(), { reason: end.reason, update });
    }
    for (const action of actions) work.start(action);
    if (leaving) {
      await work.idle();
      await decisions.idle();
      await condition(allHandlersFinished);
      return continueAsNew<typeof campaign>({ ...input, state: current() });
    }
    work.assess();
    await condition(() => changes !== seen);
  }
}

/** What this run of the workflow has under way itself; unlike evaluations, it must end before continue-as-new. */
class RunningWork {
  private readonly spec: CampaignSpec;
  private readonly current: () => CampaignState;
  private readonly update: (state: CampaignState) => void;
  private running = 0;
  private proposing = false;
  private assessing = false;

  constructor(spec: CampaignSpec, current: () => CampaignState, update: (state: CampaignState) => void) {
    this.spec = spec;
    this.current = current;
    this.update = update;
  }

  start(action: Action): void {
    switch (action.kind) {
      case 'evaluate':
        return this.run(() => this.evaluate(action.members));
      case 'learn':
        return this.run(() => this.learn(action));
      case 'propose':
        if (this.proposing) return;
        this.proposing = true;
        return this.run(async () => {
          await this.propose(action.count).finally(() => (this.proposing = false));
        });
      case 'finish':
        return;
    }
  }

  /** Judges the labels again when new ones came; one judgement at a time, so that a burst of labels costs one. */
  assess(): void {
    const { labels, assessment } = this.current();
    if (this.assessing || assessment.assessedLabels >= labels.model + labels.control + labels.reference)
      return;
    this.assessing = true;
    this.run(async () => {
      const { assess } = proxyActivities<CampaignActivities>({ ...quick, summary: 'judge the labels' });
      const assessment = await assess({ campaign: this.spec.name }).finally(() => (this.assessing = false));
      this.update(transition.assessed(this.current(), assessment));
    });
  }

  async idle(): Promise<void> {
    await condition(() => this.running === 0);
  }

  private run(work: () => Promise<void>): void {
    this.running += 1;
    void work()
      .catch((error: unknown) => {
        const message =
          error instanceof Error
            ? error.cause instanceof Error
              ? error.cause.message
              : error.message
            : String(error);
        this.update(transition.paused(this.current(), message));
      })
      .finally(() => (this.running -= 1));
  }

  private async evaluate(members: readonly QueuedCandidate[]): Promise<void> {
    const { name, executor } = this.spec;
    const [first] = members;
    if (!first) return;
    const ticket: Ticket = { id: first.key.slice(0, 16), members, startedAt: new Date().toISOString() };
    this.update(transition.evaluationStarted(this.current(), ticket));
    const formulas = members.map((member) => member.formula).join(', ');
    await startedOnce(
      startChild(evaluation, {
        args: [{ campaign: name, ticket, executor: executor.name, deadlineSeconds: executor.deadline }],
        workflowId: evaluationWorkflowId(name, ticket.id),
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `${formulas.slice(0, 120)} by ${executor.name}, ${first.arm} arm, model v${first.modelVersion}`,
        typedSearchAttributes: [{ key: searchAttributes.campaign, value: name }],
      }),
    );
  }

  private async learn({ round, tuneGenerator }: Extract<Action, { kind: 'learn' }>): Promise<void> {
    const state = this.current();
    this.update(transition.learningStarted(state, labelCount(state)));
    await startedOnce(
      startChild(learning, {
        args: [
          {
            campaign: this.spec.name,
            round,
            championVersion: state.model.version,
            generatorVersion: state.generator.version,
            tuneGenerator,
          },
        ],
        workflowId: learningWorkflowId(this.spec.name, round),
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `learn from ${labelCount(state)} labels, challenger v${round} against v${state.model.version}`,
        typedSearchAttributes: [{ key: searchAttributes.campaign, value: this.spec.name }],
      }),
    );
  }

  private async propose(count: number): Promise<void> {
    const state = this.current();
    const pending = [...state.queue, ...state.inFlight.flatMap((ticket) => ticket.members)];
    const { propose } = proxyActivities<ModelActivities>({
      taskQueue: MODEL_QUEUE,
      startToCloseTimeout: '1 hour',
      heartbeatTimeout: '30 seconds',
      retry: { maximumAttempts: 5 },
      summary: `propose ${count} candidates with model v${state.model.version}`,
    });
    const candidates = await propose({
      campaign: this.spec.name,
      proposal: state.proposals + 1,
      count,
      modelVersion: state.model.version,
      generatorVersion: state.generator.version,
      pendingCandidateIds: pending.map((member) => member.candidateId),
    });
    this.update(transition.proposed(this.current(), candidates, this.spec.approval === 'every-proposal'));
  }
}

/**
 * A child that runs already was started before this campaign's workflow was lost and started anew: it will signal when
 * it ends. One that has ended may run again: it finds its key in the store and only tells what came of it.
 */
async function startedOnce(start: Promise<unknown>): Promise<void> {
  try {
    await start;
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

async function finish(
  { spec, resultsFolder }: CampaignInput,
  state: CampaignState,
  { reason, update }: { reason: string; update: (state: CampaignState) => void },
): Promise<CampaignState> {
  const { recordDecision, exportResults } = proxyActivities<CampaignActivities>({
    ...quick,
    startToCloseTimeout: '2 minutes',
    retry: { maximumAttempts: 5 },
    summary: 'write results and report',
  });
  await recordDecision({ campaign: spec.name, id: 'finished', kind: 'finished', by: 'campaign', reason });
  const exported = await exportResults({ campaign: spec.name, folder: resultsFolder });
  const final = transition.finished(state, reason);
  update(final);
  publish(spec, final, exported);
  return final;
}

/** Tells the Temporal UI: markdown details and search attributes. */
function publish(spec: CampaignSpec, state: CampaignState, note = ''): void {
  setCurrentDetails(describeState(spec, state) + (note ? `\n\n${note}` : ''));
  upsertSearchAttributes([
    { key: searchAttributes.phase, value: state.phase },
    { key: searchAttributes.labels, value: labelCount(state) },
    { key: searchAttributes.discoveries, value: state.assessment.discoveries.distinct },
    { key: searchAttributes.modelVersion, value: state.model.version },
  ]);
}
