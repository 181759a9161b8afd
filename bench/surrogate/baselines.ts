import { random } from '../../src/crystal/random.ts';
import { describeCrystals } from '../../src/models/baselines/descriptors.ts';
import type { Prediction } from '../../src/models/baselines/method.ts';
import type { MethodName } from '../../src/models/baselines/methods.ts';
import { METHOD_NAMES, METHODS } from '../../src/models/baselines/methods.ts';
import type { Table } from '../../src/models/baselines/table.ts';
import { pickRows, standardise, standardiserOf } from '../../src/models/baselines/table.ts';
import type { Figure } from '../figure.ts';
import { figureOf, mean } from '../figure.ts';
import type { Labelled } from './labelled.ts';
import { elasticBinaries, perovskites } from './labelled.ts';

export const LABEL_COUNTS = [10, 50, 100, 200, 500, 800] as const;

/** One draw of labels and the rows that a model is then asked about, none of a drawn composition. */
export interface Draw {
  readonly training: readonly number[];
  readonly asked: readonly number[];
}

/** So many labels of a table, drawn anew by each seed, and at most so many rows to ask about. */
export function drawLabels(
  rows: readonly Labelled[],
  { count, seed, atMost }: { count: number; seed: number; atMost: number },
): Draw {
  const order = random('few labels', seed).shuffle(rows.map((_, row) => row));
  const training = order.slice(0, count);
  const seen = new Set(training.map((row) => (rows[row] as Labelled).group));
  const asked = order.slice(count).filter((row) => !seen.has((rows[row] as Labelled).group));
  return { training, asked: asked.slice(0, atMost) };
}

export interface Errors {
  readonly mae: number;
  readonly r2: number;
}

export function errorsOf(predicted: ArrayLike<number>, values: readonly number[]): Errors {
  const centre = mean(values);
  const residuals = values.map((value, i) => value - (predicted[i] as number));
  const total = values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const left = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
  return { mae: mean(residuals.map(Math.abs)), r2: 1 - left / total };
}

export interface CurvePoint {
  readonly method: MethodName;
  readonly labels: number;
  /** One per draw. */
  readonly errors: readonly Errors[];
}

/** Errors of every simple model by number of labels, over draws 1, 2, …. */
export function learningCurves(
  rows: readonly Labelled[],
  {
    target,
    counts,
    draws,
    asked,
  }: { target: string; counts: readonly number[]; draws: number; asked: number },
): CurvePoint[] {
  const table = describeCrystals(rows.map(({ crystal }) => crystal));
  const valueOf = (row: number): number => (rows[row] as Labelled).values[target] as number;
  return counts.flatMap((labels) => {
    const errors = new Map(METHOD_NAMES.map((method) => [method, [] as Errors[]]));
    for (let seed = 1; seed <= draws; seed++) {
      const draw = drawLabels(rows, { count: labels, seed, atMost: asked });
      for (const method of METHOD_NAMES) {
        const predicted = fitAndAsk(method, table, { ...draw, valueOf, seed });
        errors.get(method)?.push(errorsOf(predicted.mean, draw.asked.map(valueOf)));
      }
    }
    return METHOD_NAMES.map((method) => ({ method, labels, errors: errors.get(method) ?? [] }));
  });
}

/** Fits to the drawn rows, standardised by themselves, and predicts the asked ones in the values' unit. */
export function fitAndAsk(
  method: MethodName,
  table: Table,
  {
    training,
    asked,
    valueOf,
    seed,
    kind = 'value',
  }: Draw & { valueOf: (row: number) => number; seed: number; kind?: 'value' | 'class' },
): Prediction {
  const drawn = pickRows(table, training);
  const standardiser = standardiserOf(drawn);
  const values = training.map(valueOf);
  const centre = kind === 'class' ? 0 : mean(values);
  const deviation = kind === 'class' ? 1 : Math.sqrt(mean(values.map((y) => (y - centre) ** 2))) || 1;
  const scaled = Float64Array.from(values, (y) => (y - centre) / deviation);
  const fitted = METHODS[method].fit(standardise(standardiser, drawn), scaled, { seed, kind });
  const predicted = METHODS[method].predict(fitted, standardise(standardiser, pickRows(table, asked)));
  return {
    mean: predicted.mean.map((x) => centre + deviation * x),
    sigma: predicted.sigma.map((x) => deviation * x),
  };
}

/** Every simple model on the published 60/20/20 rows of perov_5, heat of formation; and by compositions never seen. */
export function onPublishedRows({ quick }: { readonly quick: boolean }): Figure[] {
  const train = perovskites('train').slice(0, quick ? 1000 : undefined);
  const rows = [...train, ...perovskites('test')];
  const table = describeCrystals(rows.map(({ crystal }) => crystal));
  const valueOf = (row: number): number =>
    (rows[row] as Labelled).values['heatOfFormationEvPerAtom'] as number;
  const training = train.map((_, row) => row);
  const asked = rows.map((_, row) => row).slice(train.length);
  const seen = new Set(train.map(({ group }) => group));
  const unseen = asked.map((row) => !seen.has((rows[row] as Labelled).group));
  return METHOD_NAMES.flatMap((method) => {
    const started = process.cpuUsage().user;
    const predicted = fitAndAsk(method, table, { training, asked, valueOf, seed: 1 });
    const seconds = (process.cpuUsage().user - started) / 1e6;
    const residuals = asked.map((row, i) => Math.abs(valueOf(row) - (predicted.mean[i] as number)));
    const of = `perov_5 heat of formation, ${train.length} rows, ${method}`;
    return [
      figureOf(`${of}, test rows`, [mean(residuals)], 'eV/atom'),
      figureOf(
        `${of}, test rows of unseen compositions`,
        [mean(residuals.filter((_, i) => unseen[i]))],
        'eV/atom',
      ),
      figureOf(`${of}, fit and prediction`, [seconds], 'core-seconds'),
    ];
  });
}

/** MAE and R² of every simple model with 10 to 800 labels of perov_5 and of elasticity, five draws each. */
export function fewLabels({ quick }: { readonly quick: boolean }): Figure[] {
  const counts = quick ? [50, 200] : LABEL_COUNTS;
  const [draws, asked] = quick ? [2, 300] : [5, 1000];
  const tasks = [
    {
      name: 'perov_5 heat of formation',
      rows: perovskites('test'),
      target: 'heatOfFormationEvPerAtom',
      unit: 'eV/atom',
    },
    {
      name: 'elasticity log10 K',
      rows: elasticBinaries(),
      target: 'logBulkModulusVrhGpa',
      unit: 'log10 GPa',
    },
  ];
  return tasks.flatMap(({ name, rows, target, unit }) =>
    learningCurves(rows, { target, counts, draws, asked }).flatMap(({ method, labels, errors }) => {
      const of = `${name}, ${labels} labels, ${method}`;
      return [
        figureOf(
          `${of}, MAE`,
          errors.map(({ mae }) => mae),
          unit,
        ),
        figureOf(
          `${of}, R²`,
          errors.map(({ r2 }) => r2),
          '1',
        ),
      ];
    }),
  );
}

/** All figures of the simple models. */
export function run(options: { readonly quick: boolean }): Promise<Figure[]> {
  return Promise.resolve([...onPublishedRows(options), ...fewLabels(options)]);
}
