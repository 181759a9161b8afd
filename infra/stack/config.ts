import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';

/** Thrown when an environment variable has a value that cannot be used. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export interface Tls {
  readonly serverNameOverride?: string;
  readonly serverRootCACertificate?: Buffer;
  readonly clientCertPair?: { readonly crt: Buffer; readonly key: Buffer };
}

/** A port that was asked for must be free; a default may give way to the next free one. */
export interface Port {
  readonly variable: string;
  readonly port: number;
  readonly asked: boolean;
}

export interface Config {
  /** Folder of this installation's data, logs and state, absolute. */
  readonly home: string;
  readonly temporal: {
    /** host:port of a server of the user's; null to start the embedded one. */
    readonly address: string | null;
    readonly namespace: string;
    readonly tls: Tls | null;
    readonly apiKey: string | null;
    readonly port: Port;
    readonly uiPort: Port;
    /** KEY=JSON values for the embedded server. */
    readonly dynamicConfig: readonly string[];
  };
  readonly store: {
    /** URI of a MongoDB of the user's; null to start the embedded store. */
    readonly uri: string | null;
    readonly port: Port;
  };
}

const variables = {
  ASSAYER_HOME: z.string(),
  TEMPORAL_ADDRESS: z.string().regex(/^[^\s/]+:\d{1,5}$/),
  TEMPORAL_NAMESPACE: z.string().regex(/^\S+$/),
  TEMPORAL_API_KEY: z.string(),
  TEMPORAL_TLS: z.enum(['true', 'false', '1', '0']),
  TEMPORAL_TLS_SERVER_NAME: z.string(),
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: z.string(),
  TEMPORAL_TLS_CLIENT_CERT_PATH: z.string(),
  TEMPORAL_TLS_CLIENT_KEY_PATH: z.string(),
  MONGODB_URI: z.string().regex(/^mongodb(\+srv)?:\/\/\S+$/),
  ASSAYER_TEMPORAL_PORT: z.coerce.number().int().min(1).max(65535),
  ASSAYER_TEMPORAL_UI_PORT: z.coerce.number().int().min(1).max(65535),
  ASSAYER_STORE_PORT: z.coerce.number().int().min(1).max(65535),
  ASSAYER_TEMPORAL_DYNAMIC_CONFIG: z.string().regex(/^(\S+=\S+)(\s+\S+=\S+)*$/),
} as const;

type Variable = keyof typeof variables;

const port = 'a port from 1 to 65535';

/** What each variable allows, and what to do instead. */
const allowed: Readonly<Partial<Record<Variable, string>>> = {
  TEMPORAL_ADDRESS: 'host:port, such as 127.0.0.1:7233; unset it to use the embedded server',
  TEMPORAL_NAMESPACE: 'a name without spaces; unset it to use default',
  TEMPORAL_TLS: 'true or false',
  MONGODB_URI: 'mongodb://host:port or mongodb+srv://host; unset it to use the embedded store',
  ASSAYER_TEMPORAL_PORT: `${port}; unset it to use the first free one from 7233`,
  ASSAYER_TEMPORAL_UI_PORT: `${port}; unset it to use the first free one from 8233`,
  ASSAYER_STORE_PORT: `${port}; unset it to use the first free one from 27017`,
  ASSAYER_TEMPORAL_DYNAMIC_CONFIG: 'KEY=JSON values separated by spaces',
};

/**
 * Reads the settings of the stack from the environment; an empty variable counts as unset.
 *
 * @throws ConfigError that names the variable, its value, what is allowed and what to do
 */
export function resolveConfig(env: NodeJS.ProcessEnv): Config {
  const read = <V extends Variable>(variable: V): z.infer<(typeof variables)[V]> | undefined =>
    readVariable(env, variable);
  const home = read('ASSAYER_HOME') ?? '.assayer';
  return {
    home: isAbsolute(home) ? home : resolve(process.cwd(), home),
    temporal: {
      address: read('TEMPORAL_ADDRESS') ?? null,
      namespace: read('TEMPORAL_NAMESPACE') ?? 'default',
      tls: readTls(env),
      apiKey: read('TEMPORAL_API_KEY') ?? null,
      port: readPort(env, 'ASSAYER_TEMPORAL_PORT', 7233),
      uiPort: readPort(env, 'ASSAYER_TEMPORAL_UI_PORT', 8233),
      dynamicConfig: (read('ASSAYER_TEMPORAL_DYNAMIC_CONFIG') ?? '').split(/\s+/).filter(Boolean),
    },
    store: { uri: read('MONGODB_URI') ?? null, port: readPort(env, 'ASSAYER_STORE_PORT', 27017) },
  };
}

function readVariable<V extends Variable>(
  env: NodeJS.ProcessEnv,
  variable: V,
): z.infer<(typeof variables)[V]> | undefined {
  const value = env[variable];
  if (value === undefined || value === '') return undefined;
  const parsed = variables[variable].safeParse(value);
  if (parsed.success) return parsed.data as z.infer<(typeof variables)[V]>;
  const shown = variable === 'MONGODB_URI' ? hidePassword(value) : value;
  throw new ConfigError(`${variable} is '${shown}'; allowed: ${allowed[variable] ?? 'any text'}`);
}

function readPort(env: NodeJS.ProcessEnv, variable: Variable & `${string}PORT`, otherwise: number): Port {
  const asked = readVariable(env, variable);
  return { variable, port: asked ?? otherwise, asked: asked !== undefined };
}

/** TLS is on when it is asked for, when one of its files is given, or with an API key. */
function readTls(env: NodeJS.ProcessEnv): Tls | null {
  const asked = readVariable(env, 'TEMPORAL_TLS');
  if (asked === 'false' || asked === '0') return null;
  const serverName = readVariable(env, 'TEMPORAL_TLS_SERVER_NAME');
  const ca = readFileOf(env, 'TEMPORAL_TLS_SERVER_CA_CERT_PATH');
  const crt = readFileOf(env, 'TEMPORAL_TLS_CLIENT_CERT_PATH');
  const key = readFileOf(env, 'TEMPORAL_TLS_CLIENT_KEY_PATH');
  if ((crt === undefined) !== (key === undefined)) {
    const [given, missing] = crt ? ['CERT', 'KEY'] : ['KEY', 'CERT'];
    throw new ConfigError(
      `TEMPORAL_TLS_CLIENT_${given}_PATH is set without TEMPORAL_TLS_CLIENT_${missing}_PATH; set both or neither`,
    );
  }
  const wanted = [asked, serverName, ca, crt, readVariable(env, 'TEMPORAL_API_KEY')];
  if (wanted.every((value) => value === undefined)) return null;
  return {
    ...(serverName === undefined ? {} : { serverNameOverride: serverName }),
    ...(ca === undefined ? {} : { serverRootCACertificate: ca }),
    ...(crt === undefined || key === undefined ? {} : { clientCertPair: { crt, key } }),
  };
}

function readFileOf(env: NodeJS.ProcessEnv, variable: Variable & `${string}_PATH`): Buffer | undefined {
  const path = readVariable(env, variable);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch {
    throw new ConfigError(`${variable} is '${path}'; allowed: a PEM file that can be read`);
  }
}

/** A store's URI as it may be shown and logged. */
export function hidePassword(uri: string): string {
  return uri.replace(/(:\/\/[^:@/]+):[^@]*@/, '$1:***@');
}
