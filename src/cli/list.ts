import type { Command } from 'commander';
import { labelCount } from '../campaign/state.ts';
import { readState } from './campaign-status.ts';
import { withSession } from './session.ts';

export function addListCommand(program: Command): void {
  program
    .command('list')
    .description('list all campaigns')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      await withSession({ start: true }, async (session) => {
        const campaigns = await session.store.listCampaigns();
        const rows = await Promise.all(
          campaigns.map(async ({ _id: name, spec, createdAt }) => {
            const state = await readState(session, name).catch(() => null);
            return {
              name,
              phase: state?.phase ?? 'unknown',
              labels: state ? labelCount(state) : 0,
              budget: state?.budget.labels ?? spec.budget.labels,
              discoveries: state?.assessment.discoveries.distinct ?? 0,
              createdAt,
              question: spec.question,
            };
          }),
        );
        if (json) return void process.stdout.write(`${JSON.stringify(rows)}\n`);
        if (rows.length === 0)
          return void process.stdout.write("no campaigns yet; 'assayer run SPEC' starts one\n");
        const width = Math.max(...rows.map((row) => row.name.length));
        for (const { name, phase, labels, budget, discoveries, question } of rows) {
          process.stdout.write(
            `${name.padEnd(width)}  ${phase.padEnd(8)}  ${`${labels}/${budget}`.padStart(9)} labels  ${String(discoveries).padStart(3)} discoveries  ${question}\n`,
          );
        }
      });
    });
}
