import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { elementCounts } from '../../src/crystal/chemistry/composition.ts';
import { magpieDescriptorsOf } from '../../src/crystal/chemistry/magpie.ts';
import type { Crystal } from '../../src/crystal/crystal.ts';
import type { Figure } from '../figure.ts';
import { raceAgainst } from './side-by-side.ts';

const CRYSTALS = 'test/fixtures/crystal/reference/crystals.json.gz';

/** The 132 Magpie descriptors of the varied crystals' compositions. */
export async function run({ quick }: { readonly quick: boolean }): Promise<readonly Figure[]> {
  const { crystals } = JSON.parse(gunzipSync(readFileSync(CRYSTALS)).toString()) as {
    readonly crystals: readonly Crystal[];
  };
  const compositions = crystals.slice(0, quick ? 500 : crystals.length).map(elementCounts);
  let sum = 0;
  const { figure, answer } = await raceAgainst(
    {
      figure: 'Magpie descriptors',
      goal: 'at least 50 times matminer',
      count: compositions.length,
      unit: 'compositions per core-second',
      repetitions: quick ? 3 : 5,
      script: 'magpie.py',
      job: { compositions: compositions.map((composition) => [...composition]) },
    },
    () => {
      sum = magpieDescriptorsOf(compositions).reduce((total, value) => total + value, 0);
    },
  );
  if (!(Math.abs(sum / Number(answer.sum) - 1) < 1e-9)) {
    throw new Error(`the descriptors add up to ${sum} here, to ${String(answer.sum)} with ${answer.peer}`);
  }
  return [figure];
}
