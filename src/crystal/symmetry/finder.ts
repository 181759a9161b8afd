import { initSync } from '@spglib/moyo-wasm';

let loaded = false;

/**
 * Hands the symmetry finder its WebAssembly, the bytes of '@spglib/moyo-wasm/moyo_wasm_bg.wasm', once in a process;
 * later calls do nothing. This folder reads no files: on Node, loadSymmetryFinder of src/symmetry-finder.ts does.
 */
export function loadSymmetry(wasm: Uint8Array<ArrayBuffer>): void {
  if (loaded) return;
  initSync({ module: wasm });
  loaded = true;
}

export function symmetryIsLoaded(): boolean {
  return loaded;
}

/** Throws an Error that says what to call first. */
export function requireSymmetry(): void {
  if (!loaded) {
    throw new Error(
      'the symmetry finder is not loaded: call loadSymmetryFinder (src/symmetry-finder.ts) once when the process starts',
    );
  }
}
