import { Client, Connection, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { resolveConfig } from '../../infra/stack/config.ts';
import type { Config } from '../../infra/stack/config.ts';
import { ensureStack, runningStack } from '../../infra/stack/stack.ts';
import type { Endpoints } from '../../infra/stack/stack.ts';
import { Store } from '../store/connection.ts';
import type { campaign } from '../workflows/index.ts';
import { campaignWorkflowId } from '../workflows/naming.ts';
import { CommandError, EXIT } from './exit-code.ts';

/** Open connections to Temporal and the store, for the length of one command. */
export interface Session {
  readonly config: Config;
  readonly endpoints: Endpoints;
  readonly client: Client;
  readonly store: Store;
}

interface SessionOptions {
  /** Bring the stack up first when it is down; otherwise that is an error. */
  readonly start: boolean;
  progress?(line: string): void;
}

export async function withSession<T>(
  options: SessionOptions,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const config = resolveConfig(process.env);
  const endpoints = options.start
    ? await ensureStack(config, options.progress ?? (() => undefined))
    : await runningStack(config);
  if (!endpoints) {
    throw new CommandError(
      "nothing is running here; 'assayer up' or 'assayer run SPEC' starts it",
      EXIT.unreachable,
    );
  }
  const { address, tls, apiKey, namespace } = endpoints.temporal;
  const connection = await Connection.connect({
    address,
    connectTimeout: '10 seconds',
    ...(tls === null ? {} : { tls }),
    ...(apiKey === null ? {} : { apiKey }),
  }).catch((error: unknown) => {
    const cause = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `cannot reach Temporal at ${address} (${cause}); check TEMPORAL_ADDRESS, or unset it to use the embedded server`,
      EXIT.unreachable,
    );
  });
  try {
    const store = await Store.connect(endpoints.store.uri);
    try {
      return await use({ config, endpoints, client: new Client({ connection, namespace }), store });
    } finally {
      await store.close();
    }
  } finally {
    await connection.close();
  }
}

export function campaignHandle({ client }: Session, name: string): WorkflowHandle<typeof campaign> {
  return client.workflow.getHandle<typeof campaign>(campaignWorkflowId(name));
}

/** Asks a campaign for something and turns its refusal, or its absence, into a sentence. */
export async function ask<T>(name: string, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) {
      throw new CommandError(
        `there is no running campaign '${name}'; 'assayer list' shows those there are`,
        EXIT.refused,
      );
    }
    if (error instanceof WorkflowUpdateFailedError) {
      throw new CommandError(
        `campaign '${name}' refuses: ${error.cause?.message ?? error.message}`,
        EXIT.refused,
      );
    }
    throw error;
  }
}
