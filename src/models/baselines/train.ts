import { setImmediate } from 'node:timers/promises';
import { random } from '../../crystal/random.ts';
import type { Recalibration } from '../calibration.ts';
import { fitRecalibration, rankedProbabilityScore } from '../calibration.ts';
import type { TrainingRow } from '../service.ts';
import { describeCrystals } from './descriptors.ts';
import type { MethodName } from './methods.ts';
import { METHOD_NAMES, METHODS } from './methods.ts';
import type { SimpleHead, SimpleSurrogate } from './simple-surrogate.ts';
import { predictHead } from './simple-surrogate.ts';
import type { Standardiser, Table } from './table.ts';
import { pickRows, standardise, standardiserOf } from './table.ts';

const FOLDS = 4;
/** Of more training rows, so many are drawn: beyond, simple models gain little and a round should stay short. */
const MOST_ROWS = 3000;

export interface SimpleJob {
  readonly rows: readonly TrainingRow[];
  readonly targets: readonly string[];
  /** The rows to learn from; the others are only predicted. */
  readonly training: readonly number[];
  readonly seed: number;
  /** Called before each fit; may throw to end the training. */
  readonly progress: (detail: string) => void;
}

/** A prediction of a row that the model had not seen, in the target's unit. */
export interface UnseenPoint {
  readonly row: number;
  readonly value: number;
  readonly mean: number;
  readonly sigma: number;
}

/** One method on one target. */
export interface SimpleFit {
  readonly method: MethodName;
  readonly head: SimpleHead;
  /** Training rows, each by a fit that had not seen its group; empty when there is one group only. */
  readonly outOfFold: readonly UnseenPoint[];
  /** Rows outside the training, by the fit on all of it. */
  readonly heldOut: readonly UnseenPoint[];
}

export interface SimpleModels {
  /** [target][method]; a target without a value in the training rows has none. */
  readonly fits: readonly (readonly SimpleFit[])[];
  /** Per target, the method with the best ranked probability score out of fold; null when a target has none. */
  readonly best: { readonly surrogate: SimpleSurrogate; readonly fits: readonly SimpleFit[] } | null;
}

/**
 * Fits every simple model to every target, calibrates each on out-of-fold residuals (folds keep groups together), and
 * takes the best for each target by these alone, so that held-out rows stay unseen by the choice.
 */
export async function trainSimpleModels(job: SimpleJob): Promise<SimpleModels> {
  const { rows, targets, seed } = job;
  const training =
    job.training.length <= MOST_ROWS
      ? job.training
      : random(seed, 'rows of simple models').shuffle(job.training).slice(0, MOST_ROWS);
  const raw = describeCrystals(rows.map(({ crystal }) => crystal));
  const standardiser = standardiserOf(pickRows(raw, training));
  const table = standardise(standardiser, raw);
  const fits: SimpleFit[][] = [];
  const inside = new Set(job.training);
  for (const [column, target] of targets.entries()) {
    const of = (row: number): number | null => rows[row]?.values[column] ?? null;
    const known = training.filter((row) => of(row) !== null);
    const asked = rows.flatMap((_, row) => (!inside.has(row) && of(row) !== null ? [row] : []));
    fits.push(known.length === 0 ? [] : await fitTarget({ ...job, table, known, asked, column, target }));
  }
  return { fits, best: bestOf(fits, { targets, standardiser }) };
}

interface TargetJob extends SimpleJob {
  readonly table: Table;
  readonly known: readonly number[];
  readonly asked: readonly number[];
  readonly column: number;
  readonly target: string;
}

async function fitTarget({
  rows,
  table,
  known,
  asked,
  column,
  target,
  seed,
  progress,
}: TargetJob): Promise<SimpleFit[]> {
  const valueOf = (row: number): number => rows[row]?.values[column] as number;
  const scale = scaleOf(known.map(valueOf));
  const fitOn = (method: MethodName, list: readonly number[]): SimpleHead => {
    const values = Float64Array.from(list, (row) => (valueOf(row) - scale.mean) / scale.deviation);
    const fitted = METHODS[method].fit(pickRows(table, list), values, { seed });
    return { method, fitted, scale, recalibration: { scale: 1, floor: 0 } };
  };
  const predict = (head: SimpleHead, list: readonly number[]): UnseenPoint[] => {
    const { mean, sigma } = predictHead(head, pickRows(table, list));
    return list.map((row, i) => ({
      row,
      value: valueOf(row),
      mean: mean[i] as number,
      sigma: sigma[i] as number,
    }));
  };
  const folds = groupFolds(known, { groupOf: (row) => (rows[row] as TrainingRow).group, seed });
  const fits: SimpleFit[] = [];
  for (const method of METHOD_NAMES) {
    progress(`simple models of ${target}: ${method}`);
    const raw: UnseenPoint[] = [];
    for (const fold of folds) {
      const omitted = new Set(fold);
      const head = fitOn(
        method,
        known.filter((row) => !omitted.has(row)),
      );
      raw.push(...predict(head, fold));
      // Lets messages and timers of the process in between fits.
      await setImmediate();
    }
    const recalibration = fitRecalibration(asArrays(raw));
    const head = { ...fitOn(method, known), recalibration };
    const outOfFold = raw.map((point) => ({ ...point, sigma: recalibrated(point.sigma, recalibration) }));
    fits.push({ method, head, outOfFold, heldOut: predict(head, asked) });
  }
  return fits;
}

function recalibrated(sigma: number, { scale, floor }: Recalibration): number {
  return scale * sigma + floor;
}

/** Rows in folds of about equal size, a group in one of them; none when there is a single group. */
function groupFolds(
  rows: readonly number[],
  { groupOf, seed }: { groupOf: (row: number) => string; seed: number },
): number[][] {
  const groups = new Map<string, number[]>();
  for (const row of rows) groups.set(groupOf(row), [...(groups.get(groupOf(row)) ?? []), row]);
  if (groups.size < 2) return [];
  const names = random(seed, 'folds').shuffle([...groups.keys()].sort());
  const folds = Array.from({ length: Math.min(FOLDS, groups.size) }, (): number[] => []);
  for (const name of names) {
    const smallest = folds.reduce((least, fold) => (fold.length < least.length ? fold : least));
    smallest.push(...(groups.get(name) as number[]));
  }
  return folds;
}

function bestOf(
  fits: readonly (readonly SimpleFit[])[],
  { targets, standardiser }: { targets: readonly string[]; standardiser: Standardiser },
): SimpleModels['best'] {
  const chosen = fits.flatMap((ofTarget) => {
    const [first, ...others] = ofTarget;
    if (first === undefined) return [];
    return [others.reduce((best, fit) => (scoreOf(fit) < scoreOf(best) ? fit : best), first)];
  });
  if (chosen.length < targets.length) return null;
  return { surrogate: { targets, standardiser, heads: chosen.map(({ head }) => head) }, fits: chosen };
}

/** Mean ranked probability score out of fold, in the target's unit; without any fold, no method is better. */
function scoreOf({ outOfFold }: SimpleFit): number {
  if (outOfFold.length === 0) return Infinity;
  return (
    rankedProbabilityScore(asArrays(outOfFold)).reduce((sum, score) => sum + score, 0) / outOfFold.length
  );
}

function asArrays(points: readonly UnseenPoint[]): { value: number[]; mean: number[]; sigma: number[] } {
  return {
    value: points.map(({ value }) => value),
    mean: points.map(({ mean }) => mean),
    sigma: points.map(({ sigma }) => sigma),
  };
}

function scaleOf(values: readonly number[]): SimpleHead['scale'] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) || 1 };
}
