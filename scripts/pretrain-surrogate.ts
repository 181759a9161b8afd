/**
 * Trains the surrogate's base weights and writes checkpoints/surrogate-base.safetensors with its card.
 * Resumable: kill it at any time and start it again with the same --state file.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';

import { reducedFormula } from '../src/crystal/chemistry/composition.ts';
import { type Crystal, makeCrystal, scaleToVolume, volumeAngstrom3 } from '../src/crystal/crystal.ts';
import { parseCif } from '../src/crystal/formats/cif.ts';
import { inverse, multiplyRows } from '../src/crystal/geometry/lattice.ts';
import { type Random, random } from '../src/crystal/random.ts';
import { loadBackend } from '../src/models/backend.ts';
import { fitRecalibration } from '../src/models/calibration.ts';
import { type PairFeatures, pairFeatures } from '../src/models/pair-features.ts';
import { measure } from '../src/models/surrogate/comparison.ts';
import { type Ensemble, scoreFeatures, writeEnsemble } from '../src/models/surrogate/ensemble.ts';
import { fit } from '../src/models/surrogate/fit.ts';
import { freshState } from '../src/models/surrogate/optimiser.ts';
import { initialParameters, memberSize } from '../src/models/surrogate/parameters.ts';
import { isHeldOut } from '../src/models/surrogate/split.ts';
import { DEFAULT_SIZES } from '../src/models/surrogate/train-ensemble.ts';
import { readTrainingState, writeTrainingState } from '../src/models/surrogate/training-state.ts';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: process.env['ASSAYER_DATA'] ?? '../shared/data' },
    state: { type: 'string' },
    output: { type: 'string', default: 'checkpoints/surrogate-base.safetensors' },
    epochs: { type: 'string', default: '36' },
    seed: { type: 'string', default: '1' },
  },
});
if (flags.state === undefined) throw new Error('give --state FILE, where the unfinished training is kept');
const STATE = flags.state;
const EPOCHS = Number(flags.epochs);
const SEED = Number(flags.seed);
const MEMBERS = 2;
const MOST_ATOMS = 12;
const BATCH = 32;
const VALIDATION_SHARE = 0.05;
/** Disturbed copies of each crystal beside the relaxed one: candidates come unrelaxed, their labels are relaxed. */
const DISTURBED_COPIES = 2;
const LARGEST_LOG_STRAIN = 0.08;
const RATTLE_ANGSTROM = 0.06;
const COLUMNS = {
  formationEnergyEvPerAtom: 'formation_energy_per_atom',
  bandGapEv: 'band_gap',
  energyAboveHullEvPerAtom: 'e_above_hull',
};
const TARGETS = Object.keys(COLUMNS);

interface Row {
  readonly crystal: Crystal;
  readonly formula: string;
  readonly values: readonly number[];
}

const rows = readRows(flags.data);
const sideOf = (formula: string): 'heldOut' | 'validation' | 'training' => {
  // What campaigns hold out, the base has never seen either.
  if (isHeldOut(formula)) return 'heldOut';
  return random('base validation', formula).uniform() < VALIDATION_SHARE ? 'validation' : 'training';
};
const side = (name: ReturnType<typeof sideOf>): number[] =>
  rows.flatMap((row, index) => (sideOf(row.formula) === name ? [index] : []));
const [training, validation, heldOut] = [side('training'), side('validation'), side('heldOut')];
const scales = TARGETS.map((_, target) => {
  const values = training.map((row) => rows[row]?.values[target] as number);
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  return { mean, deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length) };
});
const relaxed = rows.map(({ crystal }) => pairFeatures(crystal));
const copies = new Map<number, PairFeatures[]>(training.map((row) => [row, variantsOf(row)]));
console.log(
  `${training.length} training, ${validation.length} validation, ${heldOut.length} held-out crystals`,
);

const { tf, description } = await loadBackend();
console.log(description);
const architecture = { ...DEFAULT_SIZES, targets: TARGETS.length };
const picker = random(SEED, 'variants');
let weights: Float32Array = new Float32Array();
const started = performance.now();
await fit(tf, {
  architecture,
  members: MEMBERS,
  from: readTrainingState(STATE, { epochs: EPOCHS, size: MEMBERS * memberSize(architecture) }) ?? {
    epoch: 0,
    state: freshState(initialParameters(architecture, MEMBERS, SEED)),
  },
  featuresOf: (row) => picker.pick(copies.get(row) as PairFeatures[]),
  atomsOf: (row) => (relaxed[row] as PairFeatures).atomicNumbers.length,
  values: Float32Array.from(
    rows.flatMap(({ values }) =>
      scales.map(({ mean, deviation }, target) => ((values[target] as number) - mean) / deviation),
    ),
  ),
  rowsOfMember: Array.from({ length: MEMBERS }, () => training),
  epochs: EPOCHS,
  batchSize: BATCH,
  learningRate: 2.5e-3,
  weightDecay: 0.02,
  seed: SEED,
  onEpoch: (epoch, now) => {
    weights = now.weights;
    writeTrainingState(STATE, { epoch, epochs: EPOCHS, state: now.state() });
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    const figures = epoch % 4 === 0 || epoch === EPOCHS ? `, validation MAE ${errors(validation)}` : '';
    console.log(`${seconds} s, epoch ${epoch}, loss ${now.loss.toFixed(3)}${figures}`);
    return 'go on';
  },
});
if (weights.length === 0) {
  const finished = readTrainingState(STATE, { epochs: EPOCHS, size: MEMBERS * memberSize(architecture) });
  if (!finished) throw new Error('nothing was trained: the state file is gone');
  weights = finished.state.average;
}

const recalibrations = TARGETS.map((_, target) => fitRecalibration(asPredicted(validation, target)));
const metrics = TARGETS.map((target, index) => {
  const pointsOf = (rows: typeof heldOut) => {
    const { value, mean, sigma } = asPredicted(rows, index, recalibrations);
    return value.map((y, row) => ({
      target,
      row,
      value: y,
      mean: mean[row] as number,
      sigma: sigma[row] as number,
    }));
  };
  return [target, measure(pointsOf(heldOut), pointsOf(validation))];
});
const card = await writeEnsemble(flags.output, ensemble(recalibrations), {
  trainingData: {
    sha256: createHash('sha256')
      .update(JSON.stringify(training.map((row) => rows[row])))
      .digest('hex'),
    rows: training.length,
    description:
      'binary and ternary crystals of at most 12 atoms from the validation and test parts of MP-20, with strained and rattled copies; metrics are of compositions held out by isHeldOut, which no member saw',
  },
  metrics: Object.fromEntries(metrics),
  parents: [],
  licence: 'CC-BY-4.0',
  attribution:
    'Materials Project (Jain et al., APL Materials 1, 011002, 2013), CC BY 4.0; MP-20 selection by Xie et al., ICLR 2022',
});
console.log(JSON.stringify(card.metrics, null, 2));

function readRows(data: string): Row[] {
  return ['val', 'test'].flatMap((part) => {
    const text = gunzipSync(readFileSync(join(data, 'mp_20_biternary', `${part}.csv.gz`))).toString('utf8');
    return parse<Record<string, string>>(text, { columns: true }).flatMap((record) => {
      const crystal = parseCif(record['cif'] as string);
      if (crystal.atomicNumbers.length > MOST_ATOMS) return [];
      const values = Object.values(COLUMNS).map((column) => Number(record[column]));
      return [{ crystal, formula: reducedFormula(crystal), values }];
    });
  });
}

function variantsOf(row: number): PairFeatures[] {
  const source = random('disturbed', row);
  const { crystal } = rows[row] as Row;
  const disturbed = Array.from({ length: DISTURBED_COPIES }, () => pairFeatures(disturb(crystal, source)));
  return [relaxed[row] as PairFeatures, ...disturbed];
}

function disturb(crystal: Crystal, source: Random): Crystal {
  const strain = Math.exp(LARGEST_LOG_STRAIN * (2 * source.uniform() - 1));
  const scaled = scaleToVolume(crystal, strain * volumeAngstrom3(crystal));
  const shifts = scaled.fractionalCoordinates.map(() => RATTLE_ANGSTROM * source.normal());
  const fractional = multiplyRows(shifts, inverse(scaled.latticeAngstrom));
  return makeCrystal({
    ...scaled,
    fractionalCoordinates: scaled.fractionalCoordinates.map((x, i) => x + (fractional[i] as number)),
  });
}

function ensemble(recalibrations: Ensemble['recalibrations']): Ensemble {
  return { architecture, members: MEMBERS, targets: TARGETS, weights, scales, recalibrations };
}

function asPredicted(
  list: readonly number[],
  target: number,
  recalibrations: Ensemble['recalibrations'] = TARGETS.map(() => ({ scale: 1, floor: 0 })),
): { value: number[]; mean: number[]; sigma: number[] } {
  const features = list.map((row) => relaxed[row] as PairFeatures);
  const scores = scoreFeatures(tf, ensemble(recalibrations), features);
  const column = (values: Float32Array): number[] =>
    list.map((_, i) => values[i * TARGETS.length + target] as number);
  const value = list.map((row) => rows[row]?.values[target] as number);
  return { value, mean: column(scores.mean), sigma: column(scores.sigma) };
}

function errors(list: readonly number[]): string {
  return TARGETS.map((_, target) => {
    const { value, mean } = asPredicted(list, target);
    return (value.reduce((sum, y, i) => sum + Math.abs(y - (mean[i] as number)), 0) / value.length).toFixed(
      4,
    );
  }).join(' ');
}
