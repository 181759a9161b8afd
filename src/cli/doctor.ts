import type { Command } from 'commander';
import { probe } from '../../infra/setup/probe.mjs';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('say of every piece which one is used, its version, why, and what would be better')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const pieces = await probe(process.env);
      if (json) return void process.stdout.write(`${JSON.stringify(pieces)}\n`);
      const width = Math.max(...pieces.map(({ piece }) => piece.length));
      for (const { piece, used, version, why, better } of pieces) {
        process.stdout.write(`${piece.padEnd(width)}  ${used} ${version}\n${' '.repeat(width)}  ${why}\n`);
        if (better) process.stdout.write(`${' '.repeat(width)}  better: ${better}\n`);
      }
    });
}
