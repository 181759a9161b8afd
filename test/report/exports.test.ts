import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { reducedFormula } from '../../src/crystal/chemistry/composition.ts';
import { parseCif } from '../../src/crystal/formats/cif.ts';
import { parseExtxyz } from '../../src/crystal/formats/extxyz.ts';
import { exportFiles } from '../../src/report/exports.ts';
import { loadSymmetryFinder } from '../../src/symmetry-finder.ts';
import { buildRecord } from './builders.ts';
import { present } from './present.ts';

loadSymmetryFinder();

const { record, judgements } = buildRecord({ elements: ['Cu', 'Au', 'Pd'], labels: 80, seed: 4 });
const files = new Map(exportFiles({ record, judgements }).map(({ path, content }) => [path, content]));
const read = (path: string): string => present(files.get(path), path);
const discovered = judgements.filter(({ discovery }) => discovery);
const labelOf = (key: string) =>
  present(
    record.labels.find(({ _id }) => _id === key),
    key,
  );

describe('the export', () => {
  test('holds every discovery as a CIF that reads back as the same crystal', () => {
    const cifs = [...files.keys()].filter((path) => path.endsWith('.cif'));
    expect(cifs).toHaveLength(discovered.length);
    expect(discovered.length).toBeGreaterThan(3);
    for (const [i, { key }] of discovered.entries()) {
      const label = labelOf(key);
      const path = cifs[i] ?? '';
      expect(path).toBe(`discoveries/${String(i + 1).padStart(2, '0')}-${label.formula}-emt.cif`);
      const crystal = parseCif(read(path));
      expect(crystal.atomicNumbers).toEqual(label.crystal.atomicNumbers);
      crystal.latticeAngstrom.forEach((x, n) =>
        expect(x).toBeCloseTo(label.crystal.latticeAngstrom[n] ?? NaN, 8),
      );
    }
  });

  test('holds all discoveries in one extended XYZ with their energies', () => {
    const frames = parseExtxyz(read('discoveries.extxyz'));
    expect(frames.map(({ crystal }) => reducedFormula(crystal))).toEqual(
      discovered.map(({ key }) => labelOf(key).formula),
    );
    for (const [i, { properties }] of frames.entries()) {
      expect(properties['energyAboveHullEvPerAtom']).toBe(discovered[i]?.distance);
      expect(properties['energyEvPerAtom']).toBe(
        labelOf(properties['key'] as string).values['energyEvPerAtom']?.value,
      );
    }
  });

  test('labels.csv reads back with numbers unchanged and empty cells for what was not predicted', () => {
    const rows: Record<string, string>[] = parse(read('labels.csv'), { columns: true });
    expect(rows).toHaveLength(record.labels.length);
    for (const [i, row] of rows.entries()) {
      const label = present(record.labels[i], 'label');
      const mean = label.predicted?.['formationEnergyEvPerAtom']?.mean;
      expect(row['key']).toBe(label._id);
      expect(Number(row['value_energyEvPerAtom'])).toBe(label.values['energyEvPerAtom']?.value);
      expect(Number(row['energyAboveHullEvPerAtom'])).toBe(judgements[i]?.distance);
      expect(row['predicted_formationEnergyEvPerAtom']).toBe(mean === undefined ? '' : String(mean));
      expect(row['discovery']).toBe(String(judgements[i]?.discovery));
      expect(row['number']).toBe(label.arm === 'reference' ? '0' : String(i - 2));
      expect(row['software']).toBe('assayer-emt 1.0.0');
    }
  });

  test('labels.jsonl holds each label fact whole', () => {
    const lines = read('labels.jsonl')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toHaveLength(record.labels.length);
    for (const [i, line] of lines.entries())
      expect(line).toMatchObject({ ...record.labels[i], judgement: judgements[i] });
  });

  test('the spec reads back as it was run', () => {
    expect(parseYaml(read('spec.yaml'))).toEqual(JSON.parse(JSON.stringify(record.campaign.spec)));
  });

  test('the README names every file and every column', () => {
    const readme = read('README.txt');
    const [header = ''] = read('labels.csv').split('\n');
    for (const name of [
      ...header.split(','),
      ...[...files.keys()].filter((path) => !/\.cif$|README/.test(path)),
    ]) {
      expect(readme).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
    expect(readme).toContain('value_energyEvPerAtom');
    expect(readme).not.toContain('as stored,');
  });

  test('works for a campaign without labels or with another objective', () => {
    const empty = exportFiles({ record: { ...record, labels: [], evaluations: [] }, judgements: [] });
    expect(empty.map(({ path }) => path)).toEqual(['README.txt', 'spec.yaml', 'labels.csv', 'labels.jsonl']);
    const windows = exportFiles(buildRecord({ objective: 'windows', labels: 30 }));
    const csv = windows.find(({ path }) => path === 'labels.csv')?.content ?? '';
    expect(csv.split('\n')[0]).toContain('distanceOutsideWindowsInPropertyUnit');
    expect(csv.split('\n')[0]).toContain('uncertainty_bandGapEv');
  });
});
