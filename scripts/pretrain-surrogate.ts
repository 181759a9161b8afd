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
import { parsePymatgen } from '../src/crystal/formats/pymatgen-json.ts';
import { inverse, multiplyRows } from '../src/crystal/geometry/lattice.ts';
import { type Random, random } from '../src/crystal/random.ts';
import { loadBackend } from '../src/models/backend.ts';
import { fitRecalibration } from '../src/models/calibration.ts';
import { type Sites, sitesOf } from '../src/models/sites.ts';
import { measure } from '../src/models/surrogate/comparison.ts';
import { type Ensemble, scoreFeatures } from '../src/models/surrogate/ensemble.ts';
import { fit } from '../src/models/surrogate/fit.ts';
import { freshState } from '../src/models/surrogate/optimiser.ts';
import { initialParameters, memberSize } from '../src/models/surrogate/parameters.ts';
import { labelDomain } from '../src/models/surrogate/label-domain.ts';
import { predictMembers } from '../src/models/surrogate/prediction.ts';
import { calibratePresence } from '../src/models/surrogate/presence.ts';
import { isHeldOut } from '../src/models/surrogate/split.ts';
import { writeSurrogate } from '../src/models/surrogate/surrogate.ts';
import { kindOf, labelsOf, scaleOf, standardise, zerosOf } from '../src/models/surrogate/targets.ts';
import { DEFAULT_SIZES } from '../src/models/surrogate/train-ensemble.ts';
import { readTrainingState, writeTrainingState } from '../src/models/surrogate/training-state.ts';

const { values: flags } = parseArgs({
  options: {
    data: { type: 'string', default: process.env['ASSAYER_DATA'] ?? '../shared/data' },
    state: { type: 'string' },
    output: { type: 'string', default: 'checkpoints/surrogate-base.safetensors' },
    epochs: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
  },
});
if (flags.state === undefined) throw new Error('give --state FILE, where the unfinished training is kept');
const STATE = flags.state;
const EPOCHS = Number(flags.epochs);
const SEED = Number(flags.seed);
const MEMBERS = 3;
const MOST_SITES = 12;
/** Rattled atoms are sites of their own: more of them cost more than they teach. */
const MOST_RATTLED_ATOMS = 6;
const BATCH = 32;
const VALIDATION_SHARE = 0.05;
/** A crystal is also seen strained, and strained with its atoms rattled: candidates come unrelaxed, labels are relaxed. */
const LARGEST_LOG_STRAIN = 0.08;
const RATTLE_ANGSTROM = 0.06;
const TARGETS = [
  'formationEnergyEvPerAtom',
  'bandGapEv',
  'energyAboveHullEvPerAtom',
  'log10BulkModulusGpa',
  'log10ShearModulusGpa',
];

interface Row {
  readonly crystal: Crystal;
  readonly sites: Sites;
  readonly formula: string;
  /** One per target. */
  readonly values: readonly (number | null)[];
}

const rows = readRows(flags.data).filter(({ sites }) => sites.shares.length <= MOST_SITES);
const sideOf = (formula: string): 'heldOut' | 'validation' | 'training' => {
  // What campaigns hold out, the base has never seen either.
  if (isHeldOut(formula)) return 'heldOut';
  return random('base validation', formula).uniform() < VALIDATION_SHARE ? 'validation' : 'training';
};
const side = (name: ReturnType<typeof sideOf>): number[] =>
  rows.flatMap((row, index) => (sideOf(row.formula) === name ? [index] : []));
const [training, validation, heldOut] = [side('training'), side('validation'), side('heldOut')];
const columns = TARGETS.map((target, column) => {
  const values = training.map((row) => rows[row]?.values[column] ?? null).filter((value) => value !== null);
  const kind = kindOf(values);
  const scale = scaleOf(values, kind);
  if (scale === null) throw new Error(`no training row has a value of ${target}`);
  return { kind, scale };
});
const [kinds, scales] = [columns.map(({ kind }) => kind), columns.map(({ scale }) => scale)];
const relaxed = rows.map(({ sites }) => sites);
const copies = new Map<number, Sites[]>(training.map((row) => [row, variantsOf(row)]));
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
  featuresOf: (row) => picker.pick(copies.get(row) as Sites[]),
  sitesOf: (row) => (relaxed[row] as Sites).shares.length,
  labels: labelsOf(
    standardise(
      rows.map(({ values }) => values),
      scales,
    ),
    zerosOf(kinds, scales),
  ),
  rowsOfMember: Array.from({ length: MEMBERS }, () => training),
  epochs: EPOCHS,
  batchSize: BATCH,
  learningRate: 3e-3,
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

const zeros = zerosOf(kinds, scales);
const labels = labelsOf(
  standardise(
    validation.map((row) => (rows[row] as Row).values),
    scales,
  ),
  zeros,
);
weights = calibratePresence(architecture, weights, {
  predictions: predictMembers(tf, architecture, {
    weights,
    crystals: validation.map((row) => relaxed[row] as Sites),
    zeros,
  }),
  present: labels.present,
  membersOf: () => Array.from({ length: MEMBERS }, (_, member) => member),
});
const recalibrations = TARGETS.map((_, target) => fitRecalibration(asPredicted(validation, target)));
const metrics = TARGETS.map((target, index) => {
  const { value, mean, sigma } = asPredicted(heldOut, index, recalibrations);
  return [
    target,
    measure(
      value.map((y, i) => ({ target, row: i, value: y, mean: mean[i] as number, sigma: sigma[i] as number })),
      [],
    ),
  ];
});
const learned = training.map((row) => rows[row] as Row);
const trained = ensemble(recalibrations);
const ofLabels = scoreFeatures(
  tf,
  trained,
  training.map((row) => relaxed[row] as Sites),
);
const surrogate = { kind: 'network', ensemble: trained, domain: labelDomain(learned, ofLabels) } as const;
const card = await writeSurrogate(flags.output, surrogate, {
  trainingData: {
    sha256: createHash('sha256')
      .update(JSON.stringify(training.map((row) => [rows[row]?.crystal, rows[row]?.values])))
      .digest('hex'),
    rows: training.length,
    description:
      'binary and ternary crystals of at most 12 symmetry-distinct atoms from the validation and test parts of MP-20 and binaries with elastic moduli from matcalc, with strained and rattled copies; metrics are of compositions held out by isHeldOut, which no member saw',
  },
  metrics: Object.fromEntries(metrics),
  parents: [],
  licence: 'CC-BY-4.0',
  attribution:
    'Materials Project (Jain et al., APL Materials 1, 011002, 2013), CC BY 4.0; MP-20 selection by Xie et al., ICLR 2022; elasticity set of matcalc (Materials Virtual Lab, BSD-3-Clause)',
});
console.log(JSON.stringify(card.metrics, null, 2));

/** One row for each material: what both sets know of it, in the crystal of the first that has it. */
function readRows(data: string): Row[] {
  const rowsOfId = new Map<string, Row>();
  const add = (id: string, crystal: Crystal, values: readonly (number | null)[]): void => {
    const there = rowsOfId.get(id) ?? {
      crystal,
      sites: sitesOf(crystal),
      formula: reducedFormula(crystal),
      values: [],
    };
    rowsOfId.set(id, { ...there, values: TARGETS.map((_, k) => there.values[k] ?? values[k] ?? null) });
  };
  for (const part of ['val', 'test']) {
    const text = unzip(join(data, 'mp_20_biternary', `${part}.csv.gz`));
    for (const record of parse<Record<string, string>>(text, { columns: true })) {
      const values = ['formation_energy_per_atom', 'band_gap', 'e_above_hull'].map((name) =>
        Number(record[name]),
      );
      add(String(record['material_id']), parseCif(String(record['cif'])), values);
    }
  }
  const elastic = JSON.parse(
    unzip(join(data, 'matcalc', 'mp-binary-pbe-elasticity-2025.1.json.gz')),
  ) as ElasticRecord[];
  const crystals = parsePymatgen(JSON.stringify(elastic.map(({ structure }) => structure)));
  elastic.forEach(({ mp_id, bulk_modulus_vrh, shear_modulus_vrh }, index) => {
    const logs = [bulk_modulus_vrh, shear_modulus_vrh].map((gpa) => (gpa > 0 ? Math.log10(gpa) : null));
    add(mp_id, crystals[index] as Crystal, [null, null, null, ...logs]);
  });
  return [...rowsOfId.values()];
}

interface ElasticRecord {
  readonly mp_id: string;
  readonly structure: unknown;
  readonly bulk_modulus_vrh: number;
  readonly shear_modulus_vrh: number;
}

function unzip(path: string): string {
  return gunzipSync(readFileSync(path)).toString('utf8');
}

/** As it is, strained, and rattled too where that leaves few sites. */
function variantsOf(row: number): Sites[] {
  const source = random('disturbed', row);
  const { crystal } = rows[row] as Row;
  const disturbed = [strain(crystal, source)];
  if (crystal.atomicNumbers.length <= MOST_RATTLED_ATOMS)
    disturbed.push(rattle(strain(crystal, source), source));
  return [relaxed[row] as Sites, ...disturbed.map(sitesOf)];
}

function strain(crystal: Crystal, source: Random): Crystal {
  const factor = Math.exp(LARGEST_LOG_STRAIN * (2 * source.uniform() - 1));
  return scaleToVolume(crystal, factor * volumeAngstrom3(crystal));
}

function rattle(crystal: Crystal, source: Random): Crystal {
  const shifts = crystal.fractionalCoordinates.map(() => RATTLE_ANGSTROM * source.normal());
  const fractional = multiplyRows(shifts, inverse(crystal.latticeAngstrom));
  return makeCrystal({
    ...crystal,
    fractionalCoordinates: crystal.fractionalCoordinates.map((x, i) => x + (fractional[i] as number)),
  });
}

function ensemble(recalibrations: Ensemble['recalibrations']): Ensemble {
  return { architecture, members: MEMBERS, targets: TARGETS, weights, kinds, scales, recalibrations };
}

function asPredicted(
  list: readonly number[],
  target: number,
  recalibrations: Ensemble['recalibrations'] = TARGETS.map(() => ({ scale: 1, floor: 0 })),
): { value: number[]; mean: number[]; sigma: number[] } {
  const known = list.filter((row) => (rows[row]?.values[target] ?? null) !== null);
  const features = known.map((row) => relaxed[row] as Sites);
  const scores = scoreFeatures(tf, ensemble(recalibrations), features);
  const column = (values: Float32Array): number[] =>
    known.map((_, i) => values[i * TARGETS.length + target] as number);
  const value = known.map((row) => rows[row]?.values[target] as number);
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
