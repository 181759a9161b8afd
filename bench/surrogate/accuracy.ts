import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { random } from '../../src/crystal/random.ts';
import { type TensorFlow, loadBackend } from '../../src/models/backend.ts';
import { type Sites, sitesOf } from '../../src/models/sites.ts';
import { fit } from '../../src/models/surrogate/fit.ts';
import { freshState } from '../../src/models/surrogate/optimiser.ts';
import { type Architecture, initialParameters, memberSize } from '../../src/models/surrogate/parameters.ts';
import { predictMembers } from '../../src/models/surrogate/prediction.ts';
import { labelsOf, scaleOf, standardise } from '../../src/models/surrogate/targets.ts';
import { readTrainingState, writeTrainingState } from '../../src/models/surrogate/training-state.ts';
import { type Figure, mean, spread } from '../figure.ts';
import { type Labelled, perovskites } from './labelled.ts';

/** Trainings of an hour are kept here after every epoch, and go on from there; without it they start anew. */
const KEPT_HOME = process.env['ASSAYER_BENCH_HOME'];

interface Plan {
  readonly width: number;
  readonly layers: number;
  readonly members: number;
  readonly epochs: number;
}

const WHOLE: Plan = { width: 96, layers: 4, members: 5, epochs: 100 };
const SHORT: Plan = { width: 64, layers: 3, members: 1, epochs: 20 };
const QUICK: Plan = { width: 64, layers: 3, members: 1, epochs: 4 };

interface Split {
  readonly name: string;
  readonly training: readonly number[];
  readonly test: readonly number[];
}

interface Outcome {
  /** Mean absolute error of each member on the test rows, eV/atom. */
  readonly ofMembers: readonly number[];
  readonly ofEnsemble: number;
  readonly wallSeconds: number;
  readonly coreSeconds: number;
}

/** Heat of formation of perov_5, learned by networks that start from nothing. */
export async function run({ quick }: { readonly quick: boolean }): Promise<Figure[]> {
  const { tf } = await loadBackend();
  const parts = (['train', 'val', 'test'] as const).map(perovskites);
  const rows = parts.flat();
  const features = rows.map(({ crystal }) => sitesOf(crystal));
  const train = (split: Split, plan: Plan): Promise<Outcome> => trainOn(tf, { rows, features, split, plan });
  const published = publishedSplit(parts.map((part) => part.length));
  if (quick) return shortFigures(QUICK, await train(published, QUICK), null);
  return [
    ...shortFigures(SHORT, await train(published, SHORT), 'at most 0.0452 (CGCNN) in under a minute'),
    ...figuresOf(published, await train(published, WHOLE), ['at most 0.033', 'at most 0.030']),
    ...figuresOf(groupedSplit(rows), await train(groupedSplit(rows), WHOLE), [null, null]),
  ];
}

function shortFigures({ epochs }: Plan, outcome: Outcome, goal: string | null): Figure[] {
  const shared = { peer: null, peerValue: null, ratio: null, seeds: 1, spread: null };
  const what = `one network after ${epochs} epochs, perov_5, published rows`;
  return [
    { ...shared, figure: `error of ${what}`, value: outcome.ofEnsemble, unit: 'eV/atom', goal },
    { ...shared, figure: `training of ${what}`, value: outcome.wallSeconds, unit: 's', goal },
    { ...shared, figure: `training of ${what}`, value: outcome.coreSeconds, unit: 'core-s', goal: null },
  ];
}

function figuresOf(
  { name }: Split,
  { ofMembers, ofEnsemble }: Outcome,
  [goalOfOne, goalOfAll]: readonly [string | null, string | null],
): Figure[] {
  const shared = { unit: 'eV/atom', peer: null, peerValue: null, ratio: null };
  return [
    {
      ...shared,
      figure: `error of one network, perov_5, ${name}`,
      value: mean(ofMembers),
      goal: goalOfOne,
      seeds: ofMembers.length,
      spread: spread(ofMembers),
    },
    {
      ...shared,
      figure: `error of ${ofMembers.length} networks together, perov_5, ${name}`,
      value: ofEnsemble,
      goal: goalOfAll,
      seeds: 1,
      spread: null,
    },
  ];
}

function publishedSplit([training, validation, test]: readonly number[]): Split {
  const from = (training ?? 0) + (validation ?? 0);
  return {
    name: 'published rows',
    training: Array.from({ length: training ?? 0 }, (_, row) => row),
    test: Array.from({ length: test ?? 0 }, (_, row) => from + row),
  };
}

/** The same shares, but all rows of a composition on one side: 58 % of the published test rows have a twin in training. */
function groupedSplit(rows: readonly Labelled[]): Split {
  const place = rows.map(({ group }) => random('perovskites by composition', group).uniform());
  const between = (from: number, to: number): number[] =>
    place.flatMap((x, index) => (x >= from && x < to ? [index] : []));
  return { name: '60/20/20 by composition', training: between(0, 0.6), test: between(0.8, 1) };
}

async function trainOn(
  tf: TensorFlow,
  {
    rows,
    features,
    split,
    plan,
  }: { rows: readonly Labelled[]; features: readonly Sites[]; split: Split; plan: Plan },
): Promise<Outcome> {
  const { members, epochs, width, layers } = plan;
  const architecture: Architecture = { width, layers, targets: 1 };
  const size = members * memberSize(architecture);
  const heat = rows.map(({ values }) => values['heatOfFormationEvPerAtom'] as number);
  const scale = scaleOf(
    split.training.map((row) => heat[row] as number),
    'value',
  );
  if (scale === null) throw new Error(`no rows to train on in ${split.name}`);
  const path = keptPath(`perov_5 ${split.name} ${Object.values(plan).join('-')}`);
  const kept = path === null ? null : readTrainingState(path, { epochs, size });
  let weights: Float32Array = kept?.state.average ?? new Float32Array(size);
  const [startedAt, startedCpu] = [performance.now(), process.cpuUsage()];
  await fit(tf, {
    architecture,
    members,
    from: kept ?? { epoch: 0, state: freshState(initialParameters(architecture, members, 1)) },
    featuresOf: (row) => features[row] as Sites,
    sitesOf: () => 5,
    labels: labelsOf(
      standardise(
        heat.map((value) => [value]),
        [scale],
      ),
      [null],
    ),
    rowsOfMember: Array.from({ length: members }, () => split.training),
    epochs,
    batchSize: 64,
    learningRate: 3e-3,
    weightDecay: 0.2,
    seed: 1,
    onEpoch: (epoch, now) => {
      weights = now.weights;
      if (path !== null) writeTrainingState(path, { epoch, epochs, state: now.state() });
      return 'go on';
    },
  });
  const wallSeconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(startedCpu);
  const crystals = split.test.map((row) => features[row] as Sites);
  const predicted = predictMembers(tf, architecture, { weights, crystals, zeros: [null] });
  const error = (of: (crystal: number) => number): number =>
    mean(
      split.test.map((row, crystal) =>
        Math.abs(scale.mean + scale.deviation * of(crystal) - (heat[row] as number)),
      ),
    );
  const byMember = (member: number, crystal: number): number =>
    predicted.mean[member * crystals.length + crystal] as number;
  const all = Array.from({ length: members }, (_, member) => member);
  return {
    ofMembers: all.map((member) => error((crystal) => byMember(member, crystal))),
    ofEnsemble: error((crystal) => mean(all.map((member) => byMember(member, crystal)))),
    wallSeconds,
    coreSeconds: (user + system) / 1e6,
  };
}

function keptPath(name: string): string | null {
  if (KEPT_HOME === undefined) return null;
  const folder = join(KEPT_HOME, 'surrogate');
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name.replaceAll(/[^\w.-]+/g, '-')}.state`);
}
