import { loadBackend } from '../backend.ts';
import type { Backend } from '../backend.ts';
import { fineTuneGenerator, generate } from '../generator/index.ts';
import { explainSurrogate } from '../insight/explain.ts';
import type { ModelService } from '../service.ts';
import { readSurrogate, scoreSurrogate } from '../surrogate/surrogate.ts';
import { trainSurrogate } from '../surrogate/train.ts';

/** The models in this very process: what the model process wraps. An abort is seen at the next progress report. */
export function createModels(): ModelService {
  let loading: Promise<Backend> | null = null;
  const backend = (): Promise<Backend> => (loading ??= loadBackend());
  return {
    backend: async () => (await backend()).description,
    score: async ({ checkpoint, crystals }) => {
      const { surrogate } = await readSurrogate(checkpoint);
      return scoreSurrogate((await backend()).tf, surrogate, crystals);
    },
    trainSurrogate: async (job, { signal, progress }) =>
      trainSurrogate(await backend(), job, (detail) => {
        signal.throwIfAborted();
        progress(detail);
      }),
    explain: async (job, { signal, progress }) =>
      explainSurrogate(await backend(), job, (detail) => {
        signal.throwIfAborted();
        progress(detail);
      }),
    generate: async (job) => generate(await backend(), job),
    fineTuneGenerator: async (job, watch) => fineTuneGenerator(await backend(), job, watch),
    close: async () => undefined,
  };
}
