import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Crystal } from '../../src/crystal/crystal.ts';
import { findSymmetry } from '../../src/crystal/symmetry/symmetry.ts';
import { loadSymmetryFinder } from '../../src/symmetry-finder.ts';
import type { Figure } from '../figure.ts';
import { raceAgainst } from './side-by-side.ts';

const CRYSTALS = 'test/fixtures/crystal/reference/crystals.json.gz';
const TOLERANCE_ANGSTROM = 0.01;

/** Everything about the symmetry of the 2,000 varied crystals, the start of the WebAssembly counted once. */
export async function run({ quick }: { readonly quick: boolean }): Promise<readonly Figure[]> {
  const { crystals } = JSON.parse(gunzipSync(readFileSync(CRYSTALS)).toString()) as {
    readonly crystals: readonly Crystal[];
  };
  const chosen = crystals.filter((_, i) => i % (quick ? 10 : 1) === 0);
  const before = process.cpuUsage();
  loadSymmetryFinder();
  const { user, system } = process.cpuUsage(before);
  const startSeconds = (user + system) / 1e6;
  let numbers: number[] = [];
  const { figure, answer } = await raceAgainst(
    {
      figure: 'symmetry',
      goal: 'at least as fast as spglib',
      count: chosen.length,
      unit: 'crystals per core-second',
      repetitions: quick ? 2 : 3,
      script: 'symmetry.py',
      job: { crystals: chosen, toleranceAngstrom: TOLERANCE_ANGSTROM },
    },
    () => {
      numbers = chosen.map((crystal) => findSymmetry(crystal, TOLERANCE_ANGSTROM).spaceGroup.number);
    },
  );
  const theirs = answer['numbers'] as readonly number[];
  const agreeing = numbers.filter((number, i) => number === theirs[i]).length;
  if (agreeing < 0.99 * chosen.length) {
    throw new Error(`only ${agreeing} of ${chosen.length} space groups agree with ${answer.peer}`);
  }
  const value = chosen.length / (chosen.length / figure.value + startSeconds);
  return [
    { ...figure, value, ratio: figure.peerValue === null ? null : value / figure.peerValue },
    {
      figure: 'start of the symmetry finder',
      value: 1000 * startSeconds,
      unit: 'ms of processor time, once a process',
      goal: null,
      peer: null,
      peerValue: null,
      ratio: null,
      seeds: 1,
      spread: null,
    },
  ];
}
