import { describe, expect, test, vi } from 'vitest';
import { supercell } from '../../../src/crystal/geometry/supercell.ts';
import { PROTOTYPES } from '../../../src/crystal/generators/prototypes.ts';
import { occupy } from '../../../src/crystal/generators/substitution.ts';
import {
  CONTRACT_VERSION,
  type EvaluationAnswer,
  evaluationAnswerSchema,
  evaluationRequestSchema,
} from '../../../src/executors/contract.ts';
import { emtExecutor } from '../../../src/executors/emt/executor.ts';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';
import { rattle } from '../../crystal/variants.ts';

loadSymmetryFinder();
const crystal = rattle(occupy(PROTOTYPES[4] as (typeof PROTOTYPES)[0], [79, 29]), 0.2, 1);

async function evaluate(
  change: object,
  controller = new AbortController(),
): Promise<EvaluationAnswer & { beats: string[] }> {
  const request = evaluationRequestSchema.parse({
    contractVersion: CONTRACT_VERSION,
    key: 'k',
    crystal,
    properties: { energyEvPerAtom: 'eV/atom' },
    settings: {},
    fidelity: 'emt',
    deadlineSeconds: 60,
    seed: 0,
    ...change,
  });
  const beats: string[] = [];
  const answer = await emtExecutor.evaluate(request, {
    signal: controller.signal,
    heartbeat: (detail) => beats.push(detail),
  });
  return { ...evaluationAnswerSchema.parse(answer), beats };
}

test('answers a relaxed crystal with its energy and how well it converged', async () => {
  const answer = await evaluate({});
  if (answer.status !== 'succeeded') throw new Error(answer.failure.message);
  expect(answer.values.energyEvPerAtom?.unit).toBe('eV/atom');
  expect(answer.relaxedCrystal?.atomicNumbers).toEqual(crystal.atomicNumbers);
  expect(answer.convergence?.converged).toBe(true);
  expect(answer.convergence?.maxForceEvPerAngstrom).toBeLessThanOrEqual(0.01);
  expect(answer.cost?.coreSeconds).toBeGreaterThan(0);
});

test('the same request has the same answer', async () => {
  const [first, second] = [await evaluate({}), await evaluate({})];
  if (first.status !== 'succeeded' || second.status !== 'succeeded') throw new Error('failed');
  expect(second.values).toEqual(first.values);
  expect(second.relaxedCrystal).toEqual(first.relaxedCrystal);
});

describe('failures are answers', () => {
  const iron = { ...crystal, atomicNumbers: crystal.atomicNumbers.map(() => 26) };
  const flat = { ...crystal, latticeAngstrom: [1, 0, 0, 0, 1, 0, 1, 1, 0] };
  const crushed = { ...crystal, latticeAngstrom: crystal.latticeAngstrom.map((x) => x / 3) };
  test.each([
    ['an element without parameters', { crystal: iron }, 'badInput', 'EMT knows no Fe'],
    ['a flat cell', { crystal: flat }, 'badInput', 'do not lie in a plane'],
    ['an unknown setting', { settings: { steps: 3 } }, 'badInput', 'settings:'],
    ['another property', { properties: { bandGapEv: 'eV' } }, 'badInput', 'EMT gives no bandGapEv in eV'],
    ['a cell too large', { crystal: supercell(crystal, [4, 4, 4]) }, 'badInput', '256 atoms are more than'],
    ['too few steps', { settings: { maxSteps: 2 } }, 'notConverged', 'not relaxed in 2 steps'],
    ['a crushed cell', { crystal: crushed }, 'unsafe', 'collapsed'],
    ['no time', { deadlineSeconds: 1e-9 }, 'outOfTime', 'not relaxed within'],
  ])('%s', async (_, change, kind, message) => {
    const answer = await evaluate(change);
    if (answer.status !== 'failed') throw new Error('succeeded');
    expect(answer.failure.kind).toBe(kind);
    expect(answer.failure.message).toContain(message);
  });

  test('cancelled by a timer, since the event loop goes on while it relaxes', async () => {
    const large = rattle(supercell(crystal, [3, 3, 5]), 0.3, 2);
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), 0);
    const answer = await evaluate(
      { crystal: large, settings: { maxForceEvPerAngstrom: 1e-12, maxSteps: 1e6 } },
      controller,
    );
    clearTimeout(timer);
    if (answer.status !== 'failed') throw new Error('succeeded');
    expect(answer.failure.kind).toBe('cancelled');
  });
});

test('a long relaxation tells that it goes on', async () => {
  let milliseconds = 0;
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (milliseconds += 400));
  const answer = await evaluate({});
  clock.mockRestore();
  expect(answer.status).toBe('succeeded');
  expect(answer.beats[0]).toMatch(/^step \d+: -?\d+\.\d{4} eV\/atom, force \d+\.\d{3} eV\/Å$/);
});
