import { readCheckpoint, tensorValues, writeCheckpoint, type CheckpointCard } from '../checkpoint.ts';
import { z } from 'zod';
import { weightPlan, type DenoiserShape, type Weights } from './denoiser.ts';
import type { LatticeScale } from './process.ts';

/** A trained generator, everything that sampling needs. */
export interface GeneratorModel {
  readonly shape: DenoiserShape;
  readonly scale: LatticeScale;
  /** Atomic numbers that the training set held. */
  readonly elements: readonly number[];
  /** How many training crystals had n atoms, at index n. */
  readonly atomCounts: readonly number[];
  readonly weights: Weights;
}

const positive = z.int().positive();
const sixNumbers = z.array(z.number()).length(6);
/** The family of networks; the sizes stand beside it. */
const ARCHITECTURE = 'dense-cspnet';
const shapeSchema = z.strictObject({
  width: positive,
  layers: positive,
  frequencies: positive,
  radialBasis: positive,
  chemistry: positive,
});
const architectureSchema = z.strictObject({ network: z.literal(ARCHITECTURE), shape: shapeSchema });
const parametersSchema = z.strictObject({
  latticeMean: sixNumbers,
  latticeDeviation: sixNumbers,
  elements: z.array(positive),
  atomCounts: z.array(z.int().nonnegative()),
});

/** What a generator's card says beside what the model itself determines. */
export type GeneratorProvenance = Pick<
  CheckpointCard,
  'trainingData' | 'metrics' | 'parents' | 'licence' | 'attribution'
>;

/** Writes a generator's checkpoint and card. */
export async function writeGenerator(
  path: string,
  model: GeneratorModel,
  provenance: GeneratorProvenance,
): Promise<CheckpointCard> {
  const card = {
    kind: 'generator' as const,
    architecture: { network: ARCHITECTURE, shape: model.shape },
    targets: [],
    parameters: {
      latticeMean: model.scale.mean,
      latticeDeviation: model.scale.deviation,
      elements: model.elements,
      atomCounts: model.atomCounts,
    },
    ...provenance,
  };
  return writeCheckpoint(
    path,
    card,
    [...model.weights].map(([name, { shape, values }]) => ({ name, shape, values })),
  );
}

/** Reads a generator. Throws CheckpointError when it is missing, damaged or of another architecture. */
export async function readGenerator(
  path: string,
): Promise<{ readonly model: GeneratorModel; readonly card: CheckpointCard }> {
  const checkpoint = await readCheckpoint(path, 'generator');
  const { shape } = architectureSchema.parse(checkpoint.card.architecture);
  const parameters = parametersSchema.parse(checkpoint.card.parameters);
  const weights: Weights = new Map(
    weightPlan(shape).map(({ name, shape: dimensions }) => [
      name,
      { shape: dimensions, values: tensorValues(checkpoint, name, dimensions) },
    ]),
  );
  return {
    card: checkpoint.card,
    model: {
      shape,
      scale: { mean: parameters.latticeMean, deviation: parameters.latticeDeviation },
      elements: parameters.elements,
      atomCounts: parameters.atomCounts,
      weights,
    },
  };
}
