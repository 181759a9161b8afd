import { failedAnswer } from '../answer.ts';
import { CONTRACT_VERSION } from '../contract.ts';
import type { EvaluationAnswer, Executor, ExecutorDescription } from '../contract.ts';
import { identity } from '../../crystal/identity/fingerprint.ts';
import { readTable, tableSettingsSchema } from './table.ts';
import type { TableRow } from './table.ts';

const VERSION = '1';
const software = [{ name: 'assayer-table', version: VERSION }];
const cost = { coreSeconds: 0, money: null };

export function describe(settings: Readonly<Record<string, unknown>>): ExecutorDescription {
  const { properties } = tableSettingsSchema.parse(settings);
  return {
    contractVersion: CONTRACT_VERSION,
    name: 'table',
    version: VERSION,
    fidelity: 'table',
    properties: Object.fromEntries(Object.entries(properties).map(([name, { unit }]) => [name, unit])),
    elements: null,
    maxAtoms: 500,
    batchSize: 10,
    concurrency: null,
    costEstimate: cost,
    cancelIsSafe: true,
  };
}

/** Answers from a table of labels that were computed or measured before: a campaign replayed on real data. */
export async function create(settings: Readonly<Record<string, unknown>>): Promise<Executor> {
  const parsed = tableSettingsSchema.parse(settings);
  const rows = new Map<string, TableRow>();
  for (const row of await readTable(parsed)) rows.set(row.identity, row);
  return {
    description: describe(settings),
    evaluate: async ({ key, crystal, properties }): Promise<EvaluationAnswer> => {
      const name = parsed.prototype === null ? identity(crystal) : `sites ${crystal.atomicNumbers.join('-')}`;
      const row = rows.get(name);
      const missing = row && Object.keys(properties).filter((property) => !row.values[property]);
      if (!row || (missing && missing.length > 0)) {
        const message = row
          ? `the table has no ${missing?.join(', ')} for ${name}`
          : `the table has no crystal ${name}`;
        return failedAnswer({ key }, { kind: 'badInput', message, retry: 'never' }, { cost, software });
      }
      return {
        contractVersion: CONTRACT_VERSION,
        key,
        status: 'succeeded',
        values: row.values,
        relaxedCrystal: row.listedCrystal,
        convergence: null,
        artefacts: [],
        cost,
        software,
      };
    },
  };
}
