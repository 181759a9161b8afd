import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from '../../src/campaign/decide.ts';
import { labelCount } from '../../src/campaign/state.ts';
import type { CampaignState, EvaluationOutcome, QueuedCandidate, Ticket } from '../../src/campaign/state.ts';
import * as transition from '../../src/campaign/transitions.ts';
import { random } from '../../src/crystal/random.ts';
import type { Random } from '../../src/crystal/random.ts';
import { candidate, specWith, stateWith } from './builders.ts';

/**
 * Drives the campaign's rules through a world in which everything ends in any order: evaluations succeed, fail or are
 * rejected, models are promoted or not, proposals bring much or nothing.
 */
function live({ labels, slots, batchSize, everyLabels, staleLabels, failShare, seed }: World) {
  const spec = specWith({
    budget: { labels },
    executor: { name: 'emt', slots },
    learning: { everyLabels, staleLabels, members: 2, generatorEveryLabels: 50 },
  });
  const chance = random(seed);
  const references = [0, 1, 2].map((i) => candidate(`reference-${i}`, { arm: 'reference' }));
  let state: CampaignState = {
    ...stateWith({}, { batchSize, references }),
    budget: { labels, computingCoreSeconds: null },
  };
  state = { ...state, slots };
  const evaluated: string[] = [];
  let pendingProposal: number | null = null;
  let mostInFlight = 0;
  let mostUnlearned = 0;

  for (let step = 0; step < 50_000; step++) {
    for (const action of decide(state, spec)) {
      switch (action.kind) {
        case 'finish':
          return { state, evaluated, mostInFlight, mostUnlearned, reason: action.reason, spec };
        case 'evaluate': {
          evaluated.push(...action.members.map((member) => member.key));
          const ticket: Ticket = { id: action.members[0]?.key ?? '', members: action.members, startedAt: '' };
          state = transition.evaluationStarted(state, ticket);
          break;
        }
        case 'propose':
          pendingProposal ??= action.count;
          break;
        case 'learn':
          state = transition.learningStarted(state, labelCount(state));
          break;
      }
    }
    mostInFlight = Math.max(mostInFlight, state.inFlight.length);
    mostUnlearned = Math.max(mostUnlearned, labelCount(state) - state.learnedAtLabels);
    state = happen(state, chance, { failShare, propose: () => take() });
    state = transition.assessed(state, {
      ...state.assessment,
      assessedLabels: labelCount(state) + state.labels.reference,
    });
  }
  throw new Error('the campaign did not end');

  function take(): QueuedCandidate[] | null {
    if (pendingProposal === null) return null;
    const control = Math.ceil(0.2 * pendingProposal);
    const made = Array.from({ length: pendingProposal + control }, (_, i) =>
      candidate(`${state.proposals}-${i}`, {
        arm: i < control ? 'control' : 'model',
        modelVersion: state.model.version,
      }),
    );
    pendingProposal = null;
    return made;
  }
}

interface World {
  labels: number;
  slots: number;
  batchSize: number;
  everyLabels: number;
  staleLabels: number;
  failShare: number;
  seed: number;
}

function happen(
  state: CampaignState,
  chance: Random,
  { failShare, propose }: { failShare: number; propose(): QueuedCandidate[] | null },
): CampaignState {
  const ticket = state.inFlight.length > 0 ? chance.pick(state.inFlight) : undefined;
  const happenings: (() => CampaignState)[] = [
    () => {
      const made = propose();
      return made ? transition.proposed(state, made, false) : state;
    },
  ];
  if (ticket) {
    const outcomes = ticket.members.map(({ key, arm }): EvaluationOutcome => ({
      key,
      arm,
      status: arm !== 'reference' && chance.uniform() < failShare ? 'failed' : 'succeeded',
      reason: null,
      coreSeconds: 0.1,
    }));
    happenings.push(() => transition.evaluationEnded(state, ticket.id, outcomes));
  }
  if (state.learning) {
    const model = chance.uniform() < 0.7 ? { ...state.model, version: state.learningRound } : null;
    happenings.push(() =>
      transition.learningEnded(state, { model, generatorVersion: null, tunedAtLabels: null }),
    );
  }
  return chance.pick(happenings)();
}

const worlds = fc.record({
  labels: fc.integer({ min: 10, max: 200 }),
  slots: fc.integer({ min: 1, max: 12 }),
  batchSize: fc.integer({ min: 1, max: 8 }),
  everyLabels: fc.integer({ min: 5, max: 40 }),
  staleLabels: fc.integer({ min: 0, max: 40 }),
  failShare: fc.constantFrom(0, 0.1, 0.4),
  seed: fc.nat(),
});

test('every campaign ends with its budget of labels, each key evaluated once', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const { state, evaluated, reason } = live(world);
      expect(labelCount(state)).toBe(world.labels);
      expect(reason).toContain('budget');
      expect(new Set(evaluated).size).toBe(evaluated.length);
      expect(evaluated.length).toBe(labelCount(state) + state.failed + state.labels.reference);
    }),
    { numRuns: 150 },
  );
});

test('concurrency, staleness and the control arm keep their bounds', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const { state, mostInFlight, mostUnlearned } = live({ ...world, failShare: 0 });
      expect(mostInFlight).toBeLessThanOrEqual(world.slots + 2);
      expect(mostUnlearned).toBeLessThanOrEqual(Math.max(world.everyLabels, world.staleLabels));
      // One short when the last owed control candidate had not been proposed yet.
      expect(Math.floor(0.1 * world.labels) - state.labels.control).toBeOneOf([0, 1]);
    }),
    { numRuns: 150 },
  );
});
