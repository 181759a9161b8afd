import { describe, expect, test } from 'vitest';
import { decide } from '../../src/campaign/decide.ts';
import type { Action } from '../../src/campaign/decide.ts';
import * as transition from '../../src/campaign/transitions.ts';
import { candidate, specWith, stateWith } from './builders.ts';

const spec = specWith();
const kinds = (actions: readonly Action[]) => actions.map((action) => action.kind);

describe('decide', () => {
  test('evaluates the references before it proposes anything', () => {
    const reference = candidate('Cu', { arm: 'reference' });
    const state = stateWith({}, { references: [reference] });
    expect(kinds(decide(state, spec))).toEqual(['evaluate']);
    const inFlight = transition.evaluationStarted(state, { id: 't', members: [reference], startedAt: '' });
    expect(decide(inFlight, spec)).toEqual([]);
  });

  test('starts evaluations together up to the slots and a small look-ahead', () => {
    const queue = Array.from({ length: 30 }, (_, i) => candidate(i));
    const evaluations = decide(stateWith({ queue, slots: 4 }), spec).filter(
      (action) => action.kind === 'evaluate',
    );
    expect(evaluations).toHaveLength(6);
  });

  test('a batch carries as many candidates as the executor declares', () => {
    const queue = Array.from({ length: 30 }, (_, i) => candidate(i));
    const [first] = decide(stateWith({ queue, batchSize: 10 }), spec);
    expect(first).toMatchObject({ kind: 'evaluate', members: queue.slice(0, 10) });
  });

  test('a paused campaign starts nothing', () => {
    const state = stateWith({ queue: [candidate(1)], phase: 'paused' });
    expect(decide(state, spec)).toEqual([]);
  });

  test('a stopping campaign ends once nothing is under way and all labels are judged', () => {
    const ticket = { id: 't', members: [candidate(1)], startedAt: '' };
    const stopping = transition.stopping(stateWith({ inFlight: [ticket] }), 'enough seen');
    expect(decide(stopping, spec)).toEqual([]);
    const ended = transition.evaluationEnded(stopping, 't', [
      { key: 'key-1', arm: 'model', status: 'succeeded', reason: null, coreSeconds: 1 },
    ]);
    expect(decide(ended, spec)).toEqual([]);
    const judged = transition.assessed(ended, { ...ended.assessment, assessedLabels: 1 });
    expect(decide(judged, spec)).toEqual([{ kind: 'finish', reason: 'enough seen' }]);
  });

  test('what awaits approval is neither evaluated nor proposed over', () => {
    const state = transition.proposed(stateWith(), [candidate(1), candidate(2)], true);
    expect(decide(state, spec)).toEqual([]);
    const approved = transition.approved(state, ['key-2']);
    expect(decide(approved, spec)).toMatchObject([{ kind: 'evaluate', members: [{ key: 'key-2' }] }]);
  });

  test('the generator is tuned with the round that reaches its interval', () => {
    const at = (model: number) => decide(stateWith({ labels: { model, control: 0, reference: 3 } }), spec);
    expect(at(50)).toContainEqual({ kind: 'learn', round: 1, tuneGenerator: false });
    const longer = specWith({ budget: { labels: 500 } });
    const state = stateWith({
      labels: { model: 100, control: 0, reference: 3 },
      budget: { labels: 500, computingCoreSeconds: null },
    });
    expect(decide(state, longer)).toContainEqual({ kind: 'learn', round: 1, tuneGenerator: true });
  });

  test.each([
    [{ labels: { model: 95, control: 5, reference: 3 } }, 'the budget of 100 labels is spent'],
    [{ emptyProposals: 3 }, 'the generators brought nothing new in 3 proposals: the space is exhausted'],
    [
      { budget: { labels: 100, computingCoreSeconds: 3600 }, spentCoreSeconds: 4000 },
      'the computing budget of 1.00 core-hours is spent',
    ],
  ])('says why it ends: %o', (overrides, reason) => {
    const labels = 'labels' in overrides ? 103 : 0;
    const state = stateWith({ ...overrides });
    const judged = { ...state, assessment: { ...state.assessment, assessedLabels: labels } };
    expect(decide(judged, spec)).toEqual([{ kind: 'finish', reason }]);
  });

  test('ends when no discovery came in so many labels', () => {
    const state = stateWith();
    const dry = { ...state, assessment: { ...state.assessment, labelsSinceDiscovery: 40 } };
    const policy = specWith({ stop: { labelsWithoutDiscovery: 40 } });
    expect(decide(dry, policy)).toEqual([
      { kind: 'finish', reason: 'no discovery came in the last 40 labels' },
    ]);
  });
});
