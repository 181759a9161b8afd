import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { reducedFormula } from '../../src/crystal/chemistry/composition.ts';
import type { Crystal } from '../../src/crystal/crystal.ts';
import { parseCif } from '../../src/crystal/formats/cif.ts';
import { parsePymatgen } from '../../src/crystal/formats/pymatgen-json.ts';
import type { TrainingRow } from '../../src/models/service.ts';

export const DATA = process.env['ASSAYER_DATA'] ?? '../shared/data';

/** A crystal of a public table with its values, unit in the name. */
export interface Labelled {
  readonly crystal: Crystal;
  readonly values: Readonly<Record<string, number>>;
  /** Reduced formula. */
  readonly group: string;
}

/** Cubic perovskites (Castelli et al. 2012) as CDVAE splits them: heats of formation and gaps. Not ours to ship. */
export function perovskites(part: 'train' | 'val' | 'test'): Labelled[] {
  return fromCsv(`perov_5/${part}.csv.gz`, {
    heatOfFormationEvPerAtom: 'heat_all',
    heatOfReferenceEvPerAtom: 'heat_ref',
    directGapEv: 'dir_gap',
    indirectGapEv: 'ind_gap',
  });
}

/** Binary and ternary crystals of MP-20 (Materials Project, CC BY 4.0). */
export function binariesAndTernaries(part: 'val' | 'test'): Labelled[] {
  return fromCsv(`mp_20_biternary/${part}.csv.gz`, {
    formationEnergyEvPerAtom: 'formation_energy_per_atom',
    gapEv: 'band_gap',
    energyAboveHullEvPerAtom: 'e_above_hull',
  });
}

/** Elastic moduli of binaries (Materials Project, CC BY 4.0, through matcalc), as logarithms. */
export function elasticBinaries(): Labelled[] {
  const entries = JSON.parse(unpack('matcalc/mp-binary-pbe-elasticity-2025.1.json.gz')) as {
    structure: unknown;
    bulk_modulus_vrh: number;
    shear_modulus_vrh: number;
  }[];
  const crystals = parsePymatgen(JSON.stringify(entries.map(({ structure }) => structure)));
  return entries.map((entry, index) =>
    labelled(crystals[index] as Crystal, {
      logBulkModulusVrhGpa: Math.log10(entry.bulk_modulus_vrh),
      logShearModulusVrhGpa: Math.log10(entry.shear_modulus_vrh),
    }),
  );
}

/** Rows of a table as a learning round takes them, with one value each. */
export function trainingRows(rows: readonly Labelled[], target: string): TrainingRow[] {
  return rows.map(({ crystal, group, values }) => ({ crystal, group, values: [values[target] as number] }));
}

function fromCsv(path: string, columns: Readonly<Record<string, string>>): Labelled[] {
  const rows = parse<Record<string, string>>(unpack(path), { columns: true });
  return rows.map((row) =>
    labelled(
      parseCif(row['cif'] as string),
      Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, Number(row[column])])),
    ),
  );
}

function labelled(crystal: Crystal, values: Labelled['values']): Labelled {
  return { crystal, values, group: reducedFormula(crystal) };
}

function unpack(path: string): string {
  return gunzipSync(readFileSync(join(DATA, path))).toString('utf8');
}
