import type { Backend } from '../backend.ts';
import type { GenerateJob, GeneratedCrystals } from '../service.ts';
import { readGenerator } from './model.ts';
import { sampleCrystals } from './sampler.ts';

export { fineTuneGenerator } from './fine-tune.ts';

/**
 * `job.count` crystals of the job's elements and sizes, as the network made them: not yet checked, nor deduplicated.
 * Throws a RangeError for conditions that the generator cannot meet and CheckpointError for an unusable checkpoint.
 */
export async function generate({ tf }: Backend, job: GenerateJob): Promise<GeneratedCrystals> {
  const started = performance.now();
  const { model } = await readGenerator(job.checkpoint);
  const crystals = await sampleCrystals(tf, model, job, { count: job.count, seed: job.seed });
  return { crystals, seconds: (performance.now() - started) / 1000 };
}
