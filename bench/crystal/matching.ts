import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Crystal } from '../../src/crystal/crystal.ts';
import { fit, PREDICTION_TOLERANCE, rmsDistance } from '../../src/crystal/identity/matcher.ts';
import type { Figure } from '../figure.ts';
import { raceAgainst } from './side-by-side.ts';

const PAIRS = 'test/fixtures/crystal/reference/matching.json.gz';

/** Pairs of one composition, about half of them the same: told otherwise, in other cells, rattled, polymorphs, … */
export async function run({ quick }: { readonly quick: boolean }): Promise<readonly Figure[]> {
  const { pairs } = JSON.parse(gunzipSync(readFileSync(PAIRS)).toString()) as {
    readonly pairs: readonly { readonly a: Crystal; readonly b: Crystal }[];
  };
  const chosen = pairs.filter((_, i) => i % (quick ? 20 : 4) === 0);
  const race = async (
    question: string,
    figure: string,
    matches: (a: Crystal, b: Crystal) => boolean,
  ): Promise<Figure> => {
    // Compiled code on both sides: all pairs once before, and then the chosen ones.
    for (const { a, b } of pairs) matches(a, b);
    let ours: boolean[] = [];
    const raced = await raceAgainst(
      {
        figure,
        goal: 'at least 20 times pymatgen',
        count: chosen.length,
        unit: 'pairs per core-second',
        repetitions: quick ? 3 : 4,
        script: 'matching.py',
        job: { question, pairs: chosen.map(({ a, b }) => [a, b]) },
      },
      () => {
        ours = chosen.map(({ a, b }) => matches(a, b));
      },
    );
    const theirs = raced.answer.matches as readonly boolean[];
    const agreeing = ours.filter((verdict, i) => verdict === theirs[i]).length;
    if (agreeing < 0.99 * chosen.length) {
      throw new Error(`only ${agreeing} of ${chosen.length} verdicts agree with ${raced.answer.peer}`);
    }
    return raced.figure;
  };
  return [
    await race('fit', 'matching two crystals', (a, b) => fit(a, b)),
    await race(
      'prediction rms',
      'least rms of two crystals, tolerances of structure prediction',
      (a, b) => rmsDistance(a, b, PREDICTION_TOLERANCE) !== null,
    ),
  ];
}
