import type { Crystal } from '../../crystal/crystal.ts';
import type { TensorFlow } from '../backend.ts';
import { holdsSimpleModels, simpleFromCheckpoint, simpleParts } from '../baselines/simple-checkpoint.ts';
import type { SimpleSurrogate } from '../baselines/simple-surrogate.ts';
import { scoreSimple } from '../baselines/simple-surrogate.ts';
import type { CheckpointCard, Provenance } from '../checkpoint.ts';
import { readCheckpoint, writeCheckpoint } from '../checkpoint.ts';
import type { Scores } from '../service.ts';
import type { Ensemble } from './ensemble.ts';
import { ensembleFromCheckpoint, ensembleParts, scoreEnsemble } from './ensemble.ts';
import type { LabelDomain, PlainScores } from './label-domain.ts';
import { domainFromCheckpoint, domainParts, withDomain } from './label-domain.ts';

/** A model of the targets: the network ensemble, or simple models where these do better. */
export type TargetModel =
  | { readonly kind: 'network'; readonly ensemble: Ensemble }
  | { readonly kind: 'simple'; readonly model: SimpleSurrogate };

/** What the loop scores candidates with: a model, and what its labels cover. */
export type Surrogate = TargetModel & { readonly domain: LabelDomain };

/** Names of what it predicts, each with its unit. */
export function targetsOf(model: TargetModel): readonly string[] {
  return model.kind === 'network' ? model.ensemble.targets : model.model.targets;
}

/** A model's scores, whatever its labels cover. */
export function scorePlainly(tf: TensorFlow, model: TargetModel, crystals: readonly Crystal[]): PlainScores {
  return model.kind === 'network'
    ? scoreEnsemble(tf, model.ensemble, crystals)
    : scoreSimple(model.model, crystals);
}

export function scoreSurrogate(tf: TensorFlow, surrogate: Surrogate, crystals: readonly Crystal[]): Scores {
  return withDomain(scorePlainly(tf, surrogate, crystals), surrogate.domain, crystals);
}

/** Writes a surrogate as safetensors with its card. */
export async function writeSurrogate(
  path: string,
  surrogate: Surrogate,
  provenance: Provenance,
): Promise<CheckpointCard> {
  const model =
    surrogate.kind === 'network' ? ensembleParts(surrogate.ensemble) : simpleParts(surrogate.model);
  const domain = domainParts(surrogate.domain);
  const card = {
    ...provenance,
    kind: 'surrogate' as const,
    architecture: model.architecture,
    targets: [...targetsOf(surrogate)],
    parameters: { ...model.parameters, domain: domain.parameters },
  };
  return await writeCheckpoint(path, card, [...model.tensors, ...domain.tensors]);
}

/** Reads either kind. Throws CheckpointError when the file is missing, damaged or of an unknown architecture. */
export async function readSurrogate(path: string): Promise<{ surrogate: Surrogate; card: CheckpointCard }> {
  const checkpoint = await readCheckpoint(path, 'surrogate');
  const { card } = checkpoint;
  const model: TargetModel = holdsSimpleModels(card)
    ? { kind: 'simple', model: simpleFromCheckpoint(path, checkpoint) }
    : { kind: 'network', ensemble: ensembleFromCheckpoint(path, checkpoint) };
  return { surrogate: { ...model, domain: domainFromCheckpoint(path, checkpoint) }, card };
}
