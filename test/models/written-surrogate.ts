import { loadBackend } from '../../src/models/backend.ts';
import type { CheckpointCard } from '../../src/models/checkpoint.ts';
import { labelDomain } from '../../src/models/surrogate/label-domain.ts';
import { scorePlainly, writeSurrogate } from '../../src/models/surrogate/surrogate.ts';
import type { TargetModel } from '../../src/models/surrogate/surrogate.ts';
import { analyticRows } from './analytic-rows.ts';
import { availableBackends } from './backends.ts';

const [fastest] = await availableBackends();
const provenance = {
  trainingData: { sha256: '', rows: 0, description: 'a test' },
  metrics: {},
  parents: [],
  licence: 'none',
  attribution: '',
};

/** Writes a model as a surrogate of a few analytic rows, whose domain is what `sound` sees of them. */
export async function writtenSurrogate(
  path: string,
  model: TargetModel,
  sound: TargetModel = model,
): Promise<CheckpointCard> {
  const { tf } = await loadBackend(fastest);
  const rows = analyticRows(6, 1);
  const ofRows = scorePlainly(
    tf,
    sound,
    rows.map(({ crystal }) => crystal),
  );
  return writeSurrogate(path, { ...model, domain: labelDomain(rows, ofRows) }, provenance);
}
