import { loadBackend } from '../src/models/backend.ts';
import type { Figure } from './figure.ts';
import * as baselines from './surrogate/baselines.ts';
import * as calibration from './surrogate/calibration.ts';
import * as metal from './surrogate/metal.ts';
import * as speed from './surrogate/speed.ts';
import * as transfer from './surrogate/transfer.ts';

const PARTS = [calibration, transfer, metal, speed, baselines];

/** What models learn from few labels, how far they can be trusted, and how quick they are. */
export async function run(options: { readonly quick: boolean }): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const part of PARTS) figures.push(...(await part.run(options)));
  return figures;
}

export async function backend(): Promise<string> {
  const { description } = await loadBackend();
  return `${description.backend} ${description.version} ${description.device}`;
}
