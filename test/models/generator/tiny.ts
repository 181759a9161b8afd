import type { Crystal } from '../../../src/crystal/crystal.ts';
import { random } from '../../../src/crystal/random.ts';
import { CHEMISTRY_COLUMNS, chemistryTable } from '../../../src/models/generator/chemistry.ts';
import { initialWeights, type DenoiserShape } from '../../../src/models/generator/denoiser.ts';
import type { GeneratorModel } from '../../../src/models/generator/model.ts';

export const TINY_SHAPE: DenoiserShape = {
  width: 32,
  layers: 2,
  frequencies: 4,
  radialBasis: 8,
  chemistry: CHEMISTRY_COLUMNS,
};

/** An untrained network that knows the elements up to Ba and cells of 1 to 8 atoms. */
export function tinyModel(seed = 1): GeneratorModel {
  return {
    shape: TINY_SHAPE,
    scale: { mean: [0.9, 0, 0, 0, 0, 0], deviation: [0.1, 0.1, 0.1, 0.1, 0.1, 0.1] },
    elements: Array.from({ length: 56 }, (_, k) => k + 1),
    atomCounts: [0, 1, 4, 2, 4, 1, 3, 1, 3],
    weights: initialWeights(TINY_SHAPE, chemistryTable(), random(seed, 'weights')),
  };
}

/** CsCl's structure; a in Å. */
export function cesiumChlorideType(first: number, second: number, a: number): Crystal {
  return {
    latticeAngstrom: [a, 0, 0, 0, a, 0, 0, 0, a],
    fractionalCoordinates: [0, 0, 0, 0.5, 0.5, 0.5],
    atomicNumbers: [first, second],
  };
}
