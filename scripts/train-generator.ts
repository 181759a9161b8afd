/**
 * Trains the generator's base weights and writes checkpoints/generator-base.safetensors with its card.
 * Resumable: kill it at any time and start it again with the same --state folder.
 */
import { mkdirSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { atomicNumberOf } from '../src/crystal/chemistry/elements.ts';
import { identity } from '../src/crystal/identity/fingerprint.ts';
import { random, type Random } from '../src/crystal/random.ts';
import { isValid } from '../src/crystal/validity.ts';
import { loadBackend } from '../src/models/backend.ts';
import { chemistryTable, CHEMISTRY_COLUMNS } from '../src/models/generator/chemistry.ts';
import { initialWeights, type DenoiserShape, type Weights } from '../src/models/generator/denoiser.ts';
import { writeGenerator, type GeneratorModel } from '../src/models/generator/model.ts';
import { startOptimizer, type OptimizerState } from '../src/models/generator/optimizer.ts';
import { exampleOf, latticeScaleOf, type Example } from '../src/models/generator/process.ts';
import { sampleCrystals } from '../src/models/generator/sampler.ts';
import { evaluateLoss, Trainer, type TrainingBatch } from '../src/models/generator/training.ts';
import { decodeSafetensors, encodeSafetensors } from '../src/models/safetensors.ts';
import { digestOf, readTrainingCrystals, type TrainingCrystal } from './training-crystals.ts';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: process.env['ASSAYER_DATA'] ?? '../shared/data' },
    state: { type: 'string' },
    output: { type: 'string', default: 'checkpoints/generator-base.safetensors' },
    steps: { type: 'string', default: '16000' },
    seed: { type: 'string', default: '1' },
  },
});
if (flags.state === undefined) throw new Error('give --state FOLDER, where the unfinished training is kept');
const STATE = flags.state;
const STEPS = Number(flags.steps);
const SEED = Number(flags.seed);
const SHAPE: DenoiserShape = {
  width: 128,
  layers: 4,
  frequencies: 8,
  radialBasis: 16,
  chemistry: CHEMISTRY_COLUMNS,
};
const OPTIONS = {
  peakRate: 1.2e-3,
  totalSteps: STEPS,
  warmup: 0.05,
  weightDecay: 0.01,
  clipNorm: 1,
  averageDecay: 0.999,
};
const MOST_ATOMS = 20;
const HELD_OUT_SHARE = 0.05;
/** Ordered pairs of atoms per step, which is what a step costs. */
const PAIRS_PER_STEP = 4096;
const MOST_CRYSTALS_PER_STEP = 192;
/** Cells of similar size share a batch, so that little is padding. */
const SIZE_CLASSES = [2, 3, 4, 6, 8, 10, 12, 16, 20];
const SAVE_EVERY = 500;

const NONMETALS = new Set([1, 2, 5, 6, 7, 8, 9, 10, 15, 16, 17, 18, 34, 35, 36, 52, 53, 54, 86]);

interface Row {
  readonly example: Example;
  readonly elements: readonly number[];
  readonly metallic: boolean;
}

/** How often a crystal is shown: small intermetallics are what the generator is first used for. */
function importance(row: Row): number {
  const n = row.example.species.length;
  return (n <= 8 ? 1 : n <= 12 ? 0.2 : 0.03) * (row.metallic ? 1.5 : 1);
}

function rowOf({ crystal }: TrainingCrystal): Row {
  const elements = [...new Set(crystal.atomicNumbers)];
  return { example: exampleOf(crystal), elements, metallic: elements.every((z) => !NONMETALS.has(z)) };
}

/** The condition of a training crystal: its own elements and some of other crystals, or all elements. */
function allowedFor(
  row: Row,
  rows: readonly Row[],
  every: readonly number[],
  source: Random,
): readonly number[] {
  if (source.uniform() < 0.15) return every;
  const allowed = new Set(row.elements);
  const extra = source.pick([0, 0, 1, 1, 2, 3, 6]);
  for (let tries = 0; allowed.size < row.elements.length + extra && tries < 50; tries++) {
    const other = source.pick(rows);
    if (other.metallic === row.metallic) allowed.add(source.pick(other.elements));
  }
  return [...allowed];
}

function batchSize(atoms: number): number {
  return Math.min(MOST_CRYSTALS_PER_STEP, Math.floor(PAIRS_PER_STEP / atoms ** 2));
}

/** Cumulative sums, and the index at which a uniform number falls. */
function pickWeighted(cumulative: Float64Array, source: Random): number {
  const wanted = source.uniform() * (cumulative.at(-1) as number);
  let low = 0;
  let high = cumulative.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((cumulative[middle] as number) > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

function cumulate(weights: readonly number[]): Float64Array {
  let sum = 0;
  return Float64Array.from(weights, (weight) => (sum += weight));
}

function saveState(state: OptimizerState): void {
  const parts = {
    weights: state.weights,
    averaged: state.averaged,
    momentum: state.momentum,
    variance: state.variance,
  };
  const tensors = Object.entries(parts).flatMap(([part, weights]) =>
    [...weights].map(([name, tensor]) => ({ name: `${part}/${name}`, ...tensor })),
  );
  const path = join(STATE, 'state.safetensors');
  writeFileSync(`${path}.tmp`, encodeSafetensors(tensors, { step: String(state.step) }));
  renameSync(`${path}.tmp`, path);
  writeFileSync(join(STATE, 'step.json'), JSON.stringify(state.step));
}

function loadState(): OptimizerState | null {
  const path = join(STATE, 'state.safetensors');
  if (!existsSync(path)) return null;
  const tensors = decodeSafetensors(readFileSync(path));
  const part = (prefix: string): Weights =>
    new Map(
      [...tensors.values()]
        .filter((tensor) => tensor.name.startsWith(`${prefix}/`))
        .map(({ name, shape, values }) => [name.slice(prefix.length + 1), { shape, values: values.slice() }]),
    );
  return {
    step: JSON.parse(readFileSync(join(STATE, 'step.json'), 'utf8')) as number,
    weights: part('weights'),
    averaged: part('averaged'),
    momentum: part('momentum'),
    variance: part('variance'),
  };
}

const started = Date.now();
const say = (text: string): void => {
  process.stdout.write(`${((Date.now() - started) / 1000).toFixed(0).padStart(5)} s  ${text}\n`);
};

mkdirSync(STATE, { recursive: true });
const crystals = readTrainingCrystals(flags.data, MOST_ATOMS);
const formulas = random(SEED, 'held out').shuffle([...new Set(crystals.map((one) => one.formula))]);
const heldOutFormulas = new Set(formulas.slice(0, Math.round(HELD_OUT_SHARE * formulas.length)));
const rows = crystals.filter((one) => !heldOutFormulas.has(one.formula)).map(rowOf);
const heldOut = crystals.filter((one) => heldOutFormulas.has(one.formula)).map(rowOf);
const elements = [...new Set(rows.flatMap((row) => row.elements))].sort((a, b) => a - b);
const scale = latticeScaleOf(rows.map((row) => row.example));
say(`${rows.length} crystals, ${heldOut.length} held out, ${elements.length} elements`);
say(
  `lattice mean ${scale.mean.map((x) => x.toFixed(3)).join(' ')}, deviation ${scale.deviation.map((x) => x.toFixed(3)).join(' ')}`,
);

const classes = SIZE_CLASSES.map((most, k) => {
  const members = rows.filter(
    ({ example }) => example.species.length <= most && example.species.length > (SIZE_CLASSES[k - 1] ?? 0),
  );
  const cumulative = cumulate(members.map(importance));
  return {
    members,
    cumulative,
    size: batchSize(most),
    share: (cumulative.at(-1) as number) / batchSize(most),
  };
});
const classShares = cumulate(classes.map((one) => one.share));

function trainingBatch(source: Random): TrainingBatch {
  const { members, cumulative, size } = classes[
    pickWeighted(classShares, source)
  ] as (typeof classes)[number];
  const chosen = Array.from({ length: size }, () => members[pickWeighted(cumulative, source)] as Row);
  return {
    examples: chosen.map((row) => row.example),
    allowed: chosen.map((row) => allowedFor(row, rows, elements, source)),
  };
}

/** Fixed batches of held-out crystals of at most 12 atoms, in order of size. */
function heldOutBatches(): TrainingBatch[] {
  const source = random(SEED, 'held-out conditions');
  const small = heldOut
    .filter((row) => row.example.species.length <= 12)
    .sort((a, b) => a.example.species.length - b.example.species.length);
  const batches: TrainingBatch[] = [];
  for (let at = 0; at < small.length; at += 64) {
    const chosen = source.shuffle(small.slice(at, at + 64));
    batches.push({
      examples: chosen.map((row) => row.example),
      allowed: chosen.map((row) => allowedFor(row, heldOut, elements, source)),
    });
  }
  return batches;
}

const { tf, description } = await loadBackend();
say(`${description.backend} ${description.version} on ${description.device}`);
const state = loadState() ?? startOptimizer(initialWeights(SHAPE, chemistryTable(), random(SEED, 'weights')));
const size = [...state.weights].reduce((sum, [, { values }]) => sum + values.length, 0);
say(`${size} weights, from step ${state.step} of ${STEPS}`);
const trainer = new Trainer(tf, { shape: SHAPE, scale }, state);
const averaged = { shape: SHAPE, scale, weights: state.averaged };
const probe = heldOutBatches();
let mean = [0, 0, 0, 0];
let seen = 0;
while (state.step < STEPS) {
  const source = random(SEED, 'step', state.step);
  const loss = trainer.step(trainingBatch(source), OPTIONS, source);
  [loss.total, loss.lattice, loss.coordinates, loss.species].forEach((x, k) => ((mean[k] as number) += x));
  seen++;
  if (state.step % 100 === 0) {
    const text = mean.map((x) => (x / seen).toFixed(4)).join(' ');
    say(`step ${state.step}: loss, lattice, coordinates, species ${text}; ${tf.memory().numTensors} tensors`);
    mean = [0, 0, 0, 0];
    seen = 0;
  }
  if (state.step % SAVE_EVERY === 0 || state.step === STEPS) {
    saveState(state);
    const held = evaluateLoss(tf, averaged, probe, random(SEED, 'held-out noise'));
    say(`step ${state.step}: HELD OUT ${JSON.stringify(held)}`);
  }
}

const atomCounts = new Array<number>(MOST_ATOMS + 1).fill(0);
for (const row of rows) (atomCounts[row.example.species.length] as number)++;
const trained: GeneratorModel = { shape: SHAPE, scale, elements, atomCounts, weights: state.averaged };
const sampleMetrics: Record<string, { valid: number; unique: number; crystals: number }> = {};
for (const symbols of ['Cu Pd Au', 'Al Ni Pt']) {
  const conditions = {
    allowedAtomicNumbers: symbols.split(' ').map(atomicNumberOf),
    minAtoms: 2,
    maxAtoms: 8,
    minElements: 1,
    maxElements: 3,
  };
  const sampled = await sampleCrystals(tf, trained, conditions, { count: 400, seed: SEED });
  sampleMetrics[`${symbols}, 2 to 8 atoms`] = {
    valid: sampled.filter(isValid).length / sampled.length,
    unique: new Set(sampled.map(identity)).size / sampled.length,
    crystals: sampled.length,
  };
  say(`${symbols}: ${JSON.stringify(sampleMetrics[`${symbols}, 2 to 8 atoms`])}`);
}
const heldOutLoss = evaluateLoss(tf, averaged, probe, random(SEED, 'held-out noise'));
await writeGenerator(flags.output, trained, {
  trainingData: {
    sha256: digestOf(crystals),
    rows: rows.length,
    description:
      'binary and ternary crystals of MP-20 (validation and test parts), binaries of the Materials Project elasticity set of matcalc and the element references, primitive cells of at most 20 atoms',
  },
  metrics: {
    heldOutLoss,
    heldOutCrystals: probe.reduce((sum, batch) => sum + batch.examples.length, 0),
    steps: STEPS,
    samples: sampleMetrics,
  },
  parents: [],
  licence: 'CC-BY-4.0',
  attribution:
    'Trained on data of the Materials Project (A. Jain et al., APL Materials 1, 011002 (2013), materialsproject.org), CC BY 4.0.',
});
say(`wrote ${flags.output}`);
