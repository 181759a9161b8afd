import { join } from 'node:path';
import { createCampaignActivities } from '../activities/campaign.ts';
import type { ModelContext } from '../activities/context.ts';
import { type ExecutorHost, evaluateOnce } from '../activities/evaluate.ts';
import { trainSurrogate, tuneGenerator } from '../activities/learn.ts';
import { propose } from '../activities/propose.ts';
import { type Action, decide } from '../campaign/decide.ts';
import type { CampaignRecord } from '../campaign/facts.ts';
import type { CampaignSpec } from '../campaign/spec.ts';
import { type CampaignState, initialState, labelCount } from '../campaign/state.ts';
import type { EvaluationOutcome, QueuedCandidate, Ticket } from '../campaign/state.ts';
import * as transition from '../campaign/transitions.ts';
import { type Random, random } from '../crystal/random.ts';
import { canonicalJson, sha256 } from '../executors/key.ts';
import { createExecutor } from '../executors/registry.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { VirtualClock } from './virtual-clock.ts';
import { type World, drawEvaluationSeconds } from './world.ts';

export interface Simulated {
  readonly record: CampaignRecord;
  readonly state: CampaignState;
  /** Virtual, from the first decision to the last event. */
  readonly seconds: number;
}

/** Day one of every simulation: facts carry times, and equal simulations must leave equal facts. */
const EPOCH = Date.UTC(2000, 0, 1);

/**
 * Runs a whole campaign without Temporal: the same decisions, transitions and activities, the real executor and the
 * real models, on a virtual clock and with facts in memory. Equal spec, seed and world: equal facts.
 */
export async function simulate(
  spec: CampaignSpec,
  models: Omit<ModelContext, 'store' | 'now'>,
  world: World,
): Promise<Simulated> {
  const simulation = new Simulation(spec, models, world);
  await simulation.run();
  return simulation.outcome();
}

class Simulation {
  private readonly spec: CampaignSpec;
  private readonly context: ModelContext;
  private readonly world: World;
  private readonly clock = new VirtualClock();
  private readonly store = new MemoryStore();
  private readonly durations: Random;
  /** When each of the executor's slots is free again, s. */
  private readonly slotFreeSeconds: number[];
  private current: CampaignState | null = null;
  private host: ExecutorHost | null = null;
  private proposing = false;

  constructor(spec: CampaignSpec, models: Omit<ModelContext, 'store' | 'now'>, world: World) {
    this.spec = spec;
    this.world = world;
    this.context = {
      ...models,
      store: this.store,
      now: () => new Date(EPOCH + Math.round(1000 * this.clock.now())),
    };
    this.durations = random(spec.seed, 'durations');
    this.slotFreeSeconds = new Array<number>(spec.executor.slots).fill(0);
  }

  async run(): Promise<void> {
    const { spec, context } = this;
    await this.store.addCampaign({
      _id: spec.name,
      spec,
      specSha256: sha256(canonicalJson(spec)),
      createdAt: context.now().toISOString(),
    });
    this.host = await createExecutor(spec.executor, join(context.scratch, 'evaluations'));
    const activities = createCampaignActivities(context);
    this.current = initialState(spec, await activities.prepare({ campaign: spec.name }));
    for (;;) {
      const actions = decide(this.state(), spec);
      const end = actions.find((action) => action.kind === 'finish');
      if (end) {
        this.current = transition.finished(this.state(), end.reason);
        return;
      }
      for (const action of actions) await this.start(action);
      // A paused campaign starts nothing: when the last event has happened it would wait for a person for ever.
      if (!(await this.clock.next())) return;
      if (this.awaitsAssessment()) {
        const assessment = await activities.assess({ campaign: spec.name });
        this.current = transition.assessed(this.state(), assessment);
      }
    }
  }

  async outcome(): Promise<Simulated> {
    const campaign = await this.store.getCampaign(this.spec.name);
    if (!campaign) throw new Error('the simulation has not been run');
    const record = await this.store.campaign(this.spec.name).readRecord(campaign);
    return { record, state: this.state(), seconds: this.clock.now() };
  }

  private state(): CampaignState {
    if (!this.current) throw new Error('the simulation has not been prepared');
    return this.current;
  }

  private awaitsAssessment(): boolean {
    const { labels, assessment } = this.state();
    return assessment.assessedLabels < labels.model + labels.control + labels.reference;
  }

  private async start(action: Action): Promise<void> {
    switch (action.kind) {
      case 'evaluate':
        return this.evaluate(action.members);
      case 'propose':
        if (!this.proposing) await this.propose(action.count);
        return;
      case 'learn':
        return this.learn(action);
      case 'finish':
        return;
    }
  }

  /** Takes the slot that is free first: what the executor has no slot for waits in its queue. */
  private evaluate(members: readonly QueuedCandidate[]): void {
    const [first] = members;
    if (!first) return;
    const ticket: Ticket = {
      id: first.key.slice(0, 16),
      members,
      startedAt: this.context.now().toISOString(),
    };
    this.current = transition.evaluationStarted(this.state(), ticket);
    const slot = this.slotFreeSeconds.indexOf(Math.min(...this.slotFreeSeconds));
    let at = Math.max(this.clock.now(), this.slotFreeSeconds[slot] as number);
    for (const _ of members) at += drawEvaluationSeconds(this.world, this.durations);
    this.slotFreeSeconds[slot] = at;
    const lost = this.durations.uniform() < this.world.failureShare;
    this.clock.at(at, async () => {
      const outcomes = lost ? await this.loseAll(members) : await this.evaluateAll(members);
      this.current = transition.evaluationEnded(this.state(), ticket.id, outcomes);
    });
  }

  private async evaluateAll(members: readonly QueuedCandidate[]): Promise<EvaluationOutcome[]> {
    const { spec, context, host } = this;
    if (!host) throw new Error('the simulation has no executor');
    const facts = this.store.campaign(spec.name);
    const { signal } = new AbortController();
    const job = { spec, facts, host, now: context.now, attempt: 1, signal, heartbeat: () => undefined };
    const outcomes: EvaluationOutcome[] = [];
    for (const member of members) outcomes.push(await evaluateOnce({ ...job, member }));
    return outcomes;
  }

  private async loseAll(members: readonly QueuedCandidate[]): Promise<EvaluationOutcome[]> {
    const { recordFailures } = createCampaignActivities(this.context);
    const reason = 'infrastructure: lost by the simulated world';
    return recordFailures({ campaign: this.spec.name, members, reason });
  }

  /** Proposes from what is known now; the candidates arrive when the proposal has taken its time. */
  private async propose(count: number): Promise<void> {
    this.proposing = true;
    const state = this.state();
    const pending = [...state.queue, ...state.inFlight.flatMap((ticket) => ticket.members)];
    const candidates = await propose(this.context, {
      campaign: this.spec.name,
      proposal: state.proposals + 1,
      count,
      modelVersion: state.model.version,
      generatorVersion: state.generator.version,
      pendingCandidateIds: pending.map((member) => member.candidateId),
    });
    this.clock.at(this.clock.now() + this.world.proposalSeconds, async () => {
      this.proposing = false;
      this.current = transition.proposed(this.state(), candidates, false);
    });
  }

  /** Trains on what is known now; the verdict arrives when the training has taken its time. */
  private async learn({ round, tuneGenerator: tune }: Extract<Action, { kind: 'learn' }>): Promise<void> {
    const { spec, context } = this;
    const state = this.state();
    this.current = transition.learningStarted(state, labelCount(state));
    const attempt = {
      number: 1,
      watch: { signal: new AbortController().signal, progress: () => undefined },
    };
    const campaign = spec.name;
    const { model } = await trainSurrogate(
      context,
      { campaign, version: round, championVersion: state.model.version },
      attempt,
    );
    const tuned = tune
      ? await tuneGenerator(
          context,
          { campaign, version: round, currentVersion: state.generator.version },
          attempt,
        )
      : null;
    this.clock.at(this.clock.now() + this.world.trainingSeconds, async () => {
      this.current = transition.learningEnded(this.state(), {
        model,
        generatorVersion: tuned?.promoted ? round : null,
        tunedAtLabels: tuned?.labels ?? null,
      });
    });
  }
}
