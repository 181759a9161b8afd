import { random } from '../../src/crystal/random.ts';
import { loadBackend } from '../../src/models/backend.ts';
import { describeCrystals } from '../../src/models/baselines/descriptors.ts';
import { sitesOf } from '../../src/models/sites.ts';
import { predictMembers } from '../../src/models/surrogate/prediction.ts';
import { isHeldOut } from '../../src/models/surrogate/split.ts';
import { zerosOf } from '../../src/models/surrogate/targets.ts';
import { readBase } from '../../src/models/surrogate/train-ensemble.ts';
import { type Figure, figureOf, mean } from '../figure.ts';
import { fitAndAsk } from './baselines.ts';
import { type Labelled, binariesAndTernaries } from './labelled.ts';

const BASE = 'checkpoints/surrogate-base.safetensors';
const BINS = 10;

/**
 * Metal or insulator on MP-20's binaries and ternaries: the shipped base, and simple models fitted to the compositions that
 * it was trained on; asked of compositions that none of them saw.
 */
export async function run({ quick }: { readonly quick: boolean }): Promise<Figure[]> {
  const rows = (['val', 'test'] as const).flatMap(binariesAndTernaries);
  const isInsulator = (row: number): boolean => ((rows[row] as Labelled).values['gapEv'] as number) > 0;
  const order = random('metal or insulator').shuffle(rows.map((_, row) => row));
  const heldOut = (row: number): boolean => isHeldOut((rows[row] as Labelled).group);
  const asked = order.filter(heldOut).slice(0, quick ? 300 : undefined);
  const training = order.filter((row) => !heldOut(row)).slice(0, quick ? 500 : undefined);
  const truth = asked.map(isInsulator);
  const about = `metal or insulator, ${asked.length} crystals of unseen compositions`;
  const figures = figuresOf(`${about}, the base`, await byBase(rows, asked), truth);
  const table = describeCrystals(rows.map(({ crystal }) => crystal));
  for (const method of ['nearest neighbours', 'extra trees', 'gradient boosting'] as const) {
    const valueOf = (row: number): number => Number(isInsulator(row));
    const { mean: probability } = fitAndAsk(method, table, {
      training,
      asked,
      valueOf,
      seed: 1,
      kind: 'class',
    });
    figures.push(...figuresOf(`${about}, ${method}`, probability, truth));
  }
  return figures;
}

/** Probability of a gap, mean of the base's members. */
async function byBase(rows: readonly Labelled[], asked: readonly number[]): Promise<number[]> {
  const { tf } = await loadBackend();
  const { architecture, weights, kinds, scales, targets, members } = (await readBase(BASE)).surrogate
    .ensemble;
  const crystals = asked.map((row) => sitesOf((rows[row] as Labelled).crystal));
  const { present } = predictMembers(tf, architecture, { weights, crystals, zeros: zerosOf(kinds, scales) });
  const gap = targets.indexOf('bandGapEv');
  return asked.map((_, crystal) =>
    mean(
      Array.from(
        { length: members },
        (__, member) => present[(member * asked.length + crystal) * targets.length + gap] as number,
      ),
    ),
  );
}

function figuresOf(about: string, probability: ArrayLike<number>, truth: readonly boolean[]): Figure[] {
  return [
    figureOf(`${about}, ROC-AUC`, [rocAuc(probability, truth)], '1'),
    figureOf(
      `${about}, calibration error, ${BINS} bins`,
      [expectedCalibrationError(probability, truth)],
      '1',
    ),
  ];
}

/** Area under the receiver operating characteristic: the chance that a positive is ranked above a negative. */
export function rocAuc(scores: ArrayLike<number>, positive: readonly boolean[]): number {
  const order = positive.map((_, i) => i).sort((l, r) => (scores[l] as number) - (scores[r] as number));
  let [rankSum, positives] = [0, 0];
  for (let first = 0; first < order.length;) {
    let last = first;
    while (last < order.length && scores[order[last] as number] === scores[order[first] as number]) last++;
    // Ties share their mean rank.
    for (let i = first; i < last; i++) {
      if (!positive[order[i] as number]) continue;
      rankSum += (first + 1 + last) / 2;
      positives++;
    }
    first = last;
  }
  const negatives = positive.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/** Mean distance between the probability given and the share that came true, over equal bins of the probability. */
function expectedCalibrationError(probability: ArrayLike<number>, truth: readonly boolean[]): number {
  const bins = Array.from({ length: BINS }, () => ({ given: 0, true: 0 }));
  truth.forEach((isTrue, i) => {
    const p = Math.min(1, Math.max(0, probability[i] as number));
    const bin = bins[Math.min(BINS - 1, Math.floor(p * BINS))] as { given: number; true: number };
    bin.given += p;
    bin.true += Number(isTrue);
  });
  return bins.reduce((sum, bin) => sum + Math.abs(bin.given - bin.true), 0) / truth.length;
}
