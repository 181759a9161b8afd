import type { Command } from 'commander';
import { resolveConfig } from '../../infra/stack/config.ts';
import { ensureStack, stopStack } from '../../infra/stack/stack.ts';

export function addStackCommands(program: Command): void {
  program
    .command('up')
    .description('start Temporal, the store and the workers, or attach to those that run')
    .option('--json', 'print the addresses as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const say = (line: string): void => void process.stderr.write(`${line}\n`);
      const endpoints = await ensureStack(resolveConfig(process.env), say);
      const { temporal, store } = endpoints;
      process.stdout.write(
        json
          ? `${JSON.stringify({ temporal: { address: temporal.address, namespace: temporal.namespace, uiUrl: temporal.uiUrl }, store })}\n`
          : `Temporal  ${temporal.address}  ${temporal.uiUrl ? `(UI: ${temporal.uiUrl})` : ''}\nstore     ${store.uri}\n`,
      );
    });
  program
    .command('down')
    .description('stop what up started; campaigns go on where they were at the next up')
    .action(async () => {
      const stopped = await stopStack(resolveConfig(process.env));
      process.stdout.write(stopped ? 'stopped; nothing is lost\n' : 'nothing was running\n');
    });
}
