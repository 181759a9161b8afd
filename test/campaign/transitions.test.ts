import { describe, expect, test } from 'vitest';
import type { EvaluationOutcome } from '../../src/campaign/state.ts';
import * as transition from '../../src/campaign/transitions.ts';
import { decide } from '../../src/campaign/decide.ts';
import { candidate, specWith, stateWith } from './builders.ts';

const ticket = (id: string, ...members: ReturnType<typeof candidate>[]) => ({
  id,
  members,
  startedAt: '2026-01-01T00:00:00Z',
});
const outcome = (id: number, overrides: Partial<EvaluationOutcome> = {}): EvaluationOutcome => ({
  key: `key-${id}`,
  arm: 'model',
  status: 'succeeded',
  reason: null,
  coreSeconds: 0.5,
  ...overrides,
});

describe('transitions', () => {
  test('a signal that comes twice counts once', () => {
    const started = transition.evaluationStarted(
      stateWith({ queue: [candidate(1)] }),
      ticket('t', candidate(1)),
    );
    const once = transition.evaluationEnded(started, 't', [outcome(1)]);
    expect(once).toMatchObject({ labels: { model: 1 }, inFlight: [], queue: [], spentCoreSeconds: 0.5 });
    expect(transition.evaluationEnded(once, 't', [outcome(1)])).toBe(once);
  });

  test('a failure costs computing time, but is no label', () => {
    const started = transition.evaluationStarted(stateWith(), ticket('t', candidate(1), candidate(2)));
    const ended = transition.evaluationEnded(started, 't', [
      outcome(1, { status: 'failed', reason: 'outOfTime' }),
      outcome(2, { status: 'rejected', reason: 'not converged' }),
    ]);
    expect(ended).toMatchObject({ labels: { model: 0 }, failed: 1, rejected: 1, spentCoreSeconds: 1 });
  });

  test('25 failures in a row pause the campaign with the last reason; resuming counts anew', () => {
    let state = stateWith();
    for (let i = 0; i < 25; i++) {
      state = transition.evaluationStarted(state, ticket(`t${i}`, candidate(i)));
      state = transition.evaluationEnded(state, `t${i}`, [
        outcome(i, { status: 'failed', reason: 'licence: no seat' }),
      ]);
    }
    expect(state.phase).toBe('paused');
    expect(state.phaseReason).toBe('25 evaluations failed in a row; the last one: licence: no seat');
    expect(transition.resumed(state)).toMatchObject({ phase: 'running', failedInRow: 0, phaseReason: null });
  });

  test('a promoted model sends the model arm back to be ranked anew, and keeps the control arm', () => {
    const queue = [candidate(1), candidate(2, { arm: 'control' })];
    const state = transition.learningStarted(stateWith({ queue }), 25);
    const model = { ...state.model, version: 1 };
    const promoted = transition.learningEnded(state, { model, generatorVersion: null, tunedAtLabels: null });
    expect(promoted.queue.map((member) => member.arm)).toEqual(['control']);
    const rejected = transition.learningEnded(state, {
      model: null,
      generatorVersion: null,
      tunedAtLabels: null,
    });
    expect(rejected.queue).toHaveLength(2);
    expect(rejected).toMatchObject({ learning: false, learnedAtLabels: 25 });
  });

  test('a space that seemed exhausted while all of it was queued is asked again when the queue is sent back', () => {
    const state = stateWith({ queue: [candidate(1)], emptyProposals: 3, learning: true });
    const model = { ...state.model, version: 1 };
    const promoted = transition.learningEnded(state, { model, generatorVersion: null, tunedAtLabels: null });
    expect(decide(promoted, specWith()).map(({ kind }) => kind)).toEqual(['propose']);
  });

  test('what an older model ranked is not taken, unless it is for the control arm', () => {
    const state = stateWith({ model: { ...stateWith().model, version: 2 } });
    const late = [candidate(1, { modelVersion: 1 }), candidate(2, { modelVersion: 1, arm: 'control' })];
    const after = transition.proposed(state, late, false);
    expect(after.queue.map((member) => member.key)).toEqual(['key-2']);
    expect(after.emptyProposals).toBe(0);
  });

  test('a late judgement of fewer labels does not replace a newer one', () => {
    const newer = transition.assessed(stateWith(), { ...stateWith().assessment, assessedLabels: 10 });
    expect(transition.assessed(newer, { ...newer.assessment, assessedLabels: 9 })).toBe(newer);
  });

  test('state stays plain JSON through every transition', () => {
    const state = transition.proposed(stateWith(), [candidate(1)], false);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
