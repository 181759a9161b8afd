import { Option } from 'commander';
import type { Command } from 'commander';
import { EXECUTORS } from '../executors/registry.ts';

const ROLES = ['campaign', 'model', 'executor'] as const;
export type Role = (typeof ROLES)[number];

export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('run one worker in the foreground; up starts one of each role by itself')
    .addOption(new Option('--role <role>', 'what it does').choices(ROLES).makeOptionMandatory())
    .addHelpText(
      'after',
      `
campaign  decides: runs the workflows and the quick reads and writes
model     generates, scores and learns; its tensors live in child processes
executor  evaluates candidates with the built-in executors (${EXECUTORS.join(', ')})

More machines: set TEMPORAL_ADDRESS and MONGODB_URI there and start as many as you like.`,
    )
    // What workers need is loaded by them alone: every other command starts without it.
    .action(async ({ role }: { role: Role }) => (await import('./run-worker.ts')).runWorker(role));
}
