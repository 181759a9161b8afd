import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ProcessMark } from './process-info.ts';

/** How the supervisor knows that a process can be used. */
export type Health =
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'mongodb'; readonly uri: string }
  | { readonly kind: 'log'; readonly line: string };

export interface ProcessPlan {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly health: Health;
  /** Lower stages are stopped first. */
  readonly stopStage: number;
  /** How long it may take to stop, in ms. */
  readonly graceMs: number;
}

export interface ProcessState {
  readonly phase: 'starting' | 'healthy' | 'waiting';
  readonly mark: ProcessMark | null;
  readonly startedAt: string | null;
  /** How often it ended by itself and was started again. */
  readonly restarts: number;
  readonly lastExit: string | null;
}

/** What `<home>/stack.json` says of the stack that runs there. It never holds a secret. */
export interface StackState {
  readonly version: 1;
  readonly startedAt: string;
  readonly supervisor: ProcessMark | null;
  /** Absent parts are the user's own servers. */
  readonly temporal: { readonly port: number; readonly uiPort: number; readonly from: string } | null;
  readonly store: { readonly port: number; readonly kind: string; readonly from: string } | null;
  readonly plans: readonly ProcessPlan[];
  readonly processes: Readonly<Record<string, ProcessState>>;
}

export function statePath(home: string): string {
  return join(home, 'stack.json');
}

export async function readState(path: string): Promise<StackState | undefined> {
  try {
    const state = JSON.parse(await readFile(path, 'utf8')) as StackState;
    return state.version === 1 ? state : undefined;
  } catch {
    return undefined;
  }
}

export async function writeState(path: string, state: StackState): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const fresh = `${path}.${process.pid}`;
  await writeFile(fresh, JSON.stringify(state, null, 2));
  await rename(fresh, path);
}

export async function removeState(path: string): Promise<void> {
  await rm(path, { force: true });
}
