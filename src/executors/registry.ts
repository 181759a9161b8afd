import type { CampaignSpec } from '../campaign/spec.ts';
import { CommandExecutor } from './command/executor.ts';
import { describeCommand } from './command/describe.ts';
import { ServedExecutor } from './command/served-executor.ts';
import { executorDescriptionSchema } from './contract.ts';
import type { Executor, ExecutorDescription } from './contract.ts';
import { ExecutorThreads } from './threads.ts';

export type ExecutorSpec = CampaignSpec['executor'];

/** What a module that makes an executor in this process exports. Settings come from the spec: both functions check them. */
export interface ExecutorModule {
  /** Cheap: reads nothing but the settings. */
  describe(settings: Readonly<Record<string, unknown>>): ExecutorDescription;
  create(settings: Readonly<Record<string, unknown>>): Promise<Executor>;
}

/** An executor that is ready to evaluate, and what has to be ended after it. */
export interface HostedExecutor extends Executor {
  close(): Promise<void>;
}

export const EXECUTORS = ['emt', 'table', 'command'] as const;

/** What the executor of a spec says of itself: of a command, what it said when the campaign was made. */
export async function describeExecutor(spec: ExecutorSpec): Promise<ExecutorDescription> {
  if (spec.name !== 'command') return (await load(spec.name)).describe(spec.settings);
  return spec.description === undefined
    ? describeCommand(spec.command, spec.settings)
    : executorDescriptionSchema.parse(spec.description);
}

/**
 * Makes the executor of a spec in this thread.
 * @param folder where a command has the folders of its evaluations
 * @throws Error when a command now says that it is another version than the campaign was made with
 */
export async function createExecutor(spec: ExecutorSpec, folder: string): Promise<Executor> {
  if (spec.name !== 'command') return (await load(spec.name)).create(spec.settings);
  const description = await describeExecutor(spec);
  const now = await describeCommand(spec.command, spec.settings);
  if (now.name !== description.name || now.version !== description.version) {
    throw new Error(
      `'${spec.command.join(' ')}' is now ${now.name} ${now.version}, but the campaign was made with ${description.name} ${description.version}; install that again, or start a new campaign`,
    );
  }
  if (spec.serve && !description.cancelIsSafe) {
    throw new Error(
      `${description.name} must not be ended in the middle, which a served program may be; remove executor.serve`,
    );
  }
  const { memory = null, disk } = spec.limits;
  const limits = { memoryBytes: memory, diskBytes: disk };
  const options = { command: spec.command, limits, description, folder };
  return spec.serve ? new ServedExecutor(options) : new CommandExecutor(options);
}

/** The same where it can do no harm: executors of our own process run in threads, which can be terminated. */
export async function hostExecutor(spec: ExecutorSpec, folder: string): Promise<HostedExecutor> {
  if (spec.name === 'command') {
    const executor = await createExecutor(spec, folder);
    return {
      description: executor.description,
      evaluate: (request, context) => executor.evaluate(request, context),
      close: async () => {
        if (executor instanceof ServedExecutor) await executor.close();
      },
    };
  }
  const threads = new ExecutorThreads({ module: executorModule(spec.name), settings: spec.settings });
  return {
    description: await describeExecutor(spec),
    evaluate: (request, context) => threads.evaluate(request, context),
    close: () => threads.close(),
  };
}

/** Address of the module that makes the named executor, for a thread to import. */
function executorModule(name: Exclude<ExecutorSpec['name'], 'command'>): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./${name}/executor.${extension}`, import.meta.url).href;
}

async function load(name: Exclude<ExecutorSpec['name'], 'command'>): Promise<ExecutorModule> {
  return (await import(executorModule(name))) as ExecutorModule;
}
