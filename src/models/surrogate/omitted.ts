import type { Predicted, Recalibration } from '../calibration.ts';
import type { HeldOutPoint, TrainingRow } from '../service.ts';
import type { Ensemble } from './ensemble.ts';
import { combine } from './prediction.ts';
import type { MemberPredictions } from './prediction.ts';
import type { Split } from './split.ts';
import type { TargetScale } from './targets.ts';

/** Training rows that some members omitted: what these members say of them is honest. */
export function omittedRows(split: Split): number[] {
  return split.training.filter((row) => (split.omittedBy[row] as readonly number[]).length > 0);
}

/** Predictions of rows by the members that omitted them, and how much these differ from one another. */
interface HonestResiduals extends Predicted {
  /** Members behind each mean. */
  readonly members: readonly number[];
  /** Variance between these members. */
  readonly disagreement: readonly number[];
}

/** Values of the rows that some members omitted and what those members alone say, in standardised targets. */
export function honestResiduals(
  predictions: MemberPredictions,
  { split, values, target, targets }: { split: Split; values: Float32Array; target: number; targets: number },
): HonestResiduals {
  const rows = omittedRows(split).flatMap((row, crystal) => {
    const value = values[row * targets + target] as number;
    const members = split.omittedBy[row] as readonly number[];
    return Number.isNaN(value)
      ? []
      : [{ value, members: members.length, ...combine(predictions, { crystal, target, members }) }];
  });
  return {
    value: rows.map(({ value }) => value),
    mean: rows.map(({ mean }) => mean),
    sigma: rows.map(({ sigma }) => sigma),
    members: rows.map(({ members }) => members),
    disagreement: rows.map(({ disagreement }) => disagreement),
  };
}

/** Training rows of one target by the members that omitted them, calibrated, in the target's unit. */
export function omittedPoints(
  predictions: MemberPredictions,
  {
    split,
    rows,
    column,
    target,
    ensemble,
  }: { split: Split; rows: readonly TrainingRow[]; column: number; target: string; ensemble: Ensemble },
): HeldOutPoint[] {
  const { mean, deviation } = ensemble.scales[column] as TargetScale;
  const { scale, floor } = ensemble.recalibrations[column] as Recalibration;
  return omittedRows(split).flatMap((row, crystal) => {
    const value = rows[row]?.values[column] ?? null;
    if (value === null) return [];
    const members = split.omittedBy[row] as readonly number[];
    const combined = combine(predictions, { crystal, target: column, members });
    const sigma = scale * deviation * combined.sigma + floor;
    return [{ target, row, value, mean: mean + deviation * combined.mean, sigma }];
  });
}

/**
 * Residuals as the whole ensemble would have left them: the mean of k members carries 1/k of their disagreement, that
 * of all members less, so the residuals shrink by what averaging more members takes from their mean square.
 */
export function asEnsemble(
  { value, mean, sigma, members: averaged, disagreement }: HonestResiduals,
  members: number,
): Predicted {
  const square = value.reduce((sum, y, i) => sum + (y - (mean[i] as number)) ** 2, 0);
  const excess = disagreement.reduce((sum, d, i) => sum + d * (1 / (averaged[i] as number) - 1 / members), 0);
  const shrink = square === 0 ? 1 : Math.sqrt(Math.max(0.25, 1 - excess / square));
  return {
    value: value.map((y, i) => (mean[i] as number) + shrink * (y - (mean[i] as number))),
    mean,
    sigma,
  };
}

export function honestError(
  predictions: MemberPredictions,
  { split, values, targets }: { split: Split; values: Float32Array; targets: number },
): number | null {
  let [sum, count] = [0, 0];
  for (let target = 0; target < targets; target++) {
    const { value, mean } = honestResiduals(predictions, { split, values, target, targets });
    value.forEach((y, i) => (sum += Math.abs(y - (mean[i] as number))));
    count += value.length;
  }
  return count === 0 ? null : sum / count;
}
