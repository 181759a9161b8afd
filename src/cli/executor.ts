import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import { parse } from 'yaml';
import { z } from 'zod';
import { resolveConfig } from '../../infra/stack/config.ts';
import { describeIssues } from '../campaign/parse-spec.ts';
import { executorSchema } from '../campaign/spec.ts';
import { readCrystals } from '../crystal/formats/formats.ts';
import { absoluteCommand } from '../executors/command/command-line.ts';
import type { Finding } from '../executors/conformance/finding.ts';
import type { ExecutorDescription } from '../executors/contract.ts';
import {
  type RegisteredExecutor,
  type RegisteredExecutors,
  readRegistered,
  registeredFile,
  writeRegistered,
} from '../executors/registered.ts';
import { EXECUTORS, type ExecutorSpec, describeExecutor } from '../executors/registry.ts';
import { CommandError, EXIT } from './exit-code.ts';

interface RunOptions {
  readonly serve?: boolean;
  readonly memory?: string;
  readonly disk?: string;
  readonly settings: string;
}

export function addExecutorCommands(program: Command): void {
  const executor = program.command('executor').description('plug in programs that evaluate crystals');
  withRunOptions(
    executor
      .command('add')
      .argument('<name>', 'what specs will call it')
      .argument('<command...>', 'the program and its arguments, after --')
      .description('register a program under a name, after asking it what it is'),
  )
    .option('--replace', 'replace the one of this name')
    .addHelpText(
      'after',
      '\nExample: assayer executor add my-dft --memory "8 GiB" -- python3 my_dft.py --fast',
    )
    .action(add);
  executor
    .command('list')
    .description('list all executors that a spec may name')
    .option('--json', 'as JSON')
    .action(list);
  executor.command('remove').argument('<name>').description('forget a registered executor').action(remove);
  withRunOptions(
    executor
      .command('test')
      .argument(
        '<name-or-command...>',
        'an executor that list shows, or a program and its arguments, after --',
      )
      .description('prove an executor against the contract: exit code 0 when it conforms, 1 when not'),
  )
    .option('--deadline <time>', 'longest evaluation', '10 min')
    .option(
      '--crystals <file>',
      'crystals that it can evaluate (CIF, POSCAR, extxyz, …) instead of the usual ones',
    )
    .option('--properties <names...>', 'ask for these properties only')
    .option('--json', 'one JSON object a finding')
    .action(test);
}

function withRunOptions(command: Command): Command {
  return command
    .option('--serve', 'keep one process for many evaluations, with what it has loaded')
    .option('--memory <size>', 'memory that it may take, as in "8 GiB"')
    .option('--disk <size>', 'disk that one evaluation may take, as in "10 GiB"')
    .option('--settings <yaml>', 'settings for it, as in "{cutoffEv: 500}"', '{}');
}

async function add(
  name: string,
  command: string[],
  options: RunOptions & { replace?: boolean },
): Promise<void> {
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(name) || (EXECUTORS as readonly string[]).includes(name)) {
    throw new CommandError(
      `'${name}' cannot be its name: give 1 to 41 lower-case letters, digits and dashes, and none of ${EXECUTORS.join(', ')}`,
      EXIT.badInput,
    );
  }
  const { home } = resolveConfig(process.env);
  const registered = await readRegistered(home);
  if (name in registered && !options.replace) {
    throw new CommandError(
      `there is an executor '${name}' already; give --replace, or another name`,
      EXIT.refused,
    );
  }
  const entry = await commandEntry(command, options);
  const spec = specOf(entry);
  const description = await describe(spec);
  await writeRegistered(home, { ...registered, [name]: { ...entry, description } });
  process.stdout.write(
    `${name}: ${descriptionText(description)}\nadded to ${registeredFile(home)}; prove it with 'assayer executor test ${name}', then write 'executor: { name: ${name} }' in a spec\n`,
  );
}

async function list({ json }: { json?: boolean }): Promise<void> {
  const registered = await readRegistered(resolveConfig(process.env).home);
  if (json) return void process.stdout.write(`${JSON.stringify(registered)}\n`);
  const width = Math.max(...[...EXECUTORS, ...Object.keys(registered)].map((name) => name.length));
  const builtIn: Readonly<Record<(typeof EXECUTORS)[number], string>> = {
    emt: `effective medium theory; ${descriptionText(await describeExecutor(specOfName('emt')))}`,
    table: 'a CSV of labels with structures',
    command: 'any program that is named in the spec',
  };
  for (const [name, text] of Object.entries(builtIn)) {
    process.stdout.write(`${name.padEnd(width)}  ${text}\n`);
  }
  for (const [name, { description, command }] of Object.entries(registered)) {
    process.stdout.write(
      `${name.padEnd(width)}  ${descriptionText(description)}\n${' '.repeat(width)}  ${command.join(' ')}\n`,
    );
  }
}

async function remove(name: string): Promise<void> {
  const { home } = resolveConfig(process.env);
  const { [name]: entry, ...rest } = await readRegistered(home);
  if (!entry) throw unknownExecutor(name, rest);
  await writeRegistered(home, rest);
  process.stdout.write(`${name} is forgotten; campaigns that use it go on\n`);
}

interface TestOptions extends RunOptions {
  readonly deadline: string;
  readonly crystals?: string;
  readonly properties?: string[];
  readonly json?: boolean;
}

async function test(words: string[], options: TestOptions): Promise<void> {
  const spec = await specToTest(words, options);
  // Loaded here, so that every other command starts without it.
  const { conforms } = await import('../executors/conformance/suite.ts');
  const crystals = options.crystals
    ? readCrystals(await readFile(options.crystals, 'utf8'), { fileName: options.crystals })
    : null;
  const folder = await mkdtemp(join(tmpdir(), 'assayer-conformance-'));
  const counts = { passed: 0, warned: 0, failed: 0, skipped: 0 };
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  let good = false;
  try {
    good = await conforms(spec, {
      folder,
      crystals,
      properties: options.properties ?? null,
      onStart: (description) =>
        say(options.json ? JSON.stringify({ description }) : descriptionText(description)),
      onFinding: (finding) => {
        counts[finding.verdict] += 1;
        say(options.json ? JSON.stringify(finding) : findingText(finding));
      },
    });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new CommandError(error instanceof Error ? error.message : String(error), EXIT.unreachable);
  }
  if (good) await rm(folder, { recursive: true, force: true });
  const { passed, warned, failed } = counts;
  const verdict = good
    ? `conforms: ${passed} checks passed${warned > 0 ? `, ${warned} with advice` : ''}`
    : `does not conform: ${failed} of ${passed + warned + failed} checks failed; its folders are kept in ${folder}`;
  if (options.json) say(JSON.stringify({ conforms: good, ...counts, folder: good ? null : folder }));
  else say(good ? pc.green(verdict) : pc.red(verdict));
  process.exitCode = good ? EXIT.ok : EXIT.failed;
}

/** A name that is known, or a program to run. */
async function specToTest(words: string[], options: TestOptions): Promise<ExecutorSpec> {
  const registered = await readRegistered(resolveConfig(process.env).home);
  const [name = ''] = words;
  const settings = settingsOf(options);
  const { deadline } = options;
  if (words.length === 1 && (name === 'emt' || name === 'table'))
    return specOfName(name, { settings, deadline });
  const entry = words.length === 1 ? registered[name] : undefined;
  if (entry) return specOf({ ...entry, settings: { ...entry.settings, ...settings } }, { deadline });
  if (words.length === 1 && !name.includes('/')) throw unknownExecutor(name, registered);
  return specOf(await commandEntry(words, options), { deadline });
}

async function commandEntry(
  command: readonly string[],
  options: RunOptions,
): Promise<Omit<RegisteredExecutor, 'description'>> {
  const { serve = false, memory, disk } = options;
  return {
    command: await absoluteCommand(command, resolve('.')),
    serve,
    limits: { ...(memory === undefined ? {} : { memory }), ...(disk === undefined ? {} : { disk }) },
    settings: settingsOf(options),
  };
}

function specOf(
  { command, serve, limits, settings }: Omit<RegisteredExecutor, 'description'>,
  more: { readonly deadline?: string } = {},
): ExecutorSpec {
  return specOfName('command', { command, serve, limits, settings, ...more });
}

function specOfName(name: string, fields: object = {}): ExecutorSpec {
  const input = { name, ...fields };
  const parsed = executorSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new CommandError(describeIssues(parsed.error.issues, input).join('; '), EXIT.badInput);
}

function settingsOf({ settings }: RunOptions): Record<string, unknown> {
  const parsed = z.record(z.string(), z.unknown()).safeParse(parse(settings));
  if (parsed.success) return parsed.data;
  throw new CommandError(`--settings: '${settings}' is no object; write "{name: value}"`, EXIT.badInput);
}

async function describe(spec: ExecutorSpec): Promise<ExecutorDescription> {
  return describeExecutor(spec).catch((error: Error) => {
    throw new CommandError(error.message, EXIT.failed);
  });
}

function unknownExecutor(name: string, registered: RegisteredExecutors): CommandError {
  const known = Object.keys(registered);
  return new CommandError(
    `there is no executor '${name}'; ${known.length > 0 ? `registered are: ${known.join(', ')}` : "none is registered: 'assayer executor add' does"}; a program is given by a path, as in ./${name}`,
    EXIT.badInput,
  );
}

function descriptionText({
  name,
  version,
  fidelity,
  properties,
  elements,
  maxAtoms,
}: ExecutorDescription): string {
  const gives = Object.entries(properties).map(([property, unit]) => `${property} in ${unit}`);
  return `${name} ${version} (fidelity ${fidelity}) gives ${gives.join(', ')}; ${elements?.join(' ') ?? 'any element'}, up to ${maxAtoms} atoms`;
}

const MARKS: Readonly<Record<Finding['verdict'], string>> = {
  passed: pc.green('✓'),
  warned: pc.yellow('!'),
  failed: pc.red('✗'),
  skipped: pc.dim('–'),
};

function findingText({ check, verdict, found, remedy }: Finding): string {
  return `${MARKS[verdict]} ${check}: ${found}${remedy === null ? '' : `\n    → ${remedy}`}`;
}
