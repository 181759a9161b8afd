import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Crystal } from '../../src/crystal/crystal.ts';

/** Values computed by other codes (test/reference/), with the versions of the packages that made them. */
export type Reference<Content> = Content & { readonly versions: Readonly<Record<string, string>> };

export function readReference<Content>(name: string): Reference<Content> {
  const packed = readFileSync(new URL(`../fixtures/crystal/reference/${name}.json.gz`, import.meta.url));
  return JSON.parse(gunzipSync(packed).toString()) as Reference<Content>;
}

/** The 2,000 crystals that the reference values are of, in their order. */
export function variedCrystals(): readonly (Crystal & { readonly id: string })[] {
  return readReference<{ crystals: readonly (Crystal & { readonly id: string })[] }>('crystals').crystals;
}
