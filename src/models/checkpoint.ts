import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';
import type { NamedTensor } from './safetensors.ts';

/** What a checkpoint says of itself, as JSON beside its safetensors file. */
export const checkpointCardSchema = z.strictObject({
  format: z.literal(1),
  kind: z.enum(['surrogate', 'generator']),
  /** Everything that is needed to build the network again; its meaning belongs to the kind. */
  architecture: z.record(z.string(), z.unknown()),
  /** What the network puts out, each with its unit in the name. */
  targets: z.array(z.string()),
  /** Whatever else is needed to use the weights: scales, calibration. */
  parameters: z.record(z.string(), z.unknown()),
  /** sha256 of the training rows, and how many. */
  trainingData: z.strictObject({ sha256: z.string(), rows: z.int().nonnegative(), description: z.string() }),
  metrics: z.record(z.string(), z.unknown()),
  /** sha256 of the safetensors files it was fine-tuned from. */
  parents: z.array(z.string()),
  licence: z.string(),
  attribution: z.string(),
  /** sha256 of the safetensors file. */
  sha256: z.string(),
});
export type CheckpointCard = z.infer<typeof checkpointCardSchema>;

/** What of a card says where weights come from and what they are worth. */
export type Provenance = Pick<
  CheckpointCard,
  'trainingData' | 'metrics' | 'parents' | 'licence' | 'attribution'
>;

/** What of a checkpoint is the model itself. */
export interface SurrogateParts extends Pick<CheckpointCard, 'architecture' | 'parameters'> {
  readonly tensors: readonly NamedTensor[];
}

export interface Checkpoint {
  readonly card: CheckpointCard;
  readonly tensors: ReadonlyMap<string, NamedTensor>;
}

/** Thrown when a checkpoint is missing, damaged, or of another kind or architecture than the code that reads it. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';

  constructor(path: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`checkpoint ${path}: ${problem}; ${remedy}`, options);
  }
}

const RESTORE = 'restore the file from its source, or train the model again';

/** Path of the JSON card that stands beside a safetensors file. */
export function cardPath(path: string): string {
  return path.replace(/\.safetensors$/, '') + '.json';
}

/** Writes the safetensors file and its card (which gets the file's sha256), each whole or not at all. */
export async function writeCheckpoint(
  path: string,
  card: Omit<CheckpointCard, 'format' | 'sha256'>,
  tensors: readonly NamedTensor[],
): Promise<CheckpointCard> {
  const bytes = encodeSafetensors(tensors, { kind: card.kind });
  const full = checkpointCardSchema.parse({ format: 1, ...card, sha256: sha256(bytes) });
  await writeWhole(path, bytes);
  await writeWhole(cardPath(path), JSON.stringify(full, null, 2) + '\n');
  return full;
}

/** Reads a checkpoint of the kind. Throws CheckpointError when it is missing, damaged, cut off or of another kind. */
export async function readCheckpoint(path: string, kind: CheckpointCard['kind']): Promise<Checkpoint> {
  const card = parseCard(path, (await readPart(path, cardPath(path))).toString('utf8'));
  if (card.kind !== kind) {
    throw new CheckpointError(path, `it holds a ${card.kind}, not a ${kind}`, `give the path of a ${kind}`);
  }
  const bytes = await readPart(path, path);
  if (sha256(bytes) !== card.sha256) {
    throw new CheckpointError(
      path,
      'its bytes do not match the sha256 in its card: damaged or cut off',
      RESTORE,
    );
  }
  return { card, tensors: decodeSafetensors(bytes) };
}

/** The values of one tensor. Throws CheckpointError when it is absent or has another shape. */
export function tensorValues(checkpoint: Checkpoint, name: string, shape: readonly number[]): Float32Array {
  const tensor = checkpoint.tensors.get(name);
  const found = tensor === undefined ? 'absent' : `[${tensor.shape.join(', ')}]`;
  if (tensor === undefined || found !== `[${shape.join(', ')}]`) {
    throw new CheckpointError(
      `of ${checkpoint.card.kind} ${checkpoint.card.sha256.slice(0, 12)}`,
      `tensor ${name} is ${found}, the network needs [${shape.join(', ')}]`,
      'use a checkpoint of this architecture, or train the model again',
    );
  }
  return tensor.values;
}

function parseCard(path: string, text: string): CheckpointCard {
  try {
    return checkpointCardSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new CheckpointError(path, `its card ${cardPath(path)} cannot be understood`, RESTORE, { cause });
  }
}

async function readPart(path: string, part: string): Promise<Buffer> {
  try {
    return await readFile(part);
  } catch (cause) {
    throw new CheckpointError(path, `${part} cannot be read`, 'check the path', { cause });
  }
}

/** Through a temporary file and a rename, so that a reader never sees half of it. */
async function writeWhole(path: string, content: Buffer | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
