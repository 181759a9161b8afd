import { z } from 'zod';

/**
 * The executor contract: what crosses to whatever evaluates a crystal, in any language. Whoever writes may leave out
 * what has a default; whoever reads sees every field. docs/contract/ holds the JSON Schemas made from here.
 */
export const CONTRACT_VERSION = 1;

const contractVersion = z.literal(CONTRACT_VERSION);

const evaluationKey = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/)
  .describe(
    'Names the evaluation, and is fit to name its folder or job: sha256 of candidate identity, executor, version and settings. Same key, same answer',
  );

const propertyName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/)
  .describe('Name of a property with its unit in the name, such as energyEvPerAtom or bulkModulusGpa');

const unit = z.string().min(1).describe('Such as eV/atom, eV, GPa, Å, µB/atom');

export const crystalSchema = z
  .strictObject({
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
  })
  .superRefine(({ atomicNumbers, fractionalCoordinates }, context) => {
    if (fractionalCoordinates.length === 3 * atomicNumbers.length) return;
    context.addIssue({
      code: 'custom',
      path: ['fractionalCoordinates'],
      message: `${fractionalCoordinates.length} numbers for ${atomicNumbers.length} atoms: give 3 per atom, flat`,
    });
  });

export const evaluationRequestSchema = z.strictObject({
  contractVersion,
  key: evaluationKey,
  crystal: crystalSchema,
  properties: z
    .record(propertyName, unit)
    .refine((wanted) => Object.keys(wanted).length > 0, { error: 'needs at least one property' })
    .describe('The properties wanted, each with the unit of the answer'),
  settings: z.record(z.string(), z.unknown()).describe('What the campaign sets for this executor'),
  fidelity: z
    .string()
    .min(1)
    .describe('The level of theory or measurement that the campaign counts on, as the executor declared it'),
  deadlineSeconds: z.number().positive().describe('From now; later answers are not waited for'),
  seed: z.int().nonnegative().describe('Of all randomness: same request, same answer'),
});
export type EvaluationRequest = z.infer<typeof evaluationRequestSchema>;

export const measuredValueSchema = z.strictObject({
  value: z.number(),
  unit,
  uncertainty: z
    .number()
    .nonnegative()
    .nullable()
    .default(null)
    .describe('Standard deviation in the same unit; null when not known'),
});
export type MeasuredValue = z.infer<typeof measuredValueSchema>;

/** The closed list of ways an evaluation can fail. */
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
  message: z.string().min(1).describe('For a person: what was given, what went wrong, what to do'),
  retry: z
    .enum(['never', 'same', 'otherSettings'])
    .describe('Whether asking again makes sense: not at all, just so, or with other settings'),
});
export type Failure = z.infer<typeof failureSchema>;

export const costSchema = z.strictObject({
  coreSeconds: z.number().nonnegative(),
  money: z
    .strictObject({
      amount: z.number().nonnegative(),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/)
        .describe('ISO 4217, such as EUR'),
    })
    .nullable()
    .default(null),
});
export type Cost = z.infer<typeof costSchema>;

const softwareSchema = z.strictObject({ name: z.string().min(1), version: z.string().min(1) });
export type Software = z.infer<typeof softwareSchema>;

const artefactSchema = z.strictObject({
  name: z.string().min(1).describe('What it is, such as trajectory'),
  path: z
    .string()
    .regex(/^[A-Za-z0-9_][^/]*(\/[A-Za-z0-9_][^/]*)*$/)
    .describe('File inside the evaluation’s own folder, relative to it'),
});
export type Artefact = z.infer<typeof artefactSchema>;

const everyAnswer = {
  contractVersion,
  key: evaluationKey.describe('The request’s key'),
  artefacts: z.array(artefactSchema).readonly().default([]),
  cost: costSchema
    .nullable()
    .default(null)
    .describe('Null: whoever runs the executor measures the processor time'),
};

export const evaluationAnswerSchema = z.discriminatedUnion('status', [
  z.strictObject({
    ...everyAnswer,
    status: z.literal('succeeded'),
    values: z.record(propertyName, measuredValueSchema),
    relaxedCrystal: crystalSchema.nullable().default(null).describe('Null when nothing was relaxed'),
    convergence: z
      .strictObject({
        converged: z.boolean(),
        steps: z.int().nonnegative().describe('Of relaxation; 0 for a single point'),
        maxForceEvPerAngstrom: z.number().nonnegative().nullable().default(null),
        maxStressEvPerAngstrom3: z.number().nonnegative().nullable().default(null),
      })
      .nullable()
      .default(null)
      .describe('Null when the word has no meaning here, as for a measurement'),
    software: z.array(softwareSchema).min(1).readonly().describe('All that the values depend on'),
  }),
  z.strictObject({
    ...everyAnswer,
    status: z.literal('failed'),
    failure: failureSchema,
    software: z.array(softwareSchema).readonly().default([]),
  }),
]);
/** As it is read: every field there. */
export type EvaluationAnswer = z.infer<typeof evaluationAnswerSchema>;
export type SucceededAnswer = Extract<EvaluationAnswer, { status: 'succeeded' }>;

export const executorDescriptionSchema = z.strictObject({
  contractVersion,
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/),
  version: z
    .string()
    .min(1)
    .describe('A new one whenever the same request may get another answer: part of every key'),
  fidelity: z
    .string()
    .min(1)
    .describe('Level of theory or measurement, such as emt, pbe or xrd: energies of two are never compared'),
  properties: z
    .record(propertyName, unit)
    .refine((given) => Object.keys(given).length > 0, { error: 'needs at least one property' })
    .describe('What it gives, each with the unit of its values'),
  elements: z
    .array(z.string().regex(/^[A-Z][a-z]?$/))
    .min(1)
    .readonly()
    .nullable()
    .default(null)
    .describe('Chemical symbols it can evaluate; null for any'),
  maxAtoms: z.int().positive().default(500).describe('Atoms in the largest cell that it takes'),
  batchSize: z
    .int()
    .positive()
    .default(1)
    .describe(
      'How many candidates one hand-over should carry: above 1 for executors that are cheaper than it',
    ),
  concurrency: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe('Evaluations that may run at once, as with one instrument or two licences; null for any'),
  costEstimate: costSchema
    .nullable()
    .default(null)
    .describe('Roughly, of one evaluation of a crystal of 10 atoms; null when not known'),
  cancelIsSafe: z
    .boolean()
    .default(true)
    .describe('False when ending it in the middle does harm, as in a furnace: it is then let run to its end'),
});
/** What an executor says of itself. */
export type ExecutorDescription = z.infer<typeof executorDescriptionSchema>;

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
