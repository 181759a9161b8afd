import type { Executor } from './contract.ts';

/** What a module that makes an executor exports. Settings come from the spec: `create` checks them. */
export interface ExecutorModule {
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

/** Makes the named executor in this thread, with its settings checked. */
export async function createExecutor(
  name: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<Executor> {
  const module = (await import(executorModule(name))) as ExecutorModule;
  return module.create(settings);
}
