import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { makeCrystal } from '../../crystal/crystal.ts';
import { failedAnswer } from '../answer.ts';
import { CONTRACT_VERSION } from '../contract.ts';
import type {
  Cost,
  EvaluationAnswer,
  EvaluationContext,
  EvaluationRequest,
  Executor,
  ExecutorDescription,
  Failure,
} from '../contract.ts';
import { EMT_SYMBOLS } from './parameters.ts';
import { type Relaxation, relaxation } from './relax.ts';

/** What a campaign may set for the EMT executor. */
export const emtSettingsSchema = z.strictObject({
  maxForceEvPerAngstrom: z.number().positive().default(0.01).describe('Largest force when relaxed, eV/Å'),
  maxStressEvPerAngstrom3: z
    .number()
    .positive()
    .default(0.0005)
    .describe('Largest stress component when relaxed, eV/Å³'),
  maxSteps: z.int().positive().default(1000).describe('Energy evaluations before giving up'),
});

const DESCRIPTION: ExecutorDescription = {
  contractVersion: CONTRACT_VERSION,
  name: 'emt',
  version: '1',
  fidelity: 'emt',
  properties: { energyEvPerAtom: 'eV/atom' },
  elements: EMT_SYMBOLS,
  maxAtoms: 200,
  batchSize: 1,
  concurrency: null,
  costEstimate: { coreSeconds: 0.01, money: null },
  cancelIsSafe: true,
};
const SOFTWARE = [{ name: 'assayer-emt', version: DESCRIPTION.version }];

/** How long the event loop waits for a relaxation at most, and how often the caller hears of it. */
const TURN_MILLISECONDS = 20;
const HEARTBEAT_MILLISECONDS = 1000;

/** Effective medium theory of Jacobsen, Stoltze and Nørskov (1996) in process: relaxes atoms and cell in milliseconds. */
export const emtExecutor: Executor = {
  description: DESCRIPTION,
  evaluate: async (request, context) => {
    const started = performance.now();
    const waiting = { milliseconds: 0 };
    const outcome = await run(request, context, waiting);
    // Between its waits a relaxation keeps one core busy.
    const cost = { coreSeconds: (performance.now() - started - waiting.milliseconds) / 1000, money: null };
    if ('kind' in outcome) return failedAnswer(request, outcome, { cost, software: SOFTWARE });
    return succeeded(request.key, outcome, cost);
  },
};

/** @throws z.ZodError when a setting is unknown or out of range */
export function describe(settings: Readonly<Record<string, unknown>>): ExecutorDescription {
  emtSettingsSchema.parse(settings);
  return DESCRIPTION;
}

/** @throws z.ZodError when a setting is unknown or out of range */
export async function create(settings: Readonly<Record<string, unknown>>): Promise<Executor> {
  return { ...emtExecutor, description: describe(settings) };
}

async function run(
  request: EvaluationRequest,
  context: EvaluationContext,
  waiting: { milliseconds: number },
): Promise<Relaxation | Failure> {
  const settings = emtSettingsSchema.safeParse(request.settings);
  if (!settings.success) return failure('badInput', `settings: ${z.prettifyError(settings.error)}`);
  for (const [property, unit] of Object.entries(request.properties)) {
    if (DESCRIPTION.properties[property] === unit) continue;
    return failure('badInput', `EMT gives no ${property} in ${unit}: ask for energyEvPerAtom in eV/atom`);
  }
  if (request.crystal.atomicNumbers.length > DESCRIPTION.maxAtoms) {
    return failure(
      'badInput',
      `${request.crystal.atomicNumbers.length} atoms are more than the ${DESCRIPTION.maxAtoms} that EMT takes here`,
    );
  }
  let steps: ReturnType<typeof relaxation>;
  let next: IteratorResult<
    { steps: number; energyEvPerAtom: number; maxForceEvPerAngstrom: number },
    Relaxation
  >;
  try {
    steps = relaxation(makeCrystal(request.crystal), settings.data);
    next = steps.next();
  } catch (error) {
    return failure('badInput', error instanceof Error ? error.message : String(error));
  }

  const started = performance.now();
  let turn = started;
  let heartbeat = started;
  while (next.done !== true) {
    if (context.signal.aborted)
      return { kind: 'cancelled', message: 'cancelled by the caller', retry: 'same' };
    const now = performance.now();
    if (now - started > request.deadlineSeconds * 1000) {
      return {
        kind: 'outOfTime',
        message: `not relaxed within ${request.deadlineSeconds} s`,
        retry: 'otherSettings',
      };
    }
    if (now - heartbeat > HEARTBEAT_MILLISECONDS) {
      const { energyEvPerAtom, maxForceEvPerAngstrom } = next.value;
      context.heartbeat(
        `step ${next.value.steps}: ${energyEvPerAtom.toFixed(4)} eV/atom, force ${maxForceEvPerAngstrom.toFixed(3)} eV/Å`,
      );
      heartbeat = now;
    }
    if (now - turn > TURN_MILLISECONDS) {
      await nextTurn();
      turn = performance.now();
      waiting.milliseconds += turn - now;
    }
    next = steps.next();
  }
  const result = next.value;
  if (result.outcome === 'unsafe') return failure('unsafe', result.reason);
  if (result.outcome === 'notConverged') {
    const left = `force ${result.maxForceEvPerAngstrom.toFixed(3)} eV/Å, stress ${result.maxStressEvPerAngstrom3.toFixed(5)} eV/Å³`;
    return {
      kind: 'notConverged',
      message: `not relaxed in ${result.steps} steps: ${left}`,
      retry: 'otherSettings',
    };
  }
  return result;
}

function succeeded(key: string, result: Relaxation, cost: Cost): EvaluationAnswer {
  const { crystal } = result;
  return {
    contractVersion: CONTRACT_VERSION,
    key,
    status: 'succeeded',
    values: { energyEvPerAtom: { value: result.energyEvPerAtom, unit: 'eV/atom', uncertainty: null } },
    relaxedCrystal: crystal && {
      latticeAngstrom: [...crystal.latticeAngstrom],
      fractionalCoordinates: [...crystal.fractionalCoordinates],
      atomicNumbers: [...crystal.atomicNumbers],
    },
    convergence: {
      converged: true,
      steps: result.steps,
      maxForceEvPerAngstrom: result.maxForceEvPerAngstrom,
      maxStressEvPerAngstrom3: result.maxStressEvPerAngstrom3,
    },
    artefacts: [],
    cost,
    software: SOFTWARE,
  };
}

function failure(kind: 'badInput' | 'unsafe', message: string): Failure {
  return { kind, message, retry: 'never' };
}
