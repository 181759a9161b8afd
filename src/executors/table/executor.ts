import { failedAnswer } from '../answer.ts';
import { CONTRACT_VERSION } from '../contract.ts';
import type { EvaluationAnswer, Executor, ExecutorDescription } from '../contract.ts';
import { type Crystal, makeCrystal } from '../../crystal/crystal.ts';
import { identity } from '../../crystal/identity/fingerprint.ts';
import { readTable, tableSettingsSchema } from './table.ts';
import type { TableRow } from './table.ts';

const VERSION = '1';
const MOST_ATOMS = 500;
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
    maxAtoms: MOST_ATOMS,
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
    evaluate: async ({ key, crystal: given, properties }): Promise<EvaluationAnswer> => {
      const refused = (message: string): EvaluationAnswer =>
        failedAnswer({ key }, { kind: 'badInput', message, retry: 'never' }, { cost, software });
      const crystal = checked(given);
      if (typeof crystal === 'string') return refused(crystal);
      const name = parsed.prototype === null ? identity(crystal) : `sites ${crystal.atomicNumbers.join('-')}`;
      const row = rows.get(name);
      const missing = row && Object.keys(properties).filter((property) => !row.values[property]);
      if (!row || (missing && missing.length > 0)) {
        const message = row
          ? `the table has no ${missing?.join(', ')} for ${name}`
          : `the table has no crystal ${name}`;
        return refused(message);
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

/** The crystal, or a sentence saying why it is none that a table is searched for. */
function checked(crystal: Crystal): Crystal | string {
  if (crystal.atomicNumbers.length > MOST_ATOMS) {
    return `${crystal.atomicNumbers.length} atoms are more than the ${MOST_ATOMS} that a table takes`;
  }
  try {
    return makeCrystal(crystal);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
