import type { EvaluationAnswer, Executor, ExecutorDescription } from '../contract.ts';
import { identity } from '../../crystal/identity/fingerprint.ts';
import { readTable, tableSettingsSchema } from './table.ts';
import type { TableRow } from './table.ts';

const VERSION = '1';
const software = { name: 'assayer table', version: VERSION };

export function describe(settings: Readonly<Record<string, unknown>>): ExecutorDescription {
  const { properties } = tableSettingsSchema.parse(settings);
  return {
    name: 'table',
    version: VERSION,
    properties: Object.fromEntries(Object.entries(properties).map(([name, { unit }]) => [name, unit])),
    elements: null,
    maxAtoms: 500,
    batchSize: 10,
  };
}

/** Answers from a table of labels that were computed or measured before: a campaign replayed on real data. */
export async function create(settings: Readonly<Record<string, unknown>>): Promise<Executor> {
  const parsed = tableSettingsSchema.parse(settings);
  const rows = new Map<string, TableRow>();
  for (const row of await readTable(parsed)) rows.set(row.identity, row);
  return {
    description: describe(settings),
    evaluate: async ({ crystal, properties }): Promise<EvaluationAnswer> => {
      const name = parsed.prototype === null ? identity(crystal) : `sites ${crystal.atomicNumbers.join('-')}`;
      const row = rows.get(name);
      const missing = row && properties.filter((property) => !row.values[property]);
      if (!row || (missing && missing.length > 0)) {
        const message = row
          ? `the table has no ${missing?.join(', ')} for ${name}`
          : `the table has no crystal ${name}`;
        return {
          status: 'failed',
          failure: { kind: 'badInput', message, retry: 'never' },
          cost: { coreSeconds: 0 },
          software,
        };
      }
      return {
        status: 'succeeded',
        values: row.values,
        relaxedCrystal: row.listedCrystal,
        convergence: null,
        cost: { coreSeconds: 0 },
        software,
      };
    },
  };
}
