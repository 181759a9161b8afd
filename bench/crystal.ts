import { readdirSync } from 'node:fs';
import type { CrystalBenchmark } from './crystal/side-by-side.ts';
import type { Figure } from './figure.ts';

/** Crystals against the Python libraries that a user would otherwise call: every part that bench/crystal/ holds. */
export async function run(options: { readonly quick: boolean }): Promise<Figure[]> {
  const figures: Figure[] = [];
  const parts = readdirSync(new URL('crystal/', import.meta.url))
    .map((file) => file.replace(/\.[jt]s$/, ''))
    .filter((name) => /^[a-z-]+$/.test(name) && name !== 'side-by-side')
    .toSorted();
  for (const name of parts) {
    const part = (await import(new URL(`crystal/${name}.js`, import.meta.url).href)) as CrystalBenchmark;
    figures.push(...(await part.run(options)));
  }
  return figures;
}
