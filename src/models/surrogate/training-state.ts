import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { decodeSafetensors, encodeSafetensors } from '../safetensors.ts';
import type { OptimiserState } from './optimiser.ts';

/** An unfinished training after an epoch, of so many epochs in all. */
export interface TrainingState {
  readonly epoch: number;
  readonly epochs: number;
  readonly state: OptimiserState;
  /** Of a training that may stop before its last epoch. */
  readonly early?: EarlyStopping;
}

/** The best weights so far, by an error that may be Infinity where nothing could be measured. */
export interface EarlyStopping {
  /** Hash of what is trained: the state of another training is of no use. */
  readonly of: string;
  readonly weights: Float32Array;
  readonly error: number;
  /** How often it was looked since without finding better ones. */
  readonly looksSince: number;
}

const ARRAYS = ['parameters', 'average', 'first', 'second'] as const;
const headerSchema = z.object({
  __metadata__: z.object({
    epoch: z.coerce.number(),
    epochs: z.coerce.number(),
    step: z.coerce.number(),
    of: z.string().optional(),
    error: z.string().optional(),
    looksSince: z.string().optional(),
  }),
});

/** Replaces the file in one move, so that a kill leaves the old state or the new one. */
export function writeTrainingState(path: string, { epoch, epochs, state, early }: TrainingState): void {
  const arrays: [string, Float32Array][] = ARRAYS.map((name) => [name, state[name]]);
  if (early) arrays.push(['best', early.weights]);
  const tensors = arrays.map(([name, values]) => ({ name, shape: [values.length], values }));
  const counts = { epoch: String(epoch), epochs: String(epochs), step: String(state.step) };
  const stopping = early && {
    of: early.of,
    error: String(early.error),
    looksSince: String(early.looksSince),
  };
  // An attempt that was given up may still write: never the same half of a file.
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, encodeSafetensors(tensors, { ...counts, ...stopping }));
  renameSync(partial, path);
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
  const { epoch, step, of } = counts;
  const weights = tensors.get('best')?.values;
  return {
    epoch,
    epochs,
    state: { step, parameters, average, first, second },
    ...(weights &&
      of !== undefined && {
        early: { of, weights, error: Number(counts.error), looksSince: Number(counts.looksSince) },
      }),
  };
}
