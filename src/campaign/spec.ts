import { z } from 'zod';
import { anyQuantity, quantity } from './quantity.ts';

/**
 * The campaign spec: what a user writes in YAML, and what everything else reads after `parseSpec`.
 * Quantities are written with units and stored in the canonical unit that the field's name states.
 */

const range = (least: number, most: number) =>
  z
    .strictObject({ min: z.int().min(least).max(most), max: z.int().min(least).max(most) })
    .refine(({ min, max }) => min <= max, { error: 'is upside down: min must not exceed max' });

const share = z.union([z.string(), z.number()]).transform((input, context) => {
  const match = typeof input === 'string' ? /^\s*([\d.]+)\s*%\s*$/.exec(input) : null;
  const value = match ? Number(match[1]) / 100 : Number.NaN;
  if (value >= 0 && value <= 0.9) return value;
  context.addIssue({ code: 'custom', message: "must be a share between 0 % and 90 %, written as '10 %'" });
  return z.NEVER;
});

const spaceSchema = z.strictObject({
  elements: z.array(z.string()).min(1).describe('Chemical symbols that may appear'),
  elementsPerCrystal: range(1, 10),
  atoms: range(1, 500),
});

const hullObjectiveSchema = z.strictObject({
  kind: z.literal('hull'),
  energyAboveHull: z
    .strictObject({ max: quantity('eV/atom').pipe(z.number().nonnegative()) })
    .describe('A label this close to the hull of the campaign’s own labels is a discovery, eV/atom'),
});

const window = z
  .strictObject({ min: anyQuantity.optional(), max: anyQuantity.optional() })
  .refine(({ min, max }) => min !== undefined || max !== undefined, { error: 'needs min, max or both' })
  .refine(({ min, max }) => !min || !max || min.value <= max.value, {
    error: 'is upside down: min must not exceed max',
  })
  .refine(({ min, max }) => !min || !max || min.unit === max.unit, { error: 'has two different units' });

const windowsObjectiveSchema = z.strictObject({
  kind: z.literal('windows'),
  properties: z
    .record(z.string(), window)
    .refine((properties) => Object.keys(properties).length > 0, { error: 'needs at least one property' }),
});

const executorFields = {
  settings: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('What the executor is told with every request'),
  slots: z.int().min(1).max(1000).default(1).describe('Evaluations that may run at once'),
  deadline: quantity('s')
    .pipe(z.number().positive())
    .default(60)
    .describe('Longest run of one evaluation, s'),
};

const commandLine = z
  .union([z.string(), z.array(z.string())])
  .transform((given) =>
    typeof given === 'string'
      ? [...given.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')
      : given,
  )
  .pipe(z.array(z.string().min(1)).min(1))
  .describe('A program and its arguments, as one text or as a list');

/** How a program is run: what a campaign says of a command, and what is kept of a registered one. */
export const commandFields = {
  command: commandLine,
  serve: z
    .boolean()
    .default(false)
    .describe('Whether one process is kept for many evaluations, with what it has loaded'),
  limits: z
    .strictObject({
      memory: quantity('B').pipe(z.number().positive()).optional().describe('Of all its processes, B'),
      disk: quantity('B')
        .pipe(z.number().positive())
        .default(10 * 2 ** 30)
        .describe('Of the folder of one evaluation, B'),
    })
    .default({ disk: 10 * 2 ** 30 }),
};

export const executorSchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('emt'), ...executorFields }),
  z.strictObject({ name: z.literal('table'), ...executorFields }),
  z.strictObject({
    name: z.literal('command'),
    ...commandFields,
    description: z
      .record(z.string(), z.unknown())
      .optional()
      .describe('What the program said of itself when the campaign was made'),
    ...executorFields,
  }),
]);

export const specSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, { error: 'must be 1 to 41 lower-case letters, digits and dashes' }),
  question: z.string().max(300).default(''),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
  space: spaceSchema,
  objective: z.discriminatedUnion('kind', [hullObjectiveSchema, windowsObjectiveSchema]),
  generators: z
    .array(z.enum(['diffusion', 'substitution', 'random', 'table']))
    .min(1)
    .describe(
      'diffusion: a network that learns; substitution: known structure types with other elements on their sites, ' +
        'by how well these replace the known ones; random: random crystals with symmetry; table: the rows of a table',
    ),
  executor: executorSchema,
  budget: z.strictObject({
    labels: z.int().min(1).max(1_000_000),
    computing: quantity('core-s').pipe(z.number().positive()).optional().describe('core-s'),
  }),
  stop: z.strictObject({ labelsWithoutDiscovery: z.int().min(1).optional() }).default({}),
  arms: z.strictObject({ control: share }).default({ control: 0.1 }),
  learning: z
    .strictObject({
      everyLabels: z.int().min(5).max(100_000).default(25),
      staleLabels: z
        .int()
        .min(0)
        .max(100_000)
        .default(25)
        .describe('Labels that may be chosen by the old model while a new one is trained'),
      members: z.int().min(2).max(20).default(4),
      generatorEveryLabels: z.int().min(10).max(100_000).default(100),
    })
    .default({ everyLabels: 25, staleLabels: 25, members: 4, generatorEveryLabels: 100 }),
  approval: z.enum(['none', 'every-proposal']).default('none'),
});

export type CampaignSpec = z.infer<typeof specSchema>;
export type Objective = CampaignSpec['objective'];
