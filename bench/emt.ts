import { type Crystal, makeCrystal, scaleToVolume } from '../src/crystal/crystal.ts';
import { determinant } from '../src/crystal/geometry/lattice.ts';
import { minimumDistanceAngstrom } from '../src/crystal/geometry/neighbours.ts';
import { PROTOTYPES } from '../src/crystal/generators/prototypes.ts';
import { type Random, random } from '../src/crystal/random.ts';
import { substitute } from '../src/crystal/generators/substitution.ts';
import { EMT_ELEMENTS } from '../src/executors/emt/parameters.ts';
import { evaluateEmt } from '../src/executors/emt/potential.ts';
import { relax } from '../src/executors/emt/relax.ts';
import { loadSymmetryFinder } from '../src/symmetry-finder.ts';
import { type Figure, mean, spread } from './figure.ts';
import { askPeer, peerPython } from './peer.ts';

const SETTINGS = { maxForceEvPerAngstrom: 0.01, maxStressEvPerAngstrom3: 0.0005, maxSteps: 1000 };
const PEER_FOLDER = 'bench/peers/ase-emt';
const PEER = `${PEER_FOLDER}/peer.py`;

interface PeerPoint {
  readonly energyEv: number;
  readonly forcesEvPerAngstrom: readonly number[];
  readonly stressEvPerAngstrom3: readonly number[];
}
interface PeerRelaxation {
  readonly converged: boolean;
  readonly steps: number;
  readonly energyEvPerAtom: number;
}
interface PeerAnswer<Result> {
  readonly ase: string;
  readonly coreSeconds: number;
  readonly results: readonly Result[];
}

/** EMT against ASE's, in one run: agreement on random cells, and full relaxations per second of processor time. */
export async function run({ quick }: { readonly quick: boolean }): Promise<Figure[]> {
  loadSymmetryFinder();
  const python = peerPython(`${PEER_FOLDER}/requirements.txt`);
  const seeds = quick ? 1 : 3;
  return [...agreement(python), ...speed(python, { seeds, count: quick ? 60 : 200 })];
}

function agreement(python: string): Figure[] {
  const cells = randomCells(200, random('bench-emt-cells'));
  const { ase, results } = askPeer(python, PEER, {
    task: 'points',
    crystals: cells,
  }) as PeerAnswer<PeerPoint>;
  const worst = { energy: 0, force: 0, stress: 0 };
  cells.forEach((cell, i) => {
    const ours = evaluateEmt(cell);
    const theirs = results[i] as PeerPoint;
    worst.energy = Math.max(worst.energy, Math.abs(ours.energyEv - theirs.energyEv));
    worst.force = Math.max(worst.force, furthest(ours.forcesEvPerAngstrom, theirs.forcesEvPerAngstrom));
    worst.stress = Math.max(worst.stress, furthest(ours.stressEvPerAngstrom3, theirs.stressEvPerAngstrom3));
  });
  const figure = (name: string, value: number, unit: string, goal: string): Figure => ({
    figure: `largest ${name} difference, ${cells.length} random cells`,
    value,
    unit,
    goal,
    peer: `ASE ${ase} EMT`,
    peerValue: null,
    ratio: null,
    seeds: 1,
    spread: null,
  });
  return [
    figure('energy', worst.energy, 'eV', 'at most 1e-6'),
    figure('force', worst.force, 'eV/Å', 'at most 1e-5'),
    figure('stress', worst.stress, 'eV/Å³', 'at most 1e-6'),
  ];
}

function speed(python: string, { seeds, count }: { seeds: number; count: number }): Figure[] {
  const rates: number[] = [];
  const peerRates: number[] = [];
  const agreeing: number[] = [];
  const converged: number[] = [];
  const peerConverged: number[] = [];
  let version = '';
  candidates(50, random('bench-emt-warm-up')).forEach((crystal) => relax(crystal, SETTINGS));
  for (let seed = 0; seed < seeds; seed++) {
    const crystals = candidates(count, random('bench-emt-relax', seed));
    const before = process.cpuUsage();
    const ours = crystals.map((crystal) => relax(crystal, SETTINGS));
    const used = process.cpuUsage(before);
    rates.push((1e6 * count) / (used.user + used.system));
    const theirs = askPeer(python, PEER, {
      task: 'relax',
      crystals,
      settings: SETTINGS,
    }) as PeerAnswer<PeerRelaxation>;
    peerRates.push(count / theirs.coreSeconds);
    version = theirs.ase;
    const both = ours.map((result, i) => [result, theirs.results[i] as PeerRelaxation] as const);
    const same = both.filter(([l, r]) => Math.abs(l.energyEvPerAtom - r.energyEvPerAtom) < 0.001);
    agreeing.push((100 * same.length) / count);
    converged.push((100 * ours.filter((result) => result.outcome === 'converged').length) / count);
    peerConverged.push((100 * theirs.results.filter((result) => result.converged).length) / count);
  }
  const figure = (
    values: number[],
    peers: number[] | null,
    words: Pick<Figure, 'figure' | 'unit' | 'goal'>,
  ): Figure => ({
    ...words,
    value: mean(values),
    peer: `ASE ${version} EMT, BFGS, UnitCellFilter`,
    peerValue: peers && mean(peers),
    ratio: peers && mean(values) / mean(peers),
    seeds,
    spread: spread(values),
  });
  return [
    figure(rates, peerRates, {
      figure: 'full relaxations of 2 to 8 atoms',
      unit: '1/core-second',
      goal: 'at least 20 times ASE',
    }),
    figure(converged, peerConverged, { figure: 'converged relaxations', unit: '%', goal: 'all' }),
    figure(agreeing, null, {
      figure: 'relaxed energies within 1 meV/atom of ASE',
      unit: '%',
      goal: 'most: paths may end in different minima',
    }),
  ];
}

function candidates(count: number, source: Random): Crystal[] {
  const options = { minAtoms: 2, maxAtoms: 8, minElements: 2, maxElements: 3, count, random: source };
  const found = substitute({
    prototypes: PROTOTYPES,
    allowedAtomicNumbers: [...EMT_ELEMENTS.keys()],
    ...options,
  });
  return [...found].map(({ crystal }) => crystal);
}

/** 1 to 12 atoms of random elements at random places, at least 1.8 Å apart, in cells that are skewed, some strongly. */
export function randomCells(count: number, source: Random): Crystal[] {
  const elements = [...EMT_ELEMENTS.keys()];
  const cells: Crystal[] = [];
  while (cells.length < count) {
    const n = 1 + source.integer(12);
    const lattice = Array.from({ length: 9 }, (_, i) => (i % 4 === 0 ? 1 : 0) + 0.25 * source.normal());
    if (Math.abs(determinant(lattice)) < 0.3) continue;
    const skew = source.integer(5) - 2;
    for (let k = 0; k < 3; k++) lattice[6 + k] = (lattice[6 + k] as number) + skew * (lattice[k] as number);
    const unit = makeCrystal({
      latticeAngstrom: lattice,
      fractionalCoordinates: [0, 0, 0],
      atomicNumbers: [1],
    });
    const { latticeAngstrom } = scaleToVolume(unit, n * (11 + 9 * source.uniform()));
    let cell: Crystal | undefined;
    for (let tries = 0; tries < 400 && (cell?.atomicNumbers.length ?? 0) < n; tries++) {
      const place = [source.uniform(), source.uniform(), source.uniform()];
      const grown = makeCrystal({
        latticeAngstrom,
        fractionalCoordinates: [...(cell?.fractionalCoordinates ?? []), ...place],
        atomicNumbers: [...(cell?.atomicNumbers ?? []), source.pick(elements)],
      });
      if (minimumDistanceAngstrom(grown) > 1.8) cell = grown;
    }
    if (cell?.atomicNumbers.length === n) cells.push(cell);
  }
  return cells;
}

function furthest(l: readonly number[], r: readonly number[]): number {
  return l.reduce((most, x, i) => Math.max(most, Math.abs(x - (r[i] as number))), 0);
}
