import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSymmetryFinder } from '../../src/symmetry-finder.ts';
import { PROTOTYPES } from '../../src/crystal/generators/prototypes.ts';
import { substitute } from '../../src/crystal/generators/substitution.ts';
import { random } from '../../src/crystal/random.ts';
import type { Crystal } from '../../src/crystal/crystal.ts';
import { type Backend, loadBackend } from '../../src/models/backend.ts';
import { sitesOf } from '../../src/models/sites.ts';
import { type Ensemble, scoreEnsemble, startFromBase } from '../../src/models/surrogate/ensemble.ts';
import { readBase } from '../../src/models/surrogate/train-ensemble.ts';
import { trainSurrogate } from '../../src/models/surrogate/train.ts';
import { type Figure, figureOf } from '../figure.ts';
import { Stopwatch } from '../stopwatch.ts';
import { perovskites, trainingRows } from './labelled.ts';

const BASE = 'checkpoints/surrogate-base.safetensors';
const MEMBERS = 5;
const BATCH = 5000;
const ELEMENTS = Array.from({ length: 83 }, (_, index) => index + 1).filter(
  (z) => ![2, 10, 18, 36, 43, 54, 61].includes(z),
);

/** How long a round of learning takes, and how fast candidates are scored with uncertainty. */
export async function run(options: { readonly quick: boolean }): Promise<Figure[]> {
  const backend = await loadBackend();
  return [...(await roundFigures(backend, options)), ...(await scoringFigures(backend, options))];
}

/** A round as the loop runs it: five members from the base, the simple models beside them, the gate. */
async function roundFigures(backend: Backend, { quick }: { readonly quick: boolean }): Promise<Figure[]> {
  const labels = quick ? 100 : 500;
  const folder = mkdtempSync(join(tmpdir(), 'assayer-round-'));
  const clock = new Stopwatch();
  clock.start();
  await trainSurrogate(
    backend,
    {
      base: BASE,
      champion: null,
      rows: trainingRows(perovskites('test').slice(0, labels), 'heatOfFormationEvPerAtom'),
      targets: ['heatOfFormationEvPerAtom'],
      members: MEMBERS,
      seed: 1,
      output: join(folder, 'round.safetensors'),
    },
    () => undefined,
  );
  clock.stop();
  rmSync(folder, { recursive: true });
  const what = `a round of learning, ${labels} labels of perov_5, ${MEMBERS} members and all simple models`;
  return [
    { ...figureOf(what, [clock.seconds], 's'), goal: quick ? null : 'under 30 on two quiet cores' },
    figureOf(what, [clock.coreSeconds], 'core-s'),
  ];
}

/** Candidates of 2 to 8 atoms by five members of the shipped base: how fast, and in how much memory. */
async function scoringFigures({ tf }: Backend, { quick }: { readonly quick: boolean }): Promise<Figure[]> {
  const count = quick ? BATCH : 100_000;
  const ensemble = await fiveMembers();
  const crystals = candidates(Math.min(count, 20_000));
  const batch = (from: number): Crystal[] =>
    Array.from({ length: BATCH }, (_, k) => crystals[(from + k) % crystals.length] as Crystal);
  // Both warm, and the memory that any scoring needs taken.
  scoreEnsemble(tf, ensemble, batch(0));
  const rss = process.memoryUsage.rss();
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  for (let from = 0; from < count; from += BATCH) scoreEnsemble(tf, ensemble, batch(from));
  const wallSeconds = (performance.now() - started) / 1000;
  const coreSeconds = coreSecondsSince(cpu);
  const growthMb = (process.memoryUsage.rss() - rss) / 2 ** 20;
  const cpuOfFeatures = process.cpuUsage();
  for (const crystal of batch(0)) sitesOf(crystal);
  const ofFeatures = (coreSecondsSince(cpuOfFeatures) * count) / BATCH;
  const what = `${count} candidates of 2 to 8 atoms, ${MEMBERS} members`;
  const shared = { peer: null, peerValue: null, ratio: null, seeds: 1, spread: null };
  const goal = quick ? null : 'under 30 s on two quiet cores';
  return [
    { ...shared, figure: `scoring of ${what}`, value: wallSeconds, unit: 's', goal },
    { ...shared, figure: `scoring of ${what}`, value: coreSeconds, unit: 'core-s', goal: null },
    {
      ...shared,
      figure: `of that, what stands around the atoms`,
      value: ofFeatures,
      unit: 'core-s',
      goal: null,
    },
    { ...shared, figure: `growth of memory over ${what}`, value: growthMb, unit: 'MiB', goal: 'flat' },
  ];
}

async function fiveMembers(): Promise<Ensemble> {
  const base = (await readBase(BASE)).surrogate.ensemble;
  const { weights } = startFromBase(base, { ...base, members: MEMBERS, seed: 1 });
  return { ...base, members: MEMBERS, weights };
}

function candidates(count: number): Crystal[] {
  loadSymmetryFinder();
  const found = substitute({
    prototypes: PROTOTYPES,
    allowedAtomicNumbers: ELEMENTS,
    minAtoms: 2,
    maxAtoms: 8,
    minElements: 2,
    maxElements: 3,
    count,
    random: random('surrogate speed'),
  });
  return Array.from(found, ({ crystal }) => crystal);
}

function coreSecondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}
