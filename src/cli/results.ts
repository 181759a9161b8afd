import { resolve } from 'node:path';
import type { Command } from 'commander';
import { exportResults } from '../activities/export.ts';
import { CommandError, EXIT } from './exit-code.ts';
import { withSession } from './session.ts';

export function addResultsCommands(program: Command): void {
  program
    .command('results')
    .argument('<name>', 'name of the campaign, running or ended')
    .description('write discovered crystals, all labels with lineage, and the report, as they stand now')
    .option('--to <folder>', 'folder to write to (default: results/NAME)')
    .action(async (name: string, { to }: { to?: string }) => {
      const folder = await writeResults(name, to);
      process.stdout.write(`${folder}\n`);
    });
  program
    .command('report')
    .argument('<name>', 'name of the campaign, running or ended')
    .description('write the results and print the path of the HTML report')
    .option('--to <folder>', 'folder to write to (default: results/NAME)')
    .action(async (name: string, { to }: { to?: string }) => {
      const folder = await writeResults(name, to);
      process.stdout.write(`${resolve(folder, 'report.html')}\n`);
    });
}

async function writeResults(name: string, to: string | undefined): Promise<string> {
  const folder = resolve(to ?? `results/${name}`);
  await withSession({ start: true }, async ({ store }) => {
    const campaign = await store.getCampaign(name);
    if (!campaign) {
      throw new CommandError(
        `there is no campaign '${name}'; 'assayer list' shows those there are`,
        EXIT.refused,
      );
    }
    const record = await store.campaign(name).readRecord(campaign);
    await exportResults(record, folder, new Date()).catch((error: unknown) => {
      const cause = error instanceof Error ? error.message : String(error);
      throw new CommandError(
        `cannot write to ${folder} (${cause}); make room or give another folder with --to`,
        EXIT.failed,
      );
    });
  });
  return folder;
}
