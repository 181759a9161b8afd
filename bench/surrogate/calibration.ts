import { random } from '../../src/crystal/random.ts';
import { type Backend, loadBackend } from '../../src/models/backend.ts';
import {
  type Predicted,
  coverage,
  expectedNormalisedCalibrationError,
  miscalibrationArea,
} from '../../src/models/calibration.ts';
import { conformalFactor, conformalMiscalibrationArea } from '../../src/models/conformal.ts';
import { trainChallengers } from '../../src/models/surrogate/challengers.ts';
import { asPredicted } from '../../src/models/surrogate/comparison.ts';
import { scoreSurrogate } from '../../src/models/surrogate/surrogate.ts';
import { type Figure, figureOf } from '../figure.ts';
import { type Labelled, perovskites, trainingRows } from './labelled.ts';

const BASE = 'checkpoints/surrogate-base.safetensors';
const TARGET = 'heatOfFormationEvPerAtom';
const MEMBERS = 5;
const BINS = 10;
const ANIONS = [7, 8, 9, 16];

/** What a round's surrogate says of its own errors, on rows that it never saw. */
interface Trust {
  readonly mae: number;
  readonly area: number;
  readonly conformalArea: number;
  readonly ence: number;
  readonly coverage90: number;
  readonly conformal90: number;
  /** Spearman correlation of |error| with σ, and the value that it has when errors are drawn with these very σ. */
  readonly spearman: number;
  readonly bestSpearman: number;
}

/**
 * Calibration of what a learning round takes, on perov_5's heats of formation: on rows of other compositions drawn like
 * the labels, and on an anion class that no label has (all seven in turn).
 */
export async function run({ quick }: { readonly quick: boolean }): Promise<Figure[]> {
  const backend = await loadBackend();
  const rows = (['train', 'val', 'test'] as const).flatMap(perovskites);
  const labels = quick ? 200 : 1000;
  const order = random('calibration').shuffle(rows.map((_, row) => row));
  const drawn: Trust[] = [];
  for (let seed = 1; seed <= (quick ? 1 : 5); seed++) {
    const training = order.slice(seed * labels, (seed + 1) * labels);
    const seen = new Set(training.map((row) => (rows[row] as Labelled).group));
    const asked = order.filter((row) => !seen.has((rows[row] as Labelled).group)).slice(-3000);
    drawn.push(await trust(backend, rows, { training, asked, seed }));
  }
  const leftOut: Trust[] = [];
  const classes = [...new Set(rows.map(anionsOf))].sort();
  for (const [index, anions] of classes.slice(0, quick ? 1 : undefined).entries()) {
    const others = order.filter((row) => anionsOf(rows[row] as Labelled) !== anions);
    const own = order.filter((row) => anionsOf(rows[row] as Labelled) === anions);
    const seed = index + 1;
    leftOut.push(await trust(backend, rows, { training: others.slice(0, labels), asked: own, seed }));
  }
  const about = `perov_5, ${labels} labels`;
  return [
    ...figuresOf(`${about}, rows like the labels`, drawn, { area: 0.03, ence: true }),
    ...figuresOf(`${about}, an anion class without labels`, leftOut, { area: 0.08, ence: false }),
  ];
}

async function trust(
  backend: Backend,
  rows: readonly Labelled[],
  { training, asked, seed }: { training: readonly number[]; asked: readonly number[]; seed: number },
): Promise<Trust> {
  const job = {
    base: BASE,
    champion: null,
    rows: trainingRows(
      training.map((row) => rows[row] as Labelled),
      TARGET,
    ),
    targets: [TARGET],
    members: MEMBERS,
    seed,
    output: '',
  };
  const { network, simple, choice } = await trainChallengers(backend, job, () => undefined);
  const taken = simple !== null && choice.takes === 'simple' ? simple : network;
  const { mean, sigma } = scoreSurrogate(
    backend.tf,
    taken.surrogate,
    asked.map((row) => (rows[row] as Labelled).crystal),
  );
  const value = asked.map((row) => (rows[row] as Labelled).values[TARGET] as number);
  const predicted: Predicted = { value, mean: [...mean], sigma: [...sigma] };
  const errors = value.map((y, i) => Math.abs(y - (mean[i] as number)));
  const source = random('drawn errors', seed);
  const factor = conformalFactor(asPredicted(taken.unseen), 0.9);
  return {
    mae: errors.reduce((sum, error) => sum + error, 0) / errors.length,
    area: miscalibrationArea(predicted),
    conformalArea: conformalMiscalibrationArea(asPredicted(taken.unseen), predicted),
    ence: expectedNormalisedCalibrationError(predicted, BINS),
    coverage90: coverage(predicted, 0.9),
    conformal90: errors.filter((error, i) => error <= factor * (sigma[i] as number)).length / errors.length,
    spearman: spearman(errors, predicted.sigma),
    bestSpearman: spearman(
      predicted.sigma.map((s) => Math.abs(s * source.normal())),
      predicted.sigma,
    ),
  };
}

/** Such as 'NOO': the anions of a perovskite, all of the cell's three. */
function anionsOf({ crystal }: Labelled): string {
  return crystal.atomicNumbers
    .filter((z) => ANIONS.includes(z))
    .sort((l, r) => l - r)
    .join(' ');
}

/** Correlation of the ranks. */
export function spearman(left: readonly number[], right: readonly number[]): number {
  const ranks = (values: readonly number[]): number[] => {
    const order = values.map((_, i) => i).sort((l, r) => (values[l] as number) - (values[r] as number));
    const rank = new Array<number>(values.length);
    order.forEach((i, place) => (rank[i] = place));
    return rank;
  };
  const [l, r] = [ranks(left), ranks(right)];
  const centre = (left.length - 1) / 2;
  let [both, own, other] = [0, 0, 0];
  l.forEach((rank, i) => {
    const [a, b] = [rank - centre, (r[i] as number) - centre];
    both += a * b;
    own += a * a;
    other += b * b;
  });
  return both / Math.sqrt(own * other);
}

function figuresOf(
  about: string,
  list: readonly Trust[],
  goals: { readonly area: number; readonly ence: boolean },
): Figure[] {
  const of = (key: keyof Trust): number[] => list.map((one) => one[key]);
  return [
    figureOf(`${about}, MAE`, of('mae'), 'eV/atom'),
    { ...figureOf(`${about}, miscalibration area`, of('area'), '1'), goal: `at most ${goals.area}` },
    {
      ...figureOf(`${about}, miscalibration area of conformal intervals`, of('conformalArea'), '1'),
      goal: `at most ${goals.area}`,
    },
    {
      ...figureOf(`${about}, ENCE, ${BINS} bins`, of('ence'), '1'),
      goal: goals.ence ? 'at most 0.10' : null,
    },
    { ...figureOf(`${about}, coverage of 90 % intervals`, of('coverage90'), '1'), goal: '0.88 to 0.92' },
    figureOf(`${about}, coverage of conformal 90 % intervals`, of('conformal90'), '1'),
    {
      ...figureOf(`${about}, Spearman of error and σ`, of('spearman'), '1'),
      goal: 'at least 0.4, or what the σ themselves give',
    },
    figureOf(`${about}, Spearman if errors were drawn with these σ`, of('bestSpearman'), '1'),
  ];
}
