import { z } from 'zod';
import type { Crystal } from '../../crystal/crystal.ts';
import type { TensorFlow } from '../backend.ts';
import type { Recalibration } from '../calibration.ts';
import { CheckpointError, tensorValues } from '../checkpoint.ts';
import type { Checkpoint, SurrogateParts } from '../checkpoint.ts';
import { SHELL_FEATURES, sitesOf } from '../sites.ts';
import type { Sites } from '../sites.ts';
import type { PlainScores } from './label-domain.ts';
import { initialParameters, memberSize, parametersOf } from './parameters.ts';
import type { Architecture } from './parameters.ts';
import { combine, predictMembers } from './prediction.ts';
import { zerosOf } from './targets.ts';
import type { TargetKind, TargetScale } from './targets.ts';

/** Members of one architecture, and what turns their standardised output into targets. */
export interface Ensemble {
  readonly architecture: Architecture;
  readonly members: number;
  /** Unit in the name. */
  readonly targets: readonly string[];
  /** [members, memberSize] */
  readonly weights: Float32Array;
  /** Per target. */
  readonly kinds: readonly TargetKind[];
  /** Per target: value = mean + deviation · network output. */
  readonly scales: readonly TargetScale[];
  /** Per target, in its unit. */
  readonly recalibrations: readonly Recalibration[];
}

/** Changes whenever old weights would mean something else. */
const NETWORK = 'dense message passing 2';

const architectureSchema = z.strictObject({
  network: z.literal(NETWORK),
  shellFeatures: z.literal(SHELL_FEATURES),
  width: z.int().positive(),
  layers: z.int().positive(),
  members: z.int().positive(),
});

const parametersSchema = z.strictObject({
  kinds: z.array(z.enum(['value', 'two-part'])),
  scales: z.array(z.strictObject({ mean: z.number(), deviation: z.number().positive() })),
  recalibrations: z.array(z.strictObject({ scale: z.number().positive(), floor: z.number().nonnegative() })),
  domain: z.unknown(),
});

/** An ensemble as a checkpoint holds it: one array [members, …shape] per parameter. */
export function ensembleParts(ensemble: Ensemble): SurrogateParts {
  const { architecture, members, weights, kinds, scales, recalibrations } = ensemble;
  const size = memberSize(architecture);
  const tensors = parametersOf(architecture).map((parameter) => {
    const values = new Float32Array(members * parameter.size);
    for (let member = 0; member < members; member++) {
      const from = member * size + parameter.offset;
      values.set(weights.subarray(from, from + parameter.size), member * parameter.size);
    }
    return { name: parameter.name, shape: [members, ...parameter.shape], values };
  });
  const { width, layers } = architecture;
  return {
    architecture: { network: NETWORK, shellFeatures: SHELL_FEATURES, width, layers, members },
    parameters: { kinds, scales, recalibrations },
    tensors,
  };
}

/** The ensemble in a surrogate's checkpoint. Throws CheckpointError when it is of another architecture. */
export function ensembleFromCheckpoint(path: string, checkpoint: Checkpoint): Ensemble {
  const { card } = checkpoint;
  const sizes = architectureSchema.safeParse(card.architecture);
  const parameters = parametersSchema.safeParse(card.parameters);
  if (!sizes.success || !parameters.success) {
    const cause = sizes.error ?? parameters.error;
    const problem = `its architecture ${JSON.stringify(card.architecture)} is not one this version can run`;
    throw new CheckpointError(path, problem, 'train it again with this version', { cause });
  }
  const { width, layers, members } = sizes.data;
  const architecture = { width, layers, targets: card.targets.length };
  const size = memberSize(architecture);
  const weights = new Float32Array(members * size);
  for (const { name, shape, size: length, offset } of parametersOf(architecture)) {
    const values = tensorValues(checkpoint, name, [members, ...shape]);
    for (let member = 0; member < members; member++) {
      weights.set(values.subarray(member * length, (member + 1) * length), member * size + offset);
    }
  }
  const { kinds, scales, recalibrations } = parameters.data;
  return { architecture, members, targets: card.targets, weights, kinds, scales, recalibrations };
}

/** Crystals, and pairs of their atoms, whose features are held at a time, however many are scored. */
const CHUNK = { crystals: 1024, pairs: 1_000_000 };

/** Means, calibrated standard deviations and embeddings of crystals; never throws for an odd but valid crystal. */
export function scoreEnsemble(tf: TensorFlow, ensemble: Ensemble, crystals: readonly Crystal[]): PlainScores {
  const { members, targets, architecture } = ensemble;
  const [n, width] = [crystals.length, architecture.width];
  const scores = {
    targets,
    mean: new Float32Array(n * targets.length),
    sigma: new Float32Array(n * targets.length),
    memberMeans: new Float32Array(members * n * targets.length),
    embedding: new Float32Array(n * width),
    embeddingWidth: width,
  };
  for (let from = 0, to = 0; from < n; from = to) {
    to = endOfChunk(crystals, from);
    const part = scoreFeatures(tf, ensemble, crystals.slice(from, to).map(sitesOf));
    scores.mean.set(part.mean, from * targets.length);
    scores.sigma.set(part.sigma, from * targets.length);
    scores.embedding.set(part.embedding, from * width);
    for (let member = 0; member < members; member++) {
      const own = part.memberMeans.subarray(member * part.mean.length, (member + 1) * part.mean.length);
      scores.memberMeans.set(own, (member * n + from) * targets.length);
    }
  }
  return scores;
}

function endOfChunk(crystals: readonly Crystal[], from: number): number {
  let to = from;
  let pairs = 0;
  while (to < crystals.length && to - from < CHUNK.crystals) {
    pairs += (crystals[to] as Crystal).atomicNumbers.length ** 2;
    if (pairs > CHUNK.pairs && to > from) break;
    to++;
  }
  return to;
}

export function scoreFeatures(tf: TensorFlow, ensemble: Ensemble, crystals: readonly Sites[]): PlainScores {
  const { architecture, members, targets, weights, kinds, scales, recalibrations } = ensemble;
  const raw = predictMembers(tf, architecture, { weights, crystals, zeros: zerosOf(kinds, scales) });
  const all = Array.from({ length: members }, (_, member) => member);
  const mean = new Float32Array(crystals.length * targets.length);
  const sigma = new Float32Array(crystals.length * targets.length);
  const memberMeans = new Float32Array(raw.mean.length);
  for (let target = 0; target < targets.length; target++) {
    const scale = scales[target] as TargetScale;
    const { scale: factor, floor } = recalibrations[target] as Recalibration;
    for (let crystal = 0; crystal < crystals.length; crystal++) {
      const combined = combine(raw, { crystal, target, members: all });
      const at = crystal * targets.length + target;
      mean[at] = scale.mean + scale.deviation * combined.mean;
      sigma[at] = factor * scale.deviation * combined.sigma + floor;
    }
    for (let at = target; at < memberMeans.length; at += targets.length) {
      memberMeans[at] = scale.mean + scale.deviation * (raw.mean[at] as number);
    }
  }
  const { embedding } = raw;
  return { targets, mean, sigma, memberMeans, embedding, embeddingWidth: architecture.width };
}

/**
 * Starting weights for new targets from a base: each member takes the body of base member m modulo their number;
 * the head of a target that the base knows is kept and brought to the new scale, any other starts at random.
 */
export function startFromBase(
  base: Ensemble,
  { targets, scales, members, seed }: Pick<Ensemble, 'targets' | 'scales' | 'members'> & { seed: number },
): { architecture: Architecture; weights: Float32Array } {
  const architecture = { ...base.architecture, targets: targets.length };
  const weights = initialParameters(architecture, members, seed);
  const size = memberSize(architecture);
  const baseSize = memberSize(base.architecture);
  const baseList = parametersOf(base.architecture);
  parametersOf(architecture).forEach((parameter, index) => {
    const from = baseList[index] as typeof parameter;
    for (let member = 0; member < members; member++) {
      const source = base.weights.subarray(
        (member % base.members) * baseSize + from.offset,
        (member % base.members) * baseSize + from.offset + from.size,
      );
      const into = weights.subarray(
        member * size + parameter.offset,
        member * size + parameter.offset + parameter.size,
      );
      if (parameter.part === 'body') into.set(source);
      else copyKnownHeads({ name: parameter.name, source, into, base, targets, scales });
    }
  });
  return { architecture, weights };
}

function copyKnownHeads({
  name,
  source,
  into,
  base,
  targets,
  scales,
}: Pick<Ensemble, 'targets' | 'scales'> & {
  name: string;
  source: Float32Array;
  into: Float32Array;
  base: Ensemble;
}): void {
  targets.forEach((target, column) => {
    const baseColumn = base.targets.indexOf(target);
    if (baseColumn < 0) return;
    const [old, now] = [base.scales[baseColumn] as TargetScale, scales[column] as TargetScale];
    const ratio = old.deviation / now.deviation;
    for (let row = 0; row * targets.length < into.length; row++) {
      const value = source[row * base.targets.length + baseColumn] as number;
      into[row * targets.length + column] =
        name === 'head.mean'
          ? ratio * value
          : name === 'head.meanBias'
            ? ratio * value + (old.mean - now.mean) / now.deviation
            : name === 'head.logVarianceBias'
              ? value + 2 * Math.log(ratio)
              : value;
    }
  });
}
