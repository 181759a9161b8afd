import { initialParameters } from '../../src/models/surrogate/parameters.ts';
import { writtenSurrogate } from './written-surrogate.ts';

/** Writes an untrained network of one target that computes in next to no time. */
export async function writeTinySurrogate(
  path: string,
  { seed = 1, weightsOf = (weights: Float32Array): Float32Array => weights } = {},
): Promise<void> {
  const architecture = { width: 4, layers: 1, targets: 1 };
  const ensemble = {
    architecture,
    members: 1,
    targets: ['energyEvPerAtom'],
    weights: weightsOf(initialParameters(architecture, 1, seed)),
    kinds: ['value' as const],
    scales: [{ mean: 0, deviation: 1 }],
    recalibrations: [{ scale: 1, floor: 0 }],
  };
  await writtenSurrogate(path, { kind: 'network', ensemble });
}
