import type { CampaignRecord } from '../campaign/facts.ts';
import { readProperty } from './property-name.ts';

/** What columns mean; a column with a prefix of one of the last four is a property's. */
const COLUMNS: Readonly<Record<string, string>> = {
  number: 'order among the labels of both arms (1, 2, ...); 0 for a reference',
  key: 'identity of the evaluation: sha256 of candidate, executor, version and settings',
  candidateId: 'identity of the candidate crystal',
  formula: 'reduced formula',
  atoms: 'atoms in the cell',
  arm: 'who chose it: model, control (at random), or reference (a pure element)',
  discovery: 'true for the first label of its identity that meets the objective',
  firstInArm: 'the same within its own arm alone, by which the arms are compared',
  meetsObjective: 'true when it meets the objective, judged against all labels of the campaign',
  energyAboveHullEvPerAtom: 'energy above the convex hull of the campaign’s labels, eV/atom',
  distanceOutsideWindowsInPropertyUnit:
    'largest distance outside any window, in that property’s unit; 0 inside',
  formationEnergyEvPerAtom: 'formation energy from the elements, eV/atom',
  domainDistance:
    'how far outside the labels of its model it was, without unit; 1 is their edge, less is inside',
  acquisition: 'score that ranked it when it was chosen, without unit',
  rank: 'its place in that ranking, 1 is best',
  generator: 'what proposed the crystal',
  generatorVersion: 'version of that generator; 0 is as shipped',
  modelVersion: 'version of the surrogate that chose it; 0 is the base model',
  executor: 'what evaluated it',
  executorVersion: 'version of the executor',
  software: 'programs and versions behind the executor',
  settingsSha256: 'identity of the executor’s settings',
  worker: 'the worker that ran it',
  attempt: 'which attempt gave the answer',
  coreSeconds: 'computing spent on it, core-seconds',
  startedAtUtc: 'start of the evaluation, ISO 8601, UTC',
  endedAtUtc: 'end of the evaluation, ISO 8601, UTC',
};

const PREFIXES: Readonly<Record<string, string>> = {
  value: 'as evaluated',
  uncertainty: 'standard uncertainty given by the executor, where it gave one',
  predicted: 'predicted beforehand by the surrogate that chose it',
  sigma: 'calibrated standard deviation of that prediction',
};

/** README.txt of an export, in plain words. */
export function exportReadme(
  { campaign, labels }: CampaignRecord,
  { columns, discoveries }: { readonly columns: readonly string[]; readonly discoveries: number },
): string {
  const files: (readonly [string, string])[] = [
    ['report.html', 'the report: figures, tables and provenance in one file; open it in any browser'],
    [
      'labels.csv',
      `all ${labels.length} labels, one a row, with lineage; empty cells were not measured or not asked for`,
    ],
    ['labels.jsonl', 'the same labels as JSON, one a line, with the crystals as proposed and as relaxed'],
    ...(discoveries > 0
      ? ([
          [
            'discoveries/',
            `the ${discoveries} discoveries as CIF, in the order found; relaxed where the executor relaxes`,
          ],
          ['discoveries.extxyz', 'the same crystals in one extended XYZ file, for ASE and OVITO'],
        ] as const)
      : []),
    ['spec.yaml', 'the spec as it was run, in the units it is stored in: eV/atom, core-s, s'],
  ];
  return `${campaign._id}
${campaign.spec.question || 'A campaign of Assayer'}

FILES

${listing(files)}

COLUMNS OF labels.csv

${columns.length === 0 ? '  none yet: the campaign has no labels' : listing(columns.map((column) => [column, meaningOf(column)]))}

CRYSTALS IN labels.jsonl

  latticeAngstrom        rows a, b, c of the cell, 9 numbers, Å
  fractionalCoordinates  3 numbers for each atom, in units of the rows
  atomicNumbers          one for each atom

Energies are comparable only within one executor, version and settings (settingsSha256).
The base models were trained on data of the Materials Project (materialsproject.org), CC BY 4.0.
`;
}

function meaningOf(column: string): string {
  const known = COLUMNS[column];
  if (known !== undefined) return known;
  const [, prefix = '', name = column] = /^([a-z]+)_(.*)$/.exec(column) ?? [];
  const { title, unit } = readProperty(name);
  return `${title}, ${PREFIXES[prefix] ?? 'as stored'}${unit ? `, ${unit}` : ''}`;
}

function listing(items: readonly (readonly [string, string])[]): string {
  const width = Math.max(...items.map(([name]) => name.length));
  return items.map(([name, meaning]) => `  ${name.padEnd(width)}  ${meaning}`).join('\n');
}
