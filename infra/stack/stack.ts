import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withLock } from '../setup/lock.mjs';
import { root } from '../setup/root.mjs';
import { ConfigError } from './config.ts';
import type { Config, Port, Tls } from './config.ts';
import { checkOwnStore, checkOwnTemporal } from './own-servers.ts';
import { planStack, storeUri } from './plan.ts';
import { endProcesses, isRunning, listProcesses, treeRssBytes } from './process-info.ts';
import { StackError } from './stack-error.ts';
import { readState, removeState, statePath, writeState } from './state.ts';
import type { ProcessState, StackState } from './state.ts';

const startTimeoutMs = 120_000;
const stopTimeoutMs = 15_000;
/** A process that ended this often before it was healthy will not come up by itself. */
const hopelessRestarts = 4;

/** Where the servers are, for a client of either kind. */
export interface Endpoints {
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    readonly tls: Tls | null;
    readonly apiKey: string | null;
    /** The page of the embedded server; null with a server of the user's. */
    readonly uiUrl: string | null;
  };
  readonly store: { readonly uri: string };
}

export interface StackStatus {
  readonly startedAt: string;
  readonly processes: readonly (ProcessState & { name: string; rssBytes: number })[];
  /** Resident memory of the supervisor, everything it started and everything those started. */
  readonly rssBytes: number;
}

/**
 * Brings up what has to run here, or attaches to what runs already, and waits until all of it is healthy.
 *
 * @param say gets one line for each thing a person should know
 * @throws StackError with the remedy when something does not come up; ConfigError for a port in use
 */
export async function ensureStack(config: Config, say: (line: string) => void): Promise<Endpoints> {
  const running = await liveState(config.home);
  if (running) return attach(config, running);
  mkdirSync(config.home, { recursive: true });
  return withLock(join(config.home, 'stack.lock'), async () => {
    const meanwhile = await liveState(config.home);
    if (meanwhile) return attach(config, meanwhile);
    await endOrphans(config.home, say);
    await Promise.all([
      checkOwnTemporal(config, say),
      config.store.uri === null ? undefined : checkOwnStore(config.store.uri),
    ]);
    const state = await planStack(config, process.env);
    sayMovedPort(config.temporal.port, state.temporal?.port, say);
    sayMovedPort(config.temporal.uiPort, state.temporal?.uiPort, say);
    sayMovedPort(config.store.port, state.store?.port, say);
    await writeState(statePath(config.home), state);
    const pid = startSupervisor(config.home);
    try {
      await waitUntilHealthy(config.home, pid);
    } catch (error) {
      await stopStack(config);
      throw error;
    }
    return endpointsOf(config, state);
  });
}

/** Where the servers of this home are, without starting anything; nothing when none were started. */
export async function runningStack(config: Config): Promise<Endpoints | undefined> {
  const needsNone = config.temporal.address !== null && config.store.uri !== null;
  const state = await liveState(config.home);
  return state || needsNone ? endpointsOf(config, state) : undefined;
}

/** Stops everything that runs from this home, in order; says whether there was anything. */
export async function stopStack(config: Config): Promise<boolean> {
  const path = statePath(config.home);
  const state = await readState(path);
  if (!state) return false;
  if (state.supervisor) await endProcesses([state.supervisor], stopTimeoutMs);
  const left = await readState(path);
  if (left) await endProcesses(marksOf(left), 3_000);
  await removeState(path);
  return true;
}

/** What runs from this home and how much memory it takes. */
export async function stackStatus(config: Config): Promise<StackStatus | undefined> {
  const state = await liveState(config.home);
  if (!state?.supervisor) return undefined;
  const rows = await listProcesses();
  const processes = Object.entries(state.processes).map(([name, found]) => ({
    name,
    ...found,
    rssBytes: found.mark ? treeRssBytes(found.mark.pid, rows) : 0,
  }));
  return { startedAt: state.startedAt, processes, rssBytes: treeRssBytes(state.supervisor.pid, rows) };
}

async function liveState(home: string): Promise<StackState | undefined> {
  const state = await readState(statePath(home));
  return state?.supervisor && (await isRunning(state.supervisor)) ? state : undefined;
}

async function attach(config: Config, state: StackState): Promise<Endpoints> {
  refuseOtherPort(config.temporal.port, state.temporal?.port);
  refuseOtherPort(config.temporal.uiPort, state.temporal?.uiPort);
  refuseOtherPort(config.store.port, state.store?.port);
  if (!isAllHealthy(state)) await waitUntilHealthy(config.home, state.supervisor?.pid);
  return endpointsOf(config, state);
}

function refuseOtherPort({ variable, port, asked }: Port, running: number | undefined): void {
  if (!asked || running === undefined || running === port) return;
  throw new ConfigError(
    `${variable} is ${port}, but the stack of this folder runs on ${running}; run 'assayer down' first, or unset ${variable}`,
  );
}

function sayMovedPort(
  { variable, port }: Port,
  chosen: number | undefined,
  say: (line: string) => void,
): void {
  if (chosen === undefined || chosen === port) return;
  say(`port ${port} is in use; using ${chosen} (${variable} chooses another)`);
}

function endpointsOf(config: Config, state: StackState | undefined): Endpoints {
  const { address, namespace, tls, apiKey } = config.temporal;
  const temporal = state?.temporal;
  const store = state?.store;
  const uri = store ? storeUri(store.port) : config.store.uri;
  const reached = temporal ? `127.0.0.1:${temporal.port}` : address;
  if (reached === null || uri === null) {
    throw new StackError(
      "the stack of this folder was started with servers of yours; set TEMPORAL_ADDRESS and MONGODB_URI as then, or run 'assayer down' first",
    );
  }
  return {
    temporal: temporal
      ? { address: reached, namespace, tls: null, apiKey: null, uiUrl: `http://127.0.0.1:${temporal.uiPort}` }
      : { address: reached, namespace, tls, apiKey, uiUrl: null },
    store: { uri },
  };
}

/** A supervisor that was killed leaves its processes; they are ended, since nobody would start them again. */
async function endOrphans(home: string, say: (line: string) => void): Promise<void> {
  const state = await readState(statePath(home));
  if (!state) return;
  const left = [];
  for (const mark of marksOf(state)) if (await isRunning(mark)) left.push(mark);
  if (left.length === 0) return;
  say(`replacing ${left.length} processes whose supervisor was killed`);
  await endProcesses(left, 6_000);
}

function marksOf(state: StackState): NonNullable<ProcessState['mark']>[] {
  return Object.values(state.processes).flatMap(({ mark }) => (mark ? [mark] : []));
}

function startSupervisor(home: string): number | undefined {
  const logs = join(home, 'logs');
  mkdirSync(logs, { recursive: true });
  const log = openSync(join(logs, 'supervisor.log'), 'a');
  const main = join(root, 'dist', 'infra', 'stack', 'supervisor-main.js');
  const child = spawn(process.execPath, [main, home], { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  return child.pid;
}

async function waitUntilHealthy(home: string, supervisor: number | undefined): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    const state = await readState(statePath(home));
    if (state && isAllHealthy(state)) return;
    const hopeless = Object.entries(state?.processes ?? {}).find(
      ([, { phase, restarts }]) => phase !== 'healthy' && restarts >= hopelessRestarts,
    );
    if (hopeless) {
      const [name, { restarts, lastExit }] = hopeless;
      throw new StackError(`${name} ended ${restarts} times (${lastExit}); ${await lastLines(home, name)}`);
    }
    if (supervisor === undefined || !isAlive(supervisor)) {
      throw new StackError(`the supervisor ended; ${await lastLines(home, 'supervisor')}`);
    }
    if (Date.now() > deadline) {
      const late = Object.entries(state?.processes ?? {}).filter(([, { phase }]) => phase !== 'healthy');
      const [first = 'supervisor'] = late.map(([name]) => name);
      throw new StackError(
        `${late.map(([name]) => name).join(', ') || first} did not become healthy within ${startTimeoutMs / 1000} s; ${await lastLines(home, first)}`,
      );
    }
    await delay(50);
  }
}

function isAllHealthy({ supervisor, plans, processes }: StackState): boolean {
  return supervisor !== null && plans.every(({ name }) => processes[name]?.phase === 'healthy');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function lastLines(home: string, name: string): Promise<string> {
  const path = join(home, 'logs', `${name}.log`);
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(Buffer.alloc(4_000), 0, 4_000, Math.max(0, size - 4_000));
      const lines = buffer.toString('utf8', 0, bytesRead).trim().split('\n').slice(-8);
      return `the end of ${path}:\n${lines.join('\n')}`;
    } finally {
      await file.close();
    }
  } catch {
    return `there is no log ${path}`;
  }
}
