import { z } from 'zod';
import type { Crystal } from '../../crystal/crystal.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { CheckpointError } from '../checkpoint.ts';
import type { TrainingDomain } from '../domain.ts';
import { distanceFromDomain, trainingDomain } from '../domain.ts';
import type { NamedTensor } from '../safetensors.ts';
import type { Scores, TrainingRow } from '../service.ts';

/** Scores before it is asked whether the model knows such crystals. */
export type PlainScores = Omit<Scores, 'domainDistance'>;

/** What a surrogate's labels cover: beyond it, predictions are extrapolations and their σ is widened. */
export interface LabelDomain {
  /** In the space of the surrogate's embedding. */
  readonly training: TrainingDomain;
  /** Of all elements in the labels. */
  readonly atomicNumbers: readonly number[];
  /** Per target: standard deviation of the labels, what is known of a crystal of which nothing is known. */
  readonly spreads: readonly number[];
}

/** The domain of rows with at least one value per target. `plain` are the surrogate's scores of these rows. */
export function labelDomain(
  rows: readonly Pick<TrainingRow, 'crystal' | 'values'>[],
  plain: PlainScores,
): LabelDomain {
  const atomicNumbers = new Set(rows.flatMap(({ crystal }) => crystal.atomicNumbers));
  return {
    training: trainingDomain(plain.embedding, plain.embeddingWidth),
    atomicNumbers: [...atomicNumbers].sort((l, r) => l - r),
    spreads: plain.targets.map((_, target) =>
      spreadOf(rows.map(({ values }) => values[target] ?? null).filter((value) => value !== null)),
    ),
  };
}

/**
 * Scores with the distance from the domain, and σ times that distance outside it, though not wider than the labels'
 * own spread. A crystal with an element that is in no label gets at least that spread: what its properties suggest, and
 * what a base knows of it in another property, was never tested.
 */
export function withDomain(
  plain: PlainScores,
  { training, atomicNumbers, spreads }: LabelDomain,
  crystals: readonly Crystal[],
): Scores {
  const domainDistance = distanceFromDomain(training, plain.embedding);
  const known = new Set(atomicNumbers);
  const sigma = plain.sigma.slice();
  crystals.forEach((crystal, row) => {
    const isNew = crystal.atomicNumbers.some((z) => !known.has(z));
    const distance = domainDistance[row] as number;
    if (!isNew && distance <= 1) return;
    spreads.forEach((spread, target) => {
      const at = row * spreads.length + target;
      const own = sigma[at] as number;
      sigma[at] = Math.max(own, isNew ? spread : Math.min(spread, own * distance));
    });
  });
  return { ...plain, sigma, domainDistance };
}

const partsSchema = z.strictObject({
  edge: z.number().nonnegative(),
  atomicNumbers: z.array(z.int().positive()),
  spreads: z.array(z.number().nonnegative()),
});

/** What of a domain a checkpoint's card holds, and its arrays. */
export function domainParts({ training, atomicNumbers, spreads }: LabelDomain): {
  parameters: z.infer<typeof partsSchema>;
  tensors: NamedTensor[];
} {
  const { width, scale, landmarks, edge } = training;
  return {
    parameters: { edge, atomicNumbers: [...atomicNumbers], spreads: [...spreads] },
    tensors: [
      { name: 'domain.scale', shape: [width], values: scale },
      { name: 'domain.landmarks', shape: [landmarks.length / width, width], values: landmarks },
    ],
  };
}

/** The domain in a surrogate's checkpoint. Throws CheckpointError when it is not there or does not fit. */
export function domainFromCheckpoint(path: string, { card, tensors }: Checkpoint): LabelDomain {
  const parts = partsSchema.safeParse(card.parameters['domain']);
  const scale = tensors.get('domain.scale')?.values;
  const landmarks = tensors.get('domain.landmarks')?.values;
  if (
    !parts.success ||
    !scale ||
    !landmarks ||
    landmarks.length % scale.length !== 0 ||
    parts.data.spreads.length !== card.targets.length
  ) {
    const problem = 'it does not say what its labels cover';
    throw new CheckpointError(path, problem, 'train it again with this version', { cause: parts.error });
  }
  const { edge, atomicNumbers, spreads } = parts.data;
  return { training: { width: scale.length, scale, landmarks, edge }, atomicNumbers, spreads };
}

function spreadOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) || 0;
}
