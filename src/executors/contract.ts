import { z } from 'zod';

/** The executor contract, version 1: what crosses to any evaluator, in any language. Nulls are explicit. */
export const CONTRACT_VERSION = 1;

export const crystalSchema = z.strictObject({
  latticeAngstrom: z.array(z.number()).length(9).readonly().describe('Rows a, b, c, flat, Å'),
  fractionalCoordinates: z.array(z.number()).min(3).readonly().describe('Flat, 3 per atom'),
  atomicNumbers: z.array(z.int().min(1).max(118)).min(1).readonly(),
  chargeE: z.number().exactOptional().describe('Net charge of the cell, elementary charges'),
  oxidationStates: z
    .array(z.number())
    .readonly()
    .exactOptional()
    .describe('One per atom, elementary charges'),
  magneticMomentsMuB: z
    .array(z.number())
    .readonly()
    .exactOptional()
    .describe('Bohr magnetons: one per atom (collinear), or flat 3 per atom (Cartesian)'),
});

export const evaluationRequestSchema = z.strictObject({
  contractVersion: z.literal(CONTRACT_VERSION),
  key: z
    .string()
    .min(1)
    .describe('sha256 of candidate identity, executor, version and settings: same key, same answer'),
  crystal: crystalSchema,
  properties: z.array(z.string()).min(1).describe('Property names wanted, each with its unit in the name'),
  settings: z.record(z.string(), z.unknown()),
  deadlineSeconds: z.number().positive(),
  seed: z.int().nonnegative(),
});
export type EvaluationRequest = z.infer<typeof evaluationRequestSchema>;

export const measuredValueSchema = z.strictObject({
  value: z.number(),
  unit: z.string().min(1),
  uncertainty: z.number().nonnegative().nullable(),
});
export type MeasuredValue = z.infer<typeof measuredValueSchema>;

/** The closed list of ways an evaluation can fail, and whether asking again makes sense. */
export const FAILURE_KINDS = [
  'badInput',
  'notConverged',
  'outOfTime',
  'infrastructure',
  'licence',
  'cancelled',
  'unsafe',
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

export const failureSchema = z.strictObject({
  kind: z.enum(FAILURE_KINDS),
  message: z.string().min(1),
  retry: z.enum(['never', 'same', 'otherSettings']),
});
export type Failure = z.infer<typeof failureSchema>;

const costSchema = z.strictObject({ coreSeconds: z.number().nonnegative() });
const softwareSchema = z.strictObject({ name: z.string(), version: z.string() });

export const evaluationAnswerSchema = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('succeeded'),
    values: z.record(z.string(), measuredValueSchema),
    relaxedCrystal: crystalSchema.nullable(),
    convergence: z
      .strictObject({
        converged: z.boolean(),
        steps: z.int().nonnegative(),
        maxForceEvPerAngstrom: z.number().nonnegative(),
        maxStressEvPerAngstrom3: z.number().nonnegative(),
      })
      .nullable(),
    cost: costSchema,
    software: softwareSchema,
  }),
  z.strictObject({
    status: z.literal('failed'),
    failure: failureSchema,
    cost: costSchema,
    software: softwareSchema,
  }),
]);
export type EvaluationAnswer = z.infer<typeof evaluationAnswerSchema>;

/** What an executor says of itself. */
export interface ExecutorDescription {
  readonly name: string;
  readonly version: string;
  /** Property name (unit in the name) → unit string of the values it returns. */
  readonly properties: Readonly<Record<string, string>>;
  /** Chemical symbols it can evaluate, or null for any. */
  readonly elements: readonly string[] | null;
  readonly maxAtoms: number;
  /** How many candidates one evaluation should carry: above 1 for executors that are cheaper than a hand-over. */
  readonly batchSize: number;
}

/** Evaluates crystals. `evaluate` never throws for a failed evaluation: it answers one. It may throw when interrupted. */
export interface Executor {
  readonly description: ExecutorDescription;
  evaluate(request: EvaluationRequest, context: EvaluationContext): Promise<EvaluationAnswer>;
}

export interface EvaluationContext {
  readonly signal: AbortSignal;
  /** Tells the caller that work goes on, with a short human-readable detail. */
  heartbeat(detail: string): void;
}
