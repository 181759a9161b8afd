import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { decodeSafetensors, encodeSafetensors } from '../safetensors.ts';
import type { OptimiserState } from './optimiser.ts';

/** An unfinished training after an epoch, of so many epochs in all. */
export interface TrainingState {
  readonly epoch: number;
  readonly epochs: number;
  readonly state: OptimiserState;
}

const ARRAYS = ['parameters', 'average', 'first', 'second'] as const;
const headerSchema = z.object({
  __metadata__: z.object({ epoch: z.coerce.number(), epochs: z.coerce.number(), step: z.coerce.number() }),
});

/** Replaces the file in one move, so that a kill leaves the old state or the new one. */
export function writeTrainingState(path: string, { epoch, epochs, state }: TrainingState): void {
  const tensors = ARRAYS.map((name) => ({ name, shape: [state[name].length], values: state[name] }));
  const counts = { epoch: String(epoch), epochs: String(epochs), step: String(state.step) };
  writeFileSync(`${path}.tmp`, encodeSafetensors(tensors, counts));
  renameSync(`${path}.tmp`, path);
}

/** What was written, or null when there is no file. Throws an Error for one of a training of other length or size. */
export function readTrainingState(
  path: string,
  { epochs, size }: { epochs: number; size: number },
): TrainingState | null {
  if (!existsSync(path)) return null;
  const bytes = readFileSync(path);
  const header: unknown = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString('utf8'));
  const { __metadata__: counts } = headerSchema.parse(header);
  const tensors = decodeSafetensors(bytes);
  const [parameters, average, first, second] = ARRAYS.map((name) => tensors.get(name)?.values);
  if (
    counts.epochs !== epochs ||
    !parameters ||
    !average ||
    !first ||
    !second ||
    parameters.length !== size
  ) {
    throw new Error(
      `${path} is of a training of ${counts.epochs} epochs of ${parameters?.length} weights, not ${epochs} of ${size}: remove it, or ask for the same`,
    );
  }
  return { epoch: counts.epoch, epochs, state: { step: counts.step, parameters, average, first, second } };
}
