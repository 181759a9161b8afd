import { loadSymmetryFinder } from '../../src/symmetry-finder.ts';
import { PROTOTYPES } from '../../src/crystal/generators/prototypes.ts';
import { substitute } from '../../src/crystal/generators/substitution.ts';
import { random } from '../../src/crystal/random.ts';
import type { Crystal } from '../../src/crystal/crystal.ts';
import { loadBackend } from '../../src/models/backend.ts';
import { sitesOf } from '../../src/models/sites.ts';
import { type Ensemble, scoreEnsemble, startFromBase } from '../../src/models/surrogate/ensemble.ts';
import { readBase } from '../../src/models/surrogate/train-ensemble.ts';
import type { Figure } from '../figure.ts';

const MEMBERS = 5;
const BATCH = 5000;
const ELEMENTS = Array.from({ length: 83 }, (_, index) => index + 1).filter(
  (z) => ![2, 10, 18, 36, 43, 54, 61].includes(z),
);

/** How fast candidates of 2 to 8 atoms are scored with uncertainty by five members of the shipped base, and in how much memory. */
export async function run({ quick }: { readonly quick: boolean }): Promise<Figure[]> {
  const { tf } = await loadBackend();
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
  const base = (await readBase('checkpoints/surrogate-base.safetensors')).surrogate.ensemble;
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
