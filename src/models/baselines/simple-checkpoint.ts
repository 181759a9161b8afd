import { z } from 'zod';
import type { Checkpoint, CheckpointCard, SurrogateParts } from '../checkpoint.ts';
import { CheckpointError, tensorValues } from '../checkpoint.ts';
import type { NamedTensor } from '../safetensors.ts';
import { DESCRIPTOR_NAMES } from './descriptors.ts';
import { METHOD_NAMES } from './methods.ts';
import type { SimpleSurrogate } from './simple-surrogate.ts';

const FORMAT = 'simple models 1';
/** Names the descriptors: another set of them is another architecture. */
const DESCRIPTORS = `${DESCRIPTOR_NAMES.length} descriptors 1`;

const architectureSchema = z.strictObject({ model: z.literal(FORMAT), descriptors: z.literal(DESCRIPTORS) });

const parametersSchema = z.strictObject({
  heads: z.array(
    z.strictObject({
      method: z.enum(METHOD_NAMES),
      scale: z.strictObject({ mean: z.number(), deviation: z.number().positive() }),
      recalibration: z.strictObject({ scale: z.number().positive(), floor: z.number().nonnegative() }),
    }),
  ),
  domain: z.unknown(),
});

/** Whether a surrogate's checkpoint holds simple models, not a network. */
export function holdsSimpleModels(card: CheckpointCard): boolean {
  return card.architecture['model'] === FORMAT;
}

/** Simple models as a surrogate's checkpoint holds them. */
export function simpleParts({ standardiser, heads }: SimpleSurrogate): SurrogateParts {
  const tensor = (name: string, values: Float32Array): NamedTensor => ({
    name,
    shape: [values.length],
    values,
  });
  return {
    architecture: { model: FORMAT, descriptors: DESCRIPTORS },
    parameters: {
      heads: heads.map(({ method, scale, recalibration }) => ({ method, scale, recalibration })),
    },
    tensors: [
      tensor('descriptors.mean', standardiser.mean),
      tensor('descriptors.factor', standardiser.factor),
      ...heads.flatMap(({ fitted }, target) =>
        Object.entries(fitted).map(([name, values]) => tensor(`${target}.${name}`, values)),
      ),
    ],
  };
}

/** The simple models in a checkpoint. Throws CheckpointError when they are not ones that this version can run. */
export function simpleFromCheckpoint(path: string, checkpoint: Checkpoint): SimpleSurrogate {
  const { card, tensors } = checkpoint;
  const architecture = architectureSchema.safeParse(card.architecture);
  const parameters = parametersSchema.safeParse(card.parameters);
  if (!architecture.success || !parameters.success || parameters.data.heads.length !== card.targets.length) {
    const cause = architecture.error ?? parameters.error;
    const problem = `its architecture ${JSON.stringify(card.architecture)} is not one this version can run`;
    throw new CheckpointError(path, problem, 'train it again with this version', { cause });
  }
  const width = DESCRIPTOR_NAMES.length;
  const heads = parameters.data.heads.map((head, target) => {
    const prefix = `${target}.`;
    const fitted = Object.fromEntries(
      [...tensors.values()].flatMap(({ name, values }) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), values]] : [],
      ),
    );
    return { ...head, fitted };
  });
  return {
    targets: card.targets,
    standardiser: {
      mean: tensorValues(checkpoint, 'descriptors.mean', [width]),
      factor: tensorValues(checkpoint, 'descriptors.factor', [width]),
    },
    heads,
  };
}
