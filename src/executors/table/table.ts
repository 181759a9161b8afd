import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { scaleToVolume } from '../../crystal/crystal.ts';
import type { Crystal } from '../../crystal/crystal.ts';
import { identity } from '../../crystal/identity/fingerprint.ts';
import { parseCif } from '../../crystal/formats/cif.ts';
import { elementOf } from '../../crystal/chemistry/elements.ts';
import type { MeasuredValue } from '../contract.ts';

export const tableSettingsSchema = z.strictObject({
  files: z.array(z.string()).min(1).describe('CSV files, plain or .gz, with one header line each'),
  structureColumn: z.string().default('cif').describe('Column holding a CIF'),
  properties: z
    .record(z.string(), z.strictObject({ column: z.string(), unit: z.string() }))
    .refine((properties) => Object.keys(properties).length > 0, { error: 'needs at least one property' }),
  prototype: z
    .string()
    .nullable()
    .default(null)
    .describe(
      'CIF of an ideal crystal on whose sites, in this order, the atoms of every row stand. With it a candidate is the ideal crystal with the row’s species: the row’s own, relaxed structure is part of the answer.',
    ),
});
export type TableSettings = z.infer<typeof tableSettingsSchema>;

/** For the few elements without a tabulated volume: about the median of those that have one. */
const DEFAULT_VOLUME_ANGSTROM3 = 20;

export interface TableRow {
  /** What makes two candidates of this table the same. */
  readonly identity: string;
  /** What a model may see. */
  readonly crystal: Crystal;
  /** The row's own structure: an answer when there is a prototype, otherwise the candidate itself. */
  readonly listedCrystal: Crystal;
  readonly values: Readonly<Record<string, MeasuredValue>>;
}

export class TableError extends Error {
  override name = 'TableError';
}

/**
 * Reads a table of labels. Rows without a number for some property leave that property out.
 * @throws TableError naming file, row, cause and remedy
 */
export async function readTable(settings: TableSettings): Promise<TableRow[]> {
  const prototype = settings.prototype === null ? null : parseCif(await readText(settings.prototype));
  const rows: TableRow[] = [];
  for (const file of settings.files) {
    const records = parse<Record<string, string>>(await readText(file), {
      columns: true,
      skip_empty_lines: true,
    });
    const columns = Object.keys(records[0] ?? {});
    for (const column of [
      settings.structureColumn,
      ...Object.values(settings.properties).map((p) => p.column),
    ]) {
      if (!columns.includes(column)) {
        throw new TableError(`${file} has no column '${column}'; it has: ${columns.join(', ') || 'no rows'}`);
      }
    }
    for (const [index, record] of records.entries()) {
      // Workers that read a long table still heartbeat.
      if (index % 100 === 0) await setImmediate();
      try {
        rows.push(readRow(record, settings, prototype));
      } catch (error) {
        const cause = error instanceof Error ? error.message : String(error);
        throw new TableError(`${file}, row ${index + 2}: ${cause}`);
      }
    }
  }
  return rows;
}

function readRow(
  record: Record<string, string>,
  settings: TableSettings,
  prototype: Crystal | null,
): TableRow {
  const listedCrystal = parseCif(record[settings.structureColumn] ?? '');
  const values: Record<string, MeasuredValue> = {};
  for (const [name, { column, unit }] of Object.entries(settings.properties)) {
    const text = record[column]?.trim() ?? '';
    if (text === '') continue;
    const value = Number(text);
    if (!Number.isFinite(value))
      throw new RangeError(`column '${column}' holds '${text}', which is not a number`);
    values[name] = { value, unit, uncertainty: null };
  }
  if (prototype === null)
    return { identity: identity(listedCrystal), crystal: listedCrystal, listedCrystal, values };
  return { ...idealise(listedCrystal.atomicNumbers, prototype), listedCrystal, values };
}

/** The prototype with these species on its sites, at the volume that the elements' own volumes add up to. */
function idealise(species: readonly number[], prototype: Crystal): { identity: string; crystal: Crystal } {
  if (species.length !== prototype.atomicNumbers.length) {
    throw new RangeError(
      `${species.length} atoms, but the prototype has ${prototype.atomicNumbers.length} sites; give a prototype that fits every row, or none`,
    );
  }
  const volumeAngstrom3 = species.reduce(
    (sum, z) => sum + (elementOf(z).volumeAngstrom3 ?? DEFAULT_VOLUME_ANGSTROM3),
    0,
  );
  return {
    identity: `sites ${species.join('-')}`,
    crystal: scaleToVolume({ ...prototype, atomicNumbers: species }, volumeAngstrom3),
  };
}

async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new TableError(
      `cannot read ${file} (${error.code ?? error.message}); check the path in executor.settings`,
    );
  });
  return (extname(file) === '.gz' ? await promisify(gunzip)(bytes) : bytes).toString('utf8');
}
