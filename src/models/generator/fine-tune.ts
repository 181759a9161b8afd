import { createHash } from 'node:crypto';

import { reducedFormula } from '../../crystal/chemistry/composition.ts';
import { symbolOf } from '../../crystal/chemistry/elements.ts';
import { identity } from '../../crystal/identity/fingerprint.ts';
import { random, type Random } from '../../crystal/random.ts';
import { isValid } from '../../crystal/validity.ts';
import type { Backend, TensorFlow } from '../backend.ts';
import type { FineTuneGeneratorJob, GeneratorProbe, GeneratorReport, Watch } from '../service.ts';
import { requirePossible, type Conditions } from './conditions.ts';
import { readGenerator, writeGenerator, type GeneratorModel } from './model.ts';
import { MOST_ATOMS, type Weights } from './denoiser.ts';
import { startOptimizer, type OptimizerOptions } from './optimizer.ts';
import { exampleOf, type Example } from './process.ts';
import { sampleCrystals } from './sampler.ts';
import { evaluateLoss, Trainer, type TrainingBatch } from './training.ts';

const OPTIONS: OptimizerOptions = {
  peakRate: 3e-4,
  totalSteps: 80,
  warmup: 0.1,
  weightDecay: 0,
  clipNorm: 1,
  averageDecay: 0.97,
};
/** Of every batch, so many good crystals and so many of the base's own samples. */
const GOOD_PER_BATCH = 24;
const REPLAY_PER_BATCH = 16;
const REPLAY_CRYSTALS = 64;
const PROBE_CRYSTALS = 64;
/** Each held-out crystal is noised so often: the loss of a few crystals would otherwise be chance. */
const HELD_OUT_REPEATS = 16;
/** Share of the compositions that is never trained on. */
const HELD_OUT_SHARE = 0.2;
/** Falls of the probe that count as chance: two standard errors of a share near one half and near one. */
const VALID_TOLERANCE = 0.05;
const UNIQUE_TOLERANCE = 0.1;

/** A good crystal, as the network sees it. */
interface Good {
  readonly example: Example;
  readonly weight: number;
}

/**
 * Fine-tunes from the base weights on what proved good, mixed with samples of the base itself against forgetting
 * (generative replay, Shin et al., NeurIPS 2017), and judges the result against the generator in use: validity and
 * uniqueness of samples from the same noise, and the loss of good crystals held out by composition. It is written to
 * `job.output`; `promote` says whether to use it. When nothing can be held out nothing is trained, and the report names
 * the current checkpoint. Throws a RangeError for a space that the base cannot meet, and the signal's reason on abort.
 */
export async function fineTuneGenerator(
  { tf }: Backend,
  job: FineTuneGeneratorJob,
  watch: Watch,
): Promise<GeneratorReport> {
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const base = await readGenerator(job.base);
  const current = await readGenerator(job.current);
  const conditions: Conditions = {
    allowedAtomicNumbers: job.allowedAtomicNumbers,
    minAtoms: job.minAtoms,
    maxAtoms: job.maxAtoms,
    minElements: 1,
    maxElements: new Set(job.allowedAtomicNumbers).size,
  };
  requirePossible(conditions, base.model);
  const { train, heldOut } = splitGood(job);
  const probe = (model: GeneratorModel): Promise<GeneratorProbe> =>
    probeOf({ tf, model, conditions, heldOut, signal: watch.signal });

  watch.progress('sampling from the generator in use');
  const before = await probe(current.model);
  if (train.length === 0 || heldOut.length === 0) {
    const reason = `not fine-tuned: ${train.length} good crystals to learn from and ${heldOut.length} of other compositions to judge by; both are needed`;
    return {
      checkpoint: job.current,
      before,
      after: before,
      promote: false,
      reason,
      trainSeconds: seconds(),
    };
  }
  const sampled = await sampleCrystals(tf, base.model, conditions, {
    count: REPLAY_CRYSTALS,
    seed: `${job.seed} replay`,
    signal: watch.signal,
  });
  const replay = sampled.filter(isValid).map(exampleOf);
  const weights = await trainWeights({ tf, model: base.model, train, replay, job, watch });
  const tuned = { ...base.model, weights };
  watch.progress('sampling from the fine-tuned generator');
  const after = await probe(tuned);
  await writeGenerator(job.output, tuned, {
    trainingData: {
      sha256: createHash('sha256').update(JSON.stringify(job.good)).digest('hex'),
      rows: train.length,
      description: `good crystals of a campaign in ${job.allowedAtomicNumbers.map(symbolOf).join('-')}, and ${replay.length} samples of the base`,
    },
    metrics: { before, after },
    parents: [base.card.sha256],
    licence: base.card.licence,
    attribution: base.card.attribution,
  });
  return { checkpoint: job.output, before, after, ...judge(before, after), trainSeconds: seconds() };
}

/**
 * The good crystals that fit the space, split by composition. The side of a composition does not depend on the round,
 * so what a generator in use was trained on is never what it is judged by.
 */
function splitGood(job: FineTuneGeneratorJob): { train: Good[]; heldOut: Example[] } {
  const train: Good[] = [];
  const heldOut: Example[] = [];
  for (const { crystal, weight } of job.good) {
    const fits =
      crystal.atomicNumbers.length <= MOST_ATOMS &&
      crystal.atomicNumbers.every((z) => job.allowedAtomicNumbers.includes(z));
    if (!fits || !(weight > 0)) continue;
    const example = exampleOf(crystal);
    if (random('held out', reducedFormula(crystal)).uniform() < HELD_OUT_SHARE) heldOut.push(example);
    else train.push({ example, weight });
  }
  return { train, heldOut };
}

interface Run {
  readonly tf: TensorFlow;
  readonly model: GeneratorModel;
  readonly train: readonly Good[];
  readonly replay: readonly Example[];
  readonly job: FineTuneGeneratorJob;
  readonly watch: Watch;
}

/** The averaged weights after training. */
async function trainWeights({ tf, model, train, replay, job, watch }: Run): Promise<Weights> {
  const source = random(job.seed, 'fine-tune');
  const trainer = new Trainer(tf, model, startOptimizer(model.weights));
  const draw = weightedDraw(train);
  const conditionOf = (example: Example): readonly number[] =>
    source.uniform() < 0.5 ? job.allowedAtomicNumbers : [...new Set(example.species)];
  try {
    for (let step = 0; step < OPTIONS.totalSteps; step++) {
      watch.signal.throwIfAborted();
      const examples = [
        ...Array.from({ length: GOOD_PER_BATCH }, () => draw(source)),
        ...(replay.length === 0 ? [] : Array.from({ length: REPLAY_PER_BATCH }, () => source.pick(replay))),
      ];
      const shuffled = source.shuffle(examples);
      const batch = { examples: shuffled, allowed: shuffled.map(conditionOf) };
      const loss = trainer.step(batch, OPTIONS, source);
      if (step % 10 === 0) {
        watch.progress(`fine-tuning step ${step} of ${OPTIONS.totalSteps}, loss ${loss.total.toFixed(3)}`);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    return trainer.state.averaged;
  } finally {
    trainer.dispose();
  }
}

/** Draws in proportion to the weights. */
function weightedDraw(train: readonly Good[]): (source: Random) => Example {
  const total = train.reduce((sum, { weight }) => sum + weight, 0);
  return (source) => {
    let left = source.uniform() * total;
    return (train.find(({ weight }) => (left -= weight) < 0) ?? train.at(-1))?.example as Example;
  };
}

interface Probe {
  readonly tf: TensorFlow;
  readonly model: GeneratorModel;
  readonly conditions: Conditions;
  readonly heldOut: readonly Example[];
  readonly signal: AbortSignal;
}

/** Always the same noise, so that two generators differ by what they learned. */
async function probeOf({ tf, model, conditions, heldOut, signal }: Probe): Promise<GeneratorProbe> {
  const crystals = await sampleCrystals(tf, model, conditions, {
    count: PROBE_CRYSTALS,
    seed: 'probe',
    signal,
  });
  const batches: TrainingBatch[] = heldOut.map((example) => ({
    examples: Array.from({ length: HELD_OUT_REPEATS }, () => example),
    allowed: Array.from({ length: HELD_OUT_REPEATS }, () => conditions.allowedAtomicNumbers),
  }));
  return {
    valid: crystals.filter(isValid).length / crystals.length,
    unique: new Set(crystals.map(identity)).size / crystals.length,
    heldOutLoss: batches.length === 0 ? null : evaluateLoss(tf, model, batches, random('probe noise')).total,
  };
}

function judge(before: GeneratorProbe, after: GeneratorProbe): { promote: boolean; reason: string } {
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  const lossBefore = before.heldOutLoss ?? Infinity;
  const lossAfter = after.heldOutLoss ?? Infinity;
  const figures = `held-out loss ${lossBefore.toFixed(3)} to ${lossAfter.toFixed(3)}, valid ${percent(before.valid)} to ${percent(after.valid)}, unique ${percent(before.unique)} to ${percent(after.unique)}`;
  const faults = [
    ...(lossAfter < lossBefore ? [] : ['it explains held-out good crystals no better']),
    ...(after.valid >= before.valid - VALID_TOLERANCE ? [] : ['fewer samples are valid']),
    ...(after.unique >= before.unique - UNIQUE_TOLERANCE ? [] : ['more samples are duplicates']),
  ];
  return faults.length === 0
    ? { promote: true, reason: `promoted: ${figures}` }
    : { promote: false, reason: `rolled back, since ${faults.join(' and ')}: ${figures}` };
}
