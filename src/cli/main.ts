import { Command, CommanderError } from 'commander';
import { SpecError } from '../campaign/parse-spec.ts';
import { addControlCommands } from './control.ts';
import { addDoctorCommand } from './doctor.ts';
import { addExecutorCommands } from './executor.ts';
import { CommandError, EXIT } from './exit-code.ts';
import { addListCommand } from './list.ts';
import { addResultsCommands } from './results.ts';
import { addRunCommand } from './run.ts';
import { addSimulateCommand } from './simulate.ts';
import { addStackCommands } from './stack.ts';
import { addStatusCommand } from './status.ts';
import { addWatchCommand } from './watch.ts';
import { addWorkerCommand } from './worker.ts';

const program = new Command('assayer')
  .description(
    'Runs materials-discovery campaigns to their end, whatever breaks on the way:\ngenerate → score → select → evaluate → learn, and again.',
  )
  .version('0.1.0')
  .exitOverride()
  .showHelpAfterError('(add --help for what is allowed)')
  .addHelpText(
    'after',
    `
Environment: ASSAYER_HOME (data, default .assayer here), ASSAYER_CACHE, ASSAYER_DATA,
  TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*, MONGODB_URI: your own servers.
Exit codes: 0 done, 1 failed, 2 wrong command line or spec, 3 a server cannot be reached, 4 the campaign refuses.`,
  );

addRunCommand(program);
addWatchCommand(program);
addStatusCommand(program);
addListCommand(program);
addControlCommands(program);
addResultsCommands(program);
addStackCommands(program);
addSimulateCommand(program);
addDoctorCommand(program);
addExecutorCommands(program);
addWorkerCommand(program);
for (const command of program.commands.flatMap((one) => [one, ...one.commands])) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  // Commander has printed its own message by then.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`assayer: ${message}\n`);
  if (error instanceof SpecError) return EXIT.badInput;
  if (error instanceof CommandError) return error.exitCode;
  const name = error instanceof Error ? error.name : '';
  if (name === 'ConfigError') return EXIT.badInput;
  if (name === 'StoreUnreachableError' || name === 'StackError') return EXIT.unreachable;
  return EXIT.failed;
}
