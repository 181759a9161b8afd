import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { resolveConfig } from '../../infra/stack/config.ts';
import { wantedProperties } from '../campaign/objective.ts';
import { SpecError, describeIssues, parseSpec } from '../campaign/parse-spec.ts';
import type { SpecOverrides } from '../campaign/parse-spec.ts';
import type { CampaignSpec } from '../campaign/spec.ts';
import type { ExecutorDescription } from '../executors/contract.ts';
import { readRegistered } from '../executors/registered.ts';
import { absoluteCommand } from '../executors/command/command-line.ts';
import { type ExecutorSpec, createExecutor, describeExecutor } from '../executors/registry.ts';

/**
 * Reads a spec file and checks everything that can be checked before a campaign starts, its executor included.
 * Settings that are paths are taken from the spec's own folder; `${ASSAYER_DATA}` stands for the data folder.
 * @throws SpecError listing every problem
 */
export async function loadSpec(
  file: string,
  environment: NodeJS.ProcessEnv,
  overrides: SpecOverrides = {},
): Promise<CampaignSpec> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SpecError(file, [
      `cannot be read (${error.code ?? error.message}); give the path of a YAML file`,
    ]);
  });
  const dataFolder = environment['ASSAYER_DATA'] ?? '../shared/data';
  const expanded = text.replaceAll('${ASSAYER_DATA}', resolve(dataFolder));
  const parsed = parseSpec(expanded, file, {
    ...overrides,
    executors: await readRegistered(resolveConfig(environment).home),
  });
  const executor = await withAbsolutePaths(parsed.executor, dirname(resolve(file)));

  const description = await checkExecutor(executor, file);
  const problems = misfits(parsed, description);
  if (problems.length > 0) throw new SpecError(file, problems);
  // What a program is, is written down: no machine has to ask it again, and another version is noticed.
  return { ...parsed, executor: executor.name === 'command' ? { ...executor, description } : executor };
}

async function withAbsolutePaths(executor: ExecutorSpec, folder: string): Promise<ExecutorSpec> {
  if (executor.name === 'command') {
    return { ...executor, command: await absoluteCommand(executor.command, folder) };
  }
  if (executor.name !== 'table') return executor;
  const absolute = (value: unknown) => (typeof value === 'string' ? resolve(folder, value) : value);
  const { files, prototype, ...rest } = executor.settings;
  const settings = {
    ...rest,
    ...(files === undefined ? {} : { files: Array.isArray(files) ? files.map(absolute) : files }),
    ...(prototype === undefined ? {} : { prototype: absolute(prototype) }),
  };
  return { ...executor, settings };
}

/** Asks a command what it is, and makes any other executor, which reads all that it needs. */
async function checkExecutor(executor: ExecutorSpec, file: string): Promise<ExecutorDescription> {
  if (executor.name === 'command') {
    return describeExecutor(executor).catch((error: Error) => {
      throw new SpecError(file, [`executor.command: ${error.message}`]);
    });
  }
  try {
    return (await createExecutor(executor, '')).description;
  } catch (error) {
    if (error instanceof z.ZodError) {
      const problems = describeIssues(error.issues, executor.settings);
      throw new SpecError(
        file,
        problems.map((problem) => `executor.settings.${problem}`),
      );
    }
    throw new SpecError(file, [
      `executor.settings: ${error instanceof Error ? error.message : String(error)}`,
    ]);
  }
}

function misfits(
  { space, objective, executor: { slots } }: CampaignSpec,
  executor: ExecutorDescription,
): string[] {
  const problems: string[] = [];
  const { elements, properties } = executor;
  const strange = elements === null ? [] : space.elements.filter((symbol) => !elements.includes(symbol));
  if (strange.length > 0) {
    problems.push(
      `space.elements: ${executor.name} cannot evaluate ${strange.join(', ')}; it can: ${elements?.join(', ')}`,
    );
  }
  if (space.atoms.max > executor.maxAtoms) {
    problems.push(
      `space.atoms.max: is ${space.atoms.max}, but ${executor.name} takes at most ${executor.maxAtoms} atoms`,
    );
  }
  if (executor.concurrency !== null && slots > executor.concurrency) {
    problems.push(
      `executor.slots: is ${slots}, but ${executor.name} allows at most ${executor.concurrency} evaluations at once`,
    );
  }
  for (const [property, unit] of Object.entries(wantedProperties(objective))) {
    const given = properties[property];
    if (given === undefined) {
      problems.push(
        `objective: needs ${property}, which ${executor.name} does not give; it gives: ${Object.keys(properties).join(', ')}`,
      );
    } else if (given !== unit) {
      problems.push(`objective: wants ${property} in ${unit}, but ${executor.name} gives it in ${given}`);
    }
  }
  return problems;
}
