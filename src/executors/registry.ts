import type { Executor, ExecutorDescription } from './contract.ts';

/** What a module that makes an executor exports. Settings come from the spec: both functions check them. */
export interface ExecutorModule {
  /** Cheap: reads nothing but the settings. */
  describe(settings: Readonly<Record<string, unknown>>): ExecutorDescription;
  create(settings: Readonly<Record<string, unknown>>): Promise<Executor>;
}

export const EXECUTORS = ['emt', 'table'] as const;

/** Address of the module that makes the named executor, for a thread to import. */
export function executorModule(name: string): string {
  if (!(EXECUTORS as readonly string[]).includes(name)) {
    throw new RangeError(`there is no executor '${name}'; there are: ${EXECUTORS.join(', ')}`);
  }
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./${name}/executor.${extension}`, import.meta.url).href;
}

/** What the named executor says of itself with these settings. */
export async function describeExecutor(
  name: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<ExecutorDescription> {
  return (await load(name)).describe(settings);
}

/** Makes the named executor in this thread. */
export async function createExecutor(
  name: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<Executor> {
  return (await load(name)).create(settings);
}

async function load(name: string): Promise<ExecutorModule> {
  return (await import(executorModule(name))) as ExecutorModule;
}
