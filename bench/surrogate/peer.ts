import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type TensorFlow, loadBackend } from '../../src/models/backend.ts';
import { sitesOf } from '../../src/models/sites.ts';
import { scoreEnsemble, startFromBase } from '../../src/models/surrogate/ensemble.ts';
import { readBase } from '../../src/models/surrogate/train-ensemble.ts';
import { type Figure, figureOf, mean } from '../figure.ts';
import { peerPython } from '../peer.ts';
import { Stopwatch } from '../stopwatch.ts';
import { DATA, type Labelled, perovskites } from './labelled.ts';
import { type Plan, trainNetworks } from './networks.ts';

const PEER_FOLDER = 'bench/peers/cgcnn-torch';
const PARTS = ['train', 'val', 'test'] as const;
const MEMBERS = 5;
/** Of the network that learns beside CGCNN. */
const PLAN: Plan = { width: 64, layers: 3, members: 1, epochs: 20 };

type PeerEvent =
  | ({ readonly event: 'graphs'; readonly peer: string } & Seconds)
  | ({ readonly event: 'epoch' } & EpochErrors)
  | ({ readonly event: 'scores' } & Seconds);

type Parts = Readonly<Record<(typeof PARTS)[number], readonly Labelled[]>>;

interface Seconds {
  readonly seconds: number;
  readonly coreSeconds: number;
}
/** Seconds are those of the training up to then. */
interface EpochErrors extends Seconds {
  readonly epoch: number;
  readonly valMae: number;
  readonly testMae: number;
}
/** What one side did: its network's inputs made, its training epoch by epoch, every crystal scored so many times. */
interface Side {
  readonly inputs: Seconds;
  readonly epochs: readonly EpochErrors[];
  readonly scores: readonly Seconds[];
}

/**
 * Our network against CGCNN in PyTorch on heats of formation of perov_5's published rows, one after the other, each on
 * all cores: the time that one network of ours takes to CGCNN's error, and crystals per second from crystal to value,
 * with an uncertainty by five networks of ours, without one by its single network.
 */
export async function run({ quick }: { readonly quick: boolean }): Promise<Figure[]> {
  const partOf = (part: keyof Parts): Labelled[] => perovskites(part).slice(0, quick ? 1000 : undefined);
  const parts: Parts = { train: partOf('train'), val: partOf('val'), test: partOf('test') };
  const repetitions = quick ? 1 : 3;
  const { peer, ...theirs } = askCgcnn(parts, { epochs: quick ? 3 : 30, repetitions });
  const { tf } = await loadBackend();
  const ours: Side = {
    ...(await trainOurs(tf, parts, quick ? { ...PLAN, epochs: 6 } : PLAN)),
    scores: await scoreOurs(tf, parts, repetitions),
  };
  const about = { peer, rows: parts.train.length, crystals: allOf(parts).length };
  return [...trainingFigures(ours, theirs, about), ...speedFigures(ours, theirs, about)];
}

function allOf(parts: Parts): readonly Labelled[] {
  return PARTS.flatMap((part) => parts[part]);
}

function heatOf({ values }: Labelled): number {
  return values['heatOfFormationEvPerAtom'] as number;
}

/** Runs the peer's script, which trains and scores; its events are JSON lines. */
function askCgcnn(
  parts: Parts,
  settings: { epochs: number; repetitions: number },
): Side & { readonly peer: string } {
  const folder = mkdtempSync(join(tmpdir(), 'assayer-cgcnn-'));
  try {
    const paths = PARTS.map((part) => {
      const path = join(folder, `${part}.jsonl.gz`);
      const lines = parts[part].map((row) => JSON.stringify({ ...row.crystal, value: heatOf(row) }));
      writeFileSync(path, gzipSync(lines.join('\n')));
      return [part, path];
    });
    const job = {
      ...Object.fromEntries(paths),
      elementVectors: join(DATA, 'elements/cgcnn_atom_init.json'),
      optimiser: 'one-cycle',
      seed: 1,
      ...settings,
    };
    const answer = execFileSync(peerPython(`${PEER_FOLDER}/requirements.txt`), [`${PEER_FOLDER}/peer.py`], {
      input: JSON.stringify(job),
      encoding: 'utf8',
    });
    const events = answer
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as PeerEvent);
    const graphs = events.find((event) => event.event === 'graphs');
    if (graphs === undefined) throw new Error(`the peer told nothing of its graphs: ${answer}`);
    return {
      peer: graphs.peer,
      inputs: graphs,
      epochs: events.filter((event) => event.event === 'epoch'),
      scores: events.filter((event) => event.event === 'scores'),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function trainOurs(tf: TensorFlow, parts: Parts, plan: Plan): Promise<Omit<Side, 'scores'>> {
  const rows = allOf(parts);
  const inputs = new Stopwatch();
  inputs.start();
  const features = rows.map(({ crystal }) => sitesOf(crystal));
  inputs.stop();
  const values = rows.map(heatOf);
  const indices = rows.map((_, row) => row);
  const training = indices.slice(0, parts.train.length);
  const asked = indices.slice(parts.train.length);
  const seen: EpochErrors[] = [];
  await trainNetworks(tf, { features, values, training, plan, name: null }, ({ epoch, clock, predict }) => {
    const said = predict(asked).mean;
    const errors = said.map((value, i) => Math.abs(value - (values[asked[i] as number] as number)));
    const valMae = mean(errors.slice(0, parts.val.length));
    const { seconds, coreSeconds } = clock;
    seen.push({ epoch, seconds, coreSeconds, valMae, testMae: mean(errors.slice(parts.val.length)) });
  });
  return { inputs, epochs: seen };
}

/** By five networks of the shipped base's size, its targets in place of one. */
async function scoreOurs(tf: TensorFlow, parts: Parts, repetitions: number): Promise<Seconds[]> {
  const base = (await readBase('checkpoints/surrogate-base.safetensors')).surrogate.ensemble;
  const { weights } = startFromBase(base, { ...base, members: MEMBERS, seed: 1 });
  const ensemble = { ...base, members: MEMBERS, weights };
  const crystals = allOf(parts).map(({ crystal }) => crystal);
  scoreEnsemble(tf, ensemble, crystals.slice(0, 1024));
  return Array.from({ length: repetitions }, () => {
    const clock = new Stopwatch();
    clock.start();
    scoreEnsemble(tf, ensemble, crystals);
    clock.stop();
    return clock;
  });
}

interface About {
  readonly peer: string;
  readonly rows: number;
  readonly crystals: number;
}

/**
 * The peer's result is that of the epoch with the lowest error on the validation rows. Ours is taken at the first epoch
 * that is as good on them; neither choice looks at the test rows.
 */
function trainingFigures(ours: Side, theirs: Side, { peer, rows }: About): Figure[] {
  const result = theirs.epochs.reduce((best, epoch) => (epoch.valMae < best.valMae ? epoch : best));
  const whole = theirs.epochs.at(-1) as EpochErrors;
  const end = ours.epochs.at(-1) as EpochErrors;
  const reached = ours.epochs.find(({ valMae }) => valMae <= result.valMae);
  const of = `perov_5 heat of formation, ${rows} rows, one network`;
  const against = (figure: Figure, peerValue: number, goal: string | null): Figure => ({
    ...figure,
    goal,
    peer: `${peer}, ${theirs.epochs.length} epochs`,
    peerValue,
    ratio: figure.value / peerValue,
  });
  const figures = (
    { seconds, coreSeconds, epoch, testMae }: EpochErrors,
    goals: readonly (string | null)[],
  ) => {
    const [time = null, error = null] = goals;
    const after = `after ${epoch} of ${end.epoch} epochs`;
    return [
      against(figureOf(`${of}, training, ${after}`, [seconds], 's'), whole.seconds, time),
      against(figureOf(`${of}, training, ${after}`, [coreSeconds], 'core-s'), whole.coreSeconds, time),
      against(figureOf(`${of}, test MAE, ${after}`, [testMae], 'eV/atom'), result.testMae, error),
    ];
  };
  const goals = ["at most a quarter of CGCNN's", "at most CGCNN's"];
  if (reached === undefined) return figures(end, goals);
  return [...figures(reached, goals), ...(reached === end ? [] : figures(end, []))];
}

function speedFigures(ours: Side, theirs: Side, { peer, crystals }: About): Figure[] {
  const rates = (times: readonly Seconds[], unit: keyof Seconds): number[] =>
    times.map((time) => crystals / time[unit]);
  const compare = (
    name: string,
    [own, other]: [number[], number[]],
    unit: string,
    goal: string | null,
  ): Figure => ({
    ...figureOf(name, own, unit),
    goal,
    peer,
    peerValue: mean(other),
    ratio: mean(own) / mean(other),
  });
  const both = (of: (side: Side) => readonly Seconds[], unit: keyof Seconds): [number[], number[]] => [
    rates(of(ours), unit),
    rates(of(theirs), unit),
  ];
  const scoring = `perov_5, scoring from crystals, ${MEMBERS} networks with uncertainty against one without`;
  const inputs = "perov_5, making the networks' inputs";
  return [
    compare(
      scoring,
      both(({ scores }) => scores, 'seconds'),
      'crystals/s',
      'at least 6 times CGCNN',
    ),
    compare(
      scoring,
      both(({ scores }) => scores, 'coreSeconds'),
      'crystals/core-s',
      null,
    ),
    compare(
      inputs,
      both((side) => [side.inputs], 'coreSeconds'),
      'crystals/core-s',
      null,
    ),
  ];
}
