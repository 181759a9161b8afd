import { initialState } from '../../src/campaign/state.ts';
import type { CampaignState, QueuedCandidate, Start } from '../../src/campaign/state.ts';
import type { CampaignSpec } from '../../src/campaign/spec.ts';
import { specSchema } from '../../src/campaign/spec.ts';

export function specWith(overrides: Record<string, unknown> = {}): CampaignSpec {
  return specSchema.parse({
    name: 'test',
    space: {
      elements: ['Cu', 'Pd', 'Au'],
      elementsPerCrystal: { min: 2, max: 3 },
      atoms: { min: 2, max: 8 },
    },
    objective: { kind: 'hull', energyAboveHull: { max: '5 meV/atom' } },
    generators: ['substitution'],
    executor: { name: 'emt', slots: 2 },
    budget: { labels: 100 },
    ...overrides,
  });
}

export const emptyStart: Start = {
  batchSize: 1,
  references: [],
  labels: { model: 0, control: 0, reference: 0 },
  failed: 0,
  rejected: 0,
  spentCoreSeconds: 0,
  proposals: 0,
  model: { version: 0, target: null, mae: null, coverage90: null, miscalibrationArea: null },
  generatorVersion: 0,
  learningRound: 0,
};

export function stateWith(overrides: Partial<CampaignState> = {}, start: Partial<Start> = {}): CampaignState {
  return { ...initialState(specWith(), { ...emptyStart, ...start }), ...overrides };
}

export function candidate(id: number | string, overrides: Partial<QueuedCandidate> = {}): QueuedCandidate {
  return {
    candidateId: `candidate-${id}`,
    key: `key-${id}`,
    formula: 'CuAu',
    arm: 'model',
    modelVersion: 0,
    acquisition: 1,
    ...overrides,
  };
}
