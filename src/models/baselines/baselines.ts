import type { TrainingRow } from '../service.ts';
import { describeCrystal, standardiser } from './descriptors.ts';
import { fitNearestNeighbours } from './nearest-neighbours.ts';
import { fitRidge } from './ridge.ts';

const METHODS = {
  mean: (_: readonly (readonly number[])[], values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { predict: () => mean };
  },
  ridge: fitRidge,
  nearestNeighbours: fitNearestNeighbours,
};

/** Mean absolute error on the held-out rows of simple models fitted on the training rows; null where none was measured. */
export function measureBaselines(
  rows: readonly TrainingRow[],
  {
    training,
    heldOut,
    targets,
  }: { training: readonly number[]; heldOut: readonly number[]; targets: number },
): { name: string; mae: (number | null)[] }[] {
  const raw = rows.map(({ crystal }) => describeCrystal(crystal));
  const standardise = standardiser(training.map((row) => raw[row] as number[]));
  const descriptors = raw.map(standardise);
  const valueOf = (row: number, target: number): number | null => rows[row]?.values[target] ?? null;
  return Object.entries(METHODS).map(([name, fit]) => ({
    name,
    mae: Array.from({ length: targets }, (_, target) => {
      const [known, asked] = [training, heldOut].map((list) =>
        list.filter((row) => valueOf(row, target) !== null),
      ) as [number[], number[]];
      if (known.length === 0 || asked.length === 0) return null;
      const model = fit(
        known.map((row) => descriptors[row] as number[]),
        known.map((row) => valueOf(row, target) as number),
      );
      const errors = asked.map((row) =>
        Math.abs(model.predict(descriptors[row] as number[]) - (valueOf(row, target) as number)),
      );
      return errors.reduce((sum, error) => sum + error, 0) / errors.length;
    }),
  }));
}
