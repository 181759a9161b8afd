import type { Crystal } from '../../crystal/crystal.ts';
import type { TensorFlow } from '../backend.ts';
import { holdsSimpleModels, simpleFromCheckpoint, writeSimple } from '../baselines/simple-checkpoint.ts';
import type { SimpleSurrogate } from '../baselines/simple-surrogate.ts';
import { scoreSimple } from '../baselines/simple-surrogate.ts';
import type { CheckpointCard } from '../checkpoint.ts';
import { readCheckpoint } from '../checkpoint.ts';
import type { Scores } from '../service.ts';
import type { Ensemble, Provenance } from './ensemble.ts';
import { ensembleFromCheckpoint, scoreEnsemble, writeEnsemble } from './ensemble.ts';

/** What the loop scores candidates with: the network ensemble, or simple models where these do better. */
export type Surrogate =
  | { readonly kind: 'network'; readonly ensemble: Ensemble }
  | { readonly kind: 'simple'; readonly model: SimpleSurrogate };

/** Names of what it predicts, each with its unit. */
export function targetsOf(surrogate: Surrogate): readonly string[] {
  return surrogate.kind === 'network' ? surrogate.ensemble.targets : surrogate.model.targets;
}

export function scoreSurrogate(tf: TensorFlow, surrogate: Surrogate, crystals: readonly Crystal[]): Scores {
  return surrogate.kind === 'network'
    ? scoreEnsemble(tf, surrogate.ensemble, crystals)
    : scoreSimple(surrogate.model, crystals);
}

export async function writeSurrogate(
  path: string,
  surrogate: Surrogate,
  provenance: Provenance,
): Promise<CheckpointCard> {
  return surrogate.kind === 'network'
    ? await writeEnsemble(path, surrogate.ensemble, provenance)
    : await writeSimple(path, surrogate.model, provenance);
}

/** Reads either kind. Throws CheckpointError when the file is missing, damaged or of an unknown architecture. */
export async function readSurrogate(path: string): Promise<{ surrogate: Surrogate; card: CheckpointCard }> {
  const checkpoint = await readCheckpoint(path, 'surrogate');
  const { card } = checkpoint;
  const surrogate: Surrogate = holdsSimpleModels(card)
    ? { kind: 'simple', model: simpleFromCheckpoint(path, checkpoint) }
    : { kind: 'network', ensemble: ensembleFromCheckpoint(path, checkpoint) };
  return { surrogate, card };
}
