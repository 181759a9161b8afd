import type { Figure } from './figure.ts';
import { run as runSimpleModels } from './surrogate/baselines.ts';

/** What models learn from few labels and from many: the simple models, which any network has to beat. */
export async function run(options: { readonly quick: boolean }): Promise<Figure[]> {
  return runSimpleModels(options);
}
