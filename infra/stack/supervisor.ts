import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isHealthy } from './health.ts';
import { markOf } from './process-info.ts';
import { removeState, statePath, writeState } from './state.ts';
import type { ProcessPlan, ProcessState, StackState } from './state.ts';

const healthEveryMs = 100;
const firstBackoffMs = 250;
const lastBackoffMs = 10_000;
/** A process that ran this long starts over with the shortest wait. */
const steadyMs = 30_000;

interface Watched {
  readonly plan: ProcessPlan;
  child: ChildProcess | null;
  state: ProcessState;
  backoffMs: number;
  restart: NodeJS.Timeout | null;
}

export interface Supervisor {
  /** Ends when `stop` has ended everything. */
  readonly done: Promise<void>;
  stop(): void;
}

/**
 * Starts every process of a plan, waits for its health, starts whatever ends again, and keeps `stack.json` true.
 * `report` gets one line for each event.
 */
export async function supervise(
  home: string,
  initial: StackState,
  report: (line: string) => void,
): Promise<Supervisor> {
  const logs = join(home, 'logs');
  mkdirSync(logs, { recursive: true });
  const supervisor = (await markOf(process.pid)) ?? null;
  const watched: Watched[] = initial.plans.map((plan) => ({
    plan,
    child: null,
    state: { phase: 'starting', mark: null, startedAt: null, restarts: 0, lastExit: null },
    backoffMs: firstBackoffMs,
    restart: null,
  }));
  let stopping = false;
  let saving = Promise.resolve();

  function save(): void {
    const processes = Object.fromEntries(watched.map(({ plan, state }) => [plan.name, state]));
    const state: StackState = { ...initial, supervisor, processes };
    saving = saving
      .then(() => writeState(statePath(home), state))
      .catch((error: unknown) => report(`cannot write stack.json: ${String(error)}`));
  }

  function start(one: Watched): void {
    const { name, command, args, env, health } = one.plan;
    const path = join(logs, `${name}.log`);
    const log = openSync(path, 'a');
    const { size: offset } = statSync(path);
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
    closeSync(log);
    one.child = child;
    const startedMs = Date.now();
    const startedAt = new Date(startedMs).toISOString();
    one.state = { ...one.state, phase: 'starting', mark: null, startedAt };
    report(`${name} started (pid ${child.pid ?? 'none'})`);
    let ended = false;
    const end = (how: string): void => {
      if (ended) return;
      ended = true;
      one.child = null;
      one.state = { ...one.state, phase: 'waiting', mark: null, lastExit: how };
      if (stopping) return;
      if (Date.now() - startedMs > steadyMs) one.backoffMs = firstBackoffMs;
      report(`${name} ended (${how}); it starts again in ${one.backoffMs} ms`);
      one.restart = setTimeout(() => {
        one.state = { ...one.state, restarts: one.state.restarts + 1 };
        start(one);
      }, one.backoffMs);
      one.backoffMs = Math.min(one.backoffMs * 2, lastBackoffMs);
      save();
    };
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => end(signal ?? `code ${code}`));
    void follow();

    async function follow(): Promise<void> {
      const mark = child.pid === undefined ? undefined : await markOf(child.pid);
      if (ended) return;
      one.state = { ...one.state, mark: mark ?? null };
      save();
      while (!ended && !stopping) {
        const healthy = await isHealthy(health, { path, offset }).catch(() => false);
        if (healthy && !ended) {
          one.state = { ...one.state, phase: 'healthy' };
          report(`${name} is healthy after ${Date.now() - startedMs} ms`);
          save();
          return;
        }
        await delay(healthEveryMs);
      }
    }
  }

  async function stopAll(): Promise<void> {
    report('stopping');
    for (const { restart } of watched) if (restart) clearTimeout(restart);
    const stages = [...new Set(watched.map(({ plan }) => plan.stopStage))].sort((a, b) => a - b);
    for (const stage of stages) {
      const members = watched.filter(({ plan }) => plan.stopStage === stage);
      await Promise.all(members.map(stopOne));
    }
    await saving;
    await removeState(statePath(home));
    report('stopped');
  }

  for (const one of watched) start(one);
  save();
  let begin: () => void;
  const stopAsked = new Promise<void>((resolve) => {
    begin = resolve;
  });
  return {
    done: stopAsked.then(stopAll),
    stop() {
      stopping = true;
      begin();
    },
  };
}

async function stopOne({ child, plan }: Watched): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), plan.graceMs);
  await ended;
  clearTimeout(kill);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
