import { stringify as stringifyCsv } from 'csv-stringify/sync';
import { stringify as stringifyYaml } from 'yaml';
import type { CampaignRecord, LabelFact } from '../campaign/facts.ts';
import type { Judgement } from '../campaign/judgement.ts';
import { writeCif } from '../crystal/formats/cif.ts';
import { writeExtxyz } from '../crystal/formats/extxyz.ts';
import { entriesOf, type Entry } from './entries.ts';
import { exportReadme } from './export-readme.ts';

export interface ExportFile {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly content: string;
}

type Cell = string | number | boolean | null;

/** The campaign's results as files: discoveries as crystals, every label with its lineage, the spec, and a README. */
export function exportFiles({
  record,
  judgements,
}: {
  readonly record: CampaignRecord;
  readonly judgements: readonly Judgement[];
}): ExportFile[] {
  const entries = entriesOf(record, judgements);
  const found = entries.filter(({ judgement }) => judgement?.discovery);
  const rows = labelRows(record, entries);
  const crystals = found.map((entry, i) => cifFile(entry, { place: i + 1, of: found.length, record }));
  return [
    {
      path: 'README.txt',
      content: exportReadme(record, { columns: Object.keys(rows[0] ?? {}), discoveries: found.length }),
    },
    { path: 'spec.yaml', content: stringifyYaml(record.campaign.spec, { lineWidth: 0 }) },
    { path: 'labels.csv', content: stringifyCsv(rows, { header: true, cast: { boolean: String } }) },
    {
      path: 'labels.jsonl',
      content: entries.map((entry, i) => `${JSON.stringify(jsonLine(entry, rows[i] ?? {}))}\n`).join(''),
    },
    ...(found.length > 0
      ? [{ path: 'discoveries.extxyz', content: writeExtxyz(found.map(extxyzFrame)) }]
      : []),
    ...crystals,
  ];
}

function cifFile(
  entry: Entry,
  { place, of, record }: { place: number; of: number; record: CampaignRecord },
): ExportFile {
  const { label, judgement, number } = entry;
  const plain = (name: string): string => name.replace(/[^A-Za-z0-9.]+/g, '_');
  const counter = String(place).padStart(Math.max(2, String(of).length), '0');
  const above =
    record.campaign.spec.objective.kind === 'hull'
      ? `; ${judgement?.distance ?? 0} eV/atom above the hull`
      : '';
  const origin = `# campaign ${record.campaign._id}, label ${number}, ${label.arm} arm; ${label.executor.name} ${label.executor.version}${above}`;
  return {
    path: `discoveries/${counter}-${plain(label.formula)}-${plain(label.executor.name)}.cif`,
    content: `${origin}\n${writeCif(label.relaxedCrystal ?? label.crystal)}`,
  };
}

function extxyzFrame({ label, judgement, number }: Entry) {
  const values = Object.fromEntries(Object.entries(label.values).map(([name, { value }]) => [name, value]));
  const formation = judgement?.formationEnergyEvPerAtom ?? null;
  return {
    crystal: label.relaxedCrystal ?? label.crystal,
    properties: {
      label: number,
      key: label._id,
      formula: label.formula,
      arm: label.arm,
      generator: label.generator,
      executor: `${label.executor.name} ${label.executor.version}`,
      ...(formation !== null && {
        energyAboveHullEvPerAtom: judgement?.distance ?? 0,
        formationEnergyEvPerAtom: formation,
      }),
      ...values,
    },
  };
}

/** A line of labels.jsonl: the label's fact as stored, with its number and judgement. */
function jsonLine({ label, judgement, number }: Entry, row: Readonly<Record<string, Cell>>): object {
  const { software = null, worker = null, attempt = null } = row;
  return { number, ...label, judgement, evaluation: { software, worker, attempt } };
}

/** One row for each label, all with the same columns; null where a thing was not measured, asked or judged. */
function labelRows(record: CampaignRecord, entries: readonly Entry[]): Record<string, Cell>[] {
  const evaluations = new Map(record.evaluations.map((evaluation) => [evaluation._id, evaluation]));
  const predictions = new Map(record.predictions.map((prediction) => [prediction._id, prediction]));
  const valueNames = namesIn(record.labels.map(({ values }) => values));
  const targetNames = namesIn(record.labels.map(({ predicted }) => predicted ?? {}));
  const hull = record.campaign.spec.objective.kind === 'hull';
  return entries.map(({ label, judgement, number }) => {
    const evaluation = evaluations.get(label._id);
    const prediction = predictions.get(`${label.candidateId}/${label.modelVersion}`);
    return {
      number,
      key: label._id,
      candidateId: label.candidateId,
      formula: label.formula,
      atoms: label.crystal.atomicNumbers.length,
      arm: label.arm,
      discovery: judgement?.discovery ?? null,
      firstInArm: judgement?.firstInArm ?? null,
      meetsObjective: judgement?.meets ?? null,
      [hull ? 'energyAboveHullEvPerAtom' : 'distanceOutsideWindowsInPropertyUnit']:
        judgement?.distance ?? null,
      ...(hull && { formationEnergyEvPerAtom: judgement?.formationEnergyEvPerAtom ?? null }),
      ...measuredCells(label, valueNames),
      ...predictedCells(label, targetNames),
      domainDistance: prediction?.domainDistance ?? null,
      acquisition: prediction?.acquisition ?? null,
      rank: prediction?.rank ?? null,
      generator: label.generator,
      generatorVersion: label.generatorVersion,
      modelVersion: label.modelVersion,
      executor: label.executor.name,
      executorVersion: label.executor.version,
      software: evaluation?.software.map(({ name, version }) => `${name} ${version}`).join('; ') || null,
      settingsSha256: label.settingsSha256,
      worker: evaluation?.worker ?? null,
      attempt: evaluation?.attempt ?? null,
      coreSeconds: label.coreSeconds,
      startedAtUtc: label.startedAt,
      endedAtUtc: label.endedAt,
    };
  });
}

function measuredCells({ values }: LabelFact, names: readonly string[]): Record<string, Cell> {
  return Object.fromEntries(
    names.flatMap((name) => [
      [`value_${name}`, values[name]?.value ?? null],
      [`uncertainty_${name}`, values[name]?.uncertainty ?? null],
    ]),
  );
}

function predictedCells({ predicted }: LabelFact, names: readonly string[]): Record<string, Cell> {
  return Object.fromEntries(
    names.flatMap((name) => [
      [`predicted_${name}`, predicted?.[name]?.mean ?? null],
      [`sigma_${name}`, predicted?.[name]?.sigma ?? null],
    ]),
  );
}

function namesIn(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((one) => Object.keys(one)))].toSorted();
}
