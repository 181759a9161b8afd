import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Crystal } from '../../src/crystal/crystal.ts';
import { neighboursWithin } from '../../src/crystal/geometry/neighbours.ts';
import { supercell } from '../../src/crystal/geometry/supercell.ts';
import type { Figure } from '../figure.ts';
import { raceAgainst } from './side-by-side.ts';

const CRYSTALS = 'test/fixtures/crystal/reference/crystals.json.gz';

/** All periodic neighbours with their images, of the 2,000 varied crystals and of large cells of some of them. */
export async function run({ quick }: { readonly quick: boolean }): Promise<readonly Figure[]> {
  const { crystals } = JSON.parse(gunzipSync(readFileSync(CRYSTALS)).toString()) as {
    readonly crystals: readonly Crystal[];
  };
  const every = (step: number): Crystal[] => crystals.filter((_, i) => i % step === 0);
  const race = async (
    figure: string,
    { code, chosen, goal }: { code: 'ase' | 'pymatgen'; chosen: readonly Crystal[]; goal: string | null },
    cutoffAngstrom: number,
  ): Promise<Figure> => {
    let pairs = 0;
    const findAll = (): void => {
      pairs = 0;
      for (const crystal of chosen) pairs += neighboursWithin(crystal, cutoffAngstrom).centre.length;
    };
    // Python's side is compiled already; ours is only after it has run for a while.
    for (let atoms = 0; atoms < 100_000; atoms += atomsOf(chosen)) findAll();
    const raced = await raceAgainst(
      {
        figure: `${figure} within ${cutoffAngstrom} Å`,
        goal: goal ?? '',
        count: chosen.length,
        unit: 'crystals per core-second',
        repetitions: quick ? 2 : 5,
        script: 'neighbours.py',
        job: { code, crystals: chosen, cutoffAngstrom },
      },
      findAll,
    );
    // ASE leaves out what lies exactly on the cutoff.
    if (Math.abs(pairs - Number(raced.answer['pairs'])) > 1e-3 * pairs) {
      throw new Error(`${pairs} pairs here, ${String(raced.answer['pairs'])} with ${raced.answer.peer}`);
    }
    return { ...raced.figure, goal };
  };
  const large = every(quick ? 200 : 80)
    .filter(({ atomicNumbers: { length } }) => length <= 20)
    .map((crystal) => {
      const repeats = Math.round(Math.cbrt(500 / crystal.atomicNumbers.length));
      return supercell(crystal, [repeats, repeats, repeats]);
    });
  const small = { chosen: every(1), goal: 'at least 10 times pymatgen' };
  return [
    await race('neighbours', { ...small, code: 'pymatgen' }, 5),
    await race('neighbours', { ...small, code: 'pymatgen' }, 6),
    await race(
      'neighbours',
      { code: 'ase', chosen: every(quick ? 40 : 10), goal: 'at least 10 times ASE' },
      5,
    ),
    await race('neighbours in cells of about 500 atoms', { code: 'pymatgen', chosen: large, goal: null }, 5),
  ];
}

function atomsOf(crystals: readonly Crystal[]): number {
  return crystals.reduce((sum, { atomicNumbers }) => sum + atomicNumbers.length, 0);
}
