import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { parseCif } from '../../../src/crystal/formats/cif.ts';
import { readReference } from '../reference.ts';
import { isTold, tell, type Told } from './told.ts';

/** Of mp_20_biternary (Materials Project, CC BY 4.0) each row; of perov_5 sums over about 1,000 rows: [rows, …]. */
const reference = readReference<{
  readonly mp_20: Readonly<Record<string, readonly Told[]>>;
  readonly perov_5: Readonly<Record<string, readonly (readonly [number, ...Told])[]>>;
}>('formats');

const folder = process.env.ASSAYER_DATA ?? '../shared/data';

function cifsOf(path: string): string[] {
  const text = gunzipSync(readFileSync(`${folder}/${path}.csv.gz`));
  return parse<{ cif: string }>(text, { columns: true }).map(({ cif }) => cif);
}

describe.skipIf(!existsSync(folder))('every CIF of the data sets is read as pymatgen reads it', () => {
  test.each([
    ['val', 7140],
    ['test', 7118],
  ])('mp_20_biternary/%s, all %i', (part, count) => {
    const told = reference.mp_20[part] as readonly Told[];
    const cifs = cifsOf(`mp_20_biternary/${part}`);
    expect([cifs.length, told.length]).toEqual([count, count]);
    const disagreeing = cifs.flatMap((cif, i) => (isTold(parseCif(cif), told[i] as Told) ? [] : [i]));
    expect(disagreeing).toEqual([]);
  });

  test.each([
    ['train', 11_356],
    ['val', 3787],
    ['test', 3785],
  ])('perov_5/%s, all %i by sums', (part, count) => {
    const blocks = reference.perov_5[part] as readonly (readonly [number, ...Told])[];
    const crystals = cifsOf(`perov_5/${part}`).map((cif) => tell(parseCif(cif)));
    expect(crystals).toHaveLength(count);
    let from = 0;
    for (const [rows, ...sums] of blocks) {
      expect(rows).toBeGreaterThanOrEqual(500);
      const ours = crystals.slice(from, from + rows);
      const found = [0, 1, 2].map((k) => ours.reduce((sum, told) => sum + (told[k] as number), 0));
      expect(found.map((x, k) => Math.abs(x - (sums[k] as number)) <= 2e-4)).toEqual([true, true, true]);
      from += rows;
    }
    expect(from).toBe(count);
  });
});
