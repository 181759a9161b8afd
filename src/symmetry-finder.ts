import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadSymmetry, symmetryIsLoaded } from './crystal/symmetry/finder.ts';

/** Makes src/crystal/symmetry/ ready for use in this process, on Node; cheap when it already is. */
export function loadSymmetryFinder(): void {
  if (symmetryIsLoaded()) return;
  const file = createRequire(import.meta.url).resolve('@spglib/moyo-wasm/moyo_wasm_bg.wasm');
  loadSymmetry(new Uint8Array(readFileSync(file)));
}
