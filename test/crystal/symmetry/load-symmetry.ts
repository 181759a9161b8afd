import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadSymmetry } from '../../../src/crystal/symmetry/symmetry.ts';

/** For tests that look for symmetry. */
export function loadSymmetryFinder(): void {
  const file = createRequire(import.meta.url).resolve('@spglib/moyo-wasm/moyo_wasm_bg.wasm');
  loadSymmetry(new Uint8Array(readFileSync(file)));
}
