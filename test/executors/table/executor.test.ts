import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeCif } from '../../../src/crystal/formats/cif.ts';
import type { EvaluationRequest } from '../../../src/executors/contract.ts';
import { create } from '../../../src/executors/table/executor.ts';
import { readTable, tableSettingsSchema } from '../../../src/executors/table/table.ts';

const perovskite = (a: number, b: number, shift = 0) => ({
  latticeAngstrom: [4, 0, 0, 0, 4, 0, 0, 0, 4],
  fractionalCoordinates: [shift, 0, 0, 0.5, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0, 0, 0.5, 0.5],
  atomicNumbers: [a, b, 8, 8, 8],
});
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
const table = (rows: [crystal: ReturnType<typeof perovskite>, heat: string][]) =>
  ['id,cif,heat', ...rows.map(([crystal, heat], i) => `${i},${quoted(writeCif(crystal))},${heat}`)].join(
    '\n',
  );

let folder: string;
const settings = (file: string, extra: Record<string, unknown> = {}) => ({
  files: [join(folder, file)],
  properties: { heatEvPerAtom: { column: 'heat', unit: 'eV/atom' } },
  prototype: resolve('examples/cubic-perovskite.cif'),
  ...extra,
});
const request = (atomicNumbers: number[]): EvaluationRequest => ({
  contractVersion: 1,
  key: 'k',
  crystal: { ...perovskite(1, 1), atomicNumbers },
  properties: { heatEvPerAtom: 'eV/atom' },
  settings: {},
  fidelity: 'table',
  deadlineSeconds: 1,
  seed: 1,
});
const context = { signal: new AbortController().signal, heartbeat: () => undefined };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assayer-table-'));
  const good = table([
    [perovskite(38, 22, 0.04), '0.15'],
    [perovskite(22, 38), '1.2'],
    [perovskite(56, 22), ''],
  ]);
  await writeFile(join(folder, 'good.csv.gz'), gzipSync(good));
  await writeFile(
    join(folder, 'bad.csv'),
    table([
      [perovskite(38, 22), '0.1'],
      [perovskite(56, 22), 'n/a'],
    ]),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the table executor', () => {
  test('answers what the row holds; sites that are swapped are another row', async () => {
    const { evaluate } = await create(settings('good.csv.gz'));
    const heat = async (z: number[]) => {
      const answer = await evaluate(request(z), context);
      return answer.status === 'succeeded' ? answer.values['heatEvPerAtom']?.value : answer.failure.message;
    };
    expect(await heat([38, 22, 8, 8, 8])).toBe(0.15);
    expect(await heat([22, 38, 8, 8, 8])).toBe(1.2);
    expect(await heat([57, 22, 8, 8, 8])).toBe('the table has no crystal sites 57-22-8-8-8');
    expect(await heat([56, 22, 8, 8, 8])).toBe('the table has no heatEvPerAtom for sites 56-22-8-8-8');
  });

  test('a candidate is the ideal crystal: nothing of the row’s relaxed structure is seen before', async () => {
    const [row, swapped] = await readTable(tableSettingsSchema.parse(settings('good.csv.gz')));
    expect(row?.crystal.fractionalCoordinates.slice(0, 3)).toEqual([0, 0, 0]);
    expect(row?.listedCrystal.fractionalCoordinates[0]).toBeCloseTo(0.04);
    // The cell follows from the species alone, not from the row's 4 Å.
    expect(row?.crystal.latticeAngstrom[0]).toBeCloseTo(swapped?.crystal.latticeAngstrom[0] ?? 0, 10);
    expect(row?.crystal.latticeAngstrom[0]).not.toBeCloseTo(4, 1);
  });

  test.each([
    [{ files: ['/no/such.csv'] }, 'cannot read /no/such.csv (ENOENT); check the path in executor.settings'],
    [{ structureColumn: 'structure' }, "has no column 'structure'; it has: id, cif, heat"],
    [{ properties: { gapEv: { column: 'gap', unit: 'eV' } } }, "has no column 'gap'; it has: id, cif, heat"],
  ])('says what is wrong with the settings: %o', async (extra, message) => {
    await expect(create(settings('good.csv.gz', extra))).rejects.toThrow(message);
  });

  test('names the row whose number cannot be read', async () => {
    await expect(create(settings('bad.csv'))).rejects.toThrow(
      /bad.csv, row 3: column 'heat' holds 'n\/a', which is not a number/,
    );
  });
});
