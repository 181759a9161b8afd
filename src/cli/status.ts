import type { Command } from 'commander';
import { readStatus } from './campaign-status.ts';
import { withSession } from './session.ts';
import { renderView } from './view.ts';

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .argument('<name>', 'name of the campaign')
    .description('show a campaign once')
    .option('--json', 'as JSON')
    .action(async (name: string, { json }: { json?: boolean }) => {
      await withSession({ start: true }, async (session) => {
        const status = await readStatus(session, name);
        const text = json
          ? JSON.stringify(status)
          : renderView(status, {
              columns: process.stdout.columns || 100,
              now: Date.now(),
              color: process.stdout.isTTY,
            });
        process.stdout.write(`${text}\n`);
      });
    });
}
