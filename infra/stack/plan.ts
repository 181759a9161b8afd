import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/root.mjs';
import { findStore } from '../setup/store.mjs';
import { findTemporal } from '../setup/temporal.mjs';
import type { Config } from './config.ts';
import { searchAttributes } from './own-servers.ts';
import { choosePort } from './ports.ts';
import { StackError } from './stack-error.ts';
import type { ProcessPlan, StackState } from './state.ts';

const roles = ['campaign', 'model', 'executor'] as const;

/**
 * Plans what has to run: the embedded Temporal and store where the user gave none, and the workers.
 *
 * @throws StackError when a server is not set up, ConfigError when a port that was asked for is in use
 */
export async function planStack(config: Config, env: NodeJS.ProcessEnv): Promise<StackState> {
  const taken = new Set<number>();
  const plans: ProcessPlan[] = [];
  let temporal: StackState['temporal'] = null;
  let store: StackState['store'] = null;
  if (config.temporal.address === null) {
    const server = await findTemporal(env);
    if (!server || !('path' in server)) {
      throw new StackError('no Temporal server is set up; run npm run setup, or set TEMPORAL_ADDRESS');
    }
    const port = await choosePort(config.temporal.port, taken);
    const uiPort = await choosePort(config.temporal.uiPort, taken);
    temporal = { port, uiPort, from: `${server.from} ${server.version}` };
    plans.push(temporalPlan(config, { path: server.path, port, uiPort }));
  }
  if (config.store.uri === null) {
    const kept = keptStore(config.home);
    const server = await findStore(env, kept);
    if (!server || !('path' in server)) {
      throw new StackError(
        kept
          ? `the facts in ${join(config.home, kept)} need ${kept}, which is not set up here; set it up, or set ASSAYER_HOME to another folder`
          : 'no store is set up; run npm run setup, or set MONGODB_URI',
      );
    }
    const port = await choosePort(config.store.port, taken);
    store = { port, kind: server.kind, from: `${server.from} ${server.version}` };
    plans.push(storePlan(config, { kind: server.kind, path: server.path, port }));
  }
  for (const role of roles) plans.push(workerPlan(config, role));
  return {
    version: 1,
    startedAt: new Date().toISOString(),
    supervisor: null,
    temporal,
    store,
    plans,
    processes: {},
  };
}

/** Which store's files a home folder holds: facts stay with the program that wrote them. */
function keptStore(home: string): 'mongod' | 'ferretdb' | undefined {
  return (['mongod', 'ferretdb'] as const).find((kind) => existsSync(join(home, kind)));
}

function temporalPlan(
  config: Config,
  { path, port, uiPort }: { path: string; port: number; uiPort: number },
): ProcessPlan {
  const { namespace, dynamicConfig } = config.temporal;
  const dynamic = ['matching.useNewMatcher=true', ...dynamicConfig];
  return {
    name: 'temporal',
    command: path,
    args: [
      ...['server', 'start-dev', '--db-filename', join(config.home, 'temporal.db')],
      ...['--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort), '--log-level', 'error'],
      ...(namespace === 'default' ? [] : ['--namespace', namespace]),
      ...Object.entries(searchAttributes).flatMap(([name, type]) => [
        '--search-attribute',
        `${name}=${type}`,
      ]),
      ...dynamic.flatMap((value) => ['--dynamic-config-value', value]),
    ],
    env: {},
    health: { kind: 'http', url: `http://127.0.0.1:${uiPort}/api/v1/namespaces/${namespace}` },
    stopStage: 1,
    graceMs: 2_000,
  };
}

function storePlan(
  config: Config,
  { kind, path, port }: { kind: 'mongod' | 'ferretdb'; path: string; port: number },
): ProcessPlan {
  const folder = join(config.home, kind);
  mkdirSync(folder, { recursive: true });
  const args = {
    mongod: ['--dbpath', folder, '--bind_ip', '127.0.0.1', '--port', String(port)],
    ferretdb: ['-listen', `127.0.0.1:${port}`, '-dir', folder],
  };
  return {
    name: 'store',
    command: path,
    args: args[kind],
    env: {},
    health: { kind: 'mongodb', uri: storeUri(port) },
    stopStage: 2,
    graceMs: 2_000,
  };
}

/** Workers find the servers through stack.json, and wait for them by themselves. */
function workerPlan(config: Config, role: (typeof roles)[number]): ProcessPlan {
  return {
    name: `worker-${role}`,
    command: process.execPath,
    args: ['--enable-source-maps', join(root, 'dist', 'src', 'cli', 'main.js'), 'worker', '--role', role],
    env: { ASSAYER_HOME: config.home },
    health: { kind: 'log', line: `${role} worker ready` },
    stopStage: 0,
    graceMs: 5_500,
  };
}

export function storeUri(port: number): string {
  return `mongodb://127.0.0.1:${port}`;
}
