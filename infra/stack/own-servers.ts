import type { Connection as TemporalConnection } from '@temporalio/client';
import { hidePassword } from './config.ts';
import type { Config } from './config.ts';
import { answersPing } from './health.ts';
import { StackError } from './stack-error.ts';

const timeoutMs = 5_000;

/** What a campaign shows of itself in Temporal's lists, with Temporal's types. */
export const searchAttributes = {
  Campaign: 'Keyword',
  CampaignPhase: 'Keyword',
  Labels: 'Int',
  Discoveries: 'Int',
  ModelVersion: 'Int',
} as const;

/** Temporal's IndexedValueType. */
const typeNumber = { Keyword: 2, Int: 3 } as const;

/** Makes sure within five seconds that a MongoDB of the user's answers. */
export async function checkOwnStore(uri: string): Promise<void> {
  try {
    await answersPing(uri, timeoutMs);
  } catch (error) {
    throw new StackError(
      `no store answers at ${hidePassword(uri)} (${messageOf(error)}); check MONGODB_URI, or unset it to use the embedded store`,
    );
  }
}

/** Makes sure within five seconds that a Temporal of the user's answers, and registers the search attributes. */
export async function checkOwnTemporal(config: Config, say: (line: string) => void): Promise<void> {
  const { address, namespace, tls, apiKey } = config.temporal;
  if (address === null) return;
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({
    address,
    connectTimeout: timeoutMs,
    ...(tls === null ? {} : { tls }),
    ...(apiKey === null ? {} : { apiKey }),
  }).catch((error: unknown) => {
    throw new StackError(
      `no Temporal server answers at ${address} (${messageOf(error)}); check TEMPORAL_ADDRESS and TEMPORAL_TLS, or unset TEMPORAL_ADDRESS to use the embedded server`,
    );
  });
  try {
    await connection.withDeadline(Date.now() + timeoutMs, async () => {
      try {
        await connection.workflowService.describeNamespace({ namespace });
      } catch (error) {
        throw new StackError(
          `Temporal at ${address} does not give namespace ${namespace} (${messageOf(error)}); check TEMPORAL_NAMESPACE and TEMPORAL_API_KEY`,
        );
      }
      await registerSearchAttributes(connection, namespace, say);
    });
  } finally {
    await connection.close();
  }
}

/** A refusal is not fatal here: the line says what an administrator has to add. */
async function registerSearchAttributes(
  connection: TemporalConnection,
  namespace: string,
  say: (line: string) => void,
): Promise<void> {
  const wanted = Object.entries(searchAttributes);
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = wanted.filter(([name]) => !(name in (customAttributes ?? {})));
    if (missing.length === 0) return;
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map(([name, type]) => [name, typeNumber[type]])),
    });
  } catch (error) {
    if (messageOf(error).includes('already exist')) return;
    const list = wanted.map(([name, type]) => `${name}=${type}`).join(', ');
    say(
      `the server does not let us register search attributes (${messageOf(error)}); campaigns need these in namespace ${namespace}: ${list}`,
    );
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const details = 'details' in error && typeof error.details === 'string' ? error.details : '';
  return details || error.message.split('\n')[0] || error.name;
}
