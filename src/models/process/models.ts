import { reducedFormula } from '../../crystal/chemistry/composition.ts';
import type { Crystal } from '../../crystal/crystal.ts';
import { loadBackend } from '../backend.ts';
import type { Backend } from '../backend.ts';
import { fineTuneGenerator, generate } from '../generator/index.ts';
import { explainSurrogate } from '../insight/explain.ts';
import type { ModelService, Scores } from '../service.ts';
import { readSurrogate, scoreSurrogate } from '../surrogate/surrogate.ts';
import { trainSurrogate } from '../surrogate/train.ts';

/** Thrown when a surrogate's answer is not a number: nothing may be chosen by it. */
export class ScoringError extends Error {
  override readonly name = 'ScoringError';
}

/** The models in this very process: what the model process wraps. An abort is seen at the next progress report. */
export function createModels(): ModelService {
  let loading: Promise<Backend> | null = null;
  const backend = (): Promise<Backend> => (loading ??= loadBackend());
  return {
    backend: async () => (await backend()).description,
    score: async ({ checkpoint, crystals }) => {
      const { surrogate } = await readSurrogate(checkpoint);
      return requireNumbers(scoreSurrogate((await backend()).tf, surrogate, crystals), crystals, checkpoint);
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

function requireNumbers(scores: Scores, crystals: readonly Crystal[], checkpoint: string): Scores {
  const { targets, mean, sigma } = scores;
  const bad = mean.findIndex((value, at) => !Number.isFinite(value) || !Number.isFinite(sigma[at]));
  if (bad === -1) return scores;
  const index = Math.floor(bad / targets.length);
  const target = targets[bad % targets.length] as string;
  throw new ScoringError(
    `${checkpoint} gives ${mean[bad]} ± ${sigma[bad]} for ${target} of crystal ${index + 1} ` +
      `(${reducedFormula(crystals[index] as Crystal)}): its weights are of no use, train the surrogate again`,
  );
}
