import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { atomicNumberOf } from '../crystal/chemistry/elements.ts';
import { specSchema } from './spec.ts';
import type { CampaignSpec } from './spec.ts';

/** A spec that cannot be run: every problem, each with path, value, what is allowed and what to do. */
export class SpecError extends Error {
  override name = 'SpecError';
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[]) {
    super(`${source} cannot be run:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/** Fields that a command line may set instead of the file. */
export interface SpecOverrides {
  readonly name?: string;
  readonly seed?: number;
}

/** Executors that a spec may name, each with the fields of a command as a spec would write them. */
export type NamedExecutors = Readonly<
  Record<string, Readonly<Record<'command' | 'serve' | 'limits' | 'settings', unknown>>>
>;

/**
 * Reads a spec from YAML.
 * @param source name of the file, for errors
 * @throws SpecError listing every problem found
 */
export function parseSpec(
  yaml: string,
  source: string,
  { executors = {}, ...overrides }: SpecOverrides & { readonly executors?: NamedExecutors } = {},
): CampaignSpec {
  const document = parseDocument(yaml, { prettyErrors: true });
  const [syntax] = document.errors;
  if (syntax) throw new SpecError(source, [`not valid YAML: ${syntax.message.split('\n')[0]}`]);
  const written: unknown = document.toJS();
  const input: unknown = isObject(written)
    ? { ...written, ...overrides, ...namedExecutor(written, executors) }
    : written;
  const parsed = specSchema.safeParse(input);
  if (!parsed.success) throw new SpecError(source, describeIssues(parsed.error.issues, input));
  const problems = inconsistencies(parsed.data);
  if (problems.length > 0) throw new SpecError(source, problems);
  return parsed.data;
}

/** A name stands for a command; what the spec says beside it goes first. */
function namedExecutor({ executor }: Record<string, unknown>, executors: NamedExecutors): object {
  if (!isObject(executor) || typeof executor['name'] !== 'string') return {};
  const named = executors[executor['name']];
  if (!named) return {};
  const { command, serve, limits, settings } = named;
  const merged = (field: string, base: unknown) => ({
    ...(isObject(base) ? base : {}),
    ...(isObject(executor[field]) ? executor[field] : {}),
  });
  return {
    executor: {
      serve,
      ...executor,
      name: 'command',
      command,
      limits: merged('limits', limits),
      settings: merged('settings', settings),
    },
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object';
}

/** One sentence an issue: where, what was given, what is allowed. */
export function describeIssues(issues: readonly z.core.$ZodIssue[], input: unknown): string[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.') || 'the spec';
    const given = valueAt(input, issue.path);
    switch (issue.code) {
      case 'unrecognized_keys': {
        const where = issue.path.length === 0 ? '' : `${path}.`;
        return issue.keys.map(
          (key) =>
            `${where}${key}: there is no such field; remove it, or check its spelling against 'assayer run --help'`,
        );
      }
      case 'invalid_union':
        if (issue.discriminator !== undefined) return [`${path}: ${allowedAt(path)}, given ${show(given)}`];
        return [`${path}: ${issue.message}, given ${show(given)}`];
      case 'invalid_value':
        return [`${path}: is ${show(given)}; allowed: ${issue.values.map(String).join(', ')}`];
      case 'too_small':
        return [`${path}: is ${show(given)}; the least allowed is ${issue.minimum}`];
      case 'too_big':
        return [`${path}: is ${show(given)}; the most allowed is ${issue.maximum}`];
      case 'invalid_type':
        return [
          given === undefined
            ? `${path}: is missing; give a value of type ${issue.expected}`
            : `${path}: is ${show(given)}; give a value of type ${issue.expected}`,
        ];
      default:
        return [`${path}: ${given === undefined ? '' : `${show(given)} `}${issue.message}`];
    }
  });
}

const DISCRIMINATORS: Readonly<Record<string, string>> = {
  'objective.kind': 'must be hull or windows',
  'executor.name':
    "must be the name of an executor: emt, table, command, or one that 'assayer executor list' shows",
};

function allowedAt(path: string): string {
  return DISCRIMINATORS[path] ?? 'is none of the allowed kinds';
}

function inconsistencies({ space, arms, budget, generators, executor }: CampaignSpec): string[] {
  const problems: string[] = [];
  for (const [index, symbol] of space.elements.entries()) {
    if (!isElement(symbol)) {
      problems.push(
        `space.elements.${index}: '${symbol}' is not a chemical element; write symbols such as Cu`,
      );
    }
  }
  const repeated = space.elements.filter((symbol, index) => space.elements.indexOf(symbol) !== index);
  if (repeated.length > 0)
    problems.push(`space.elements: ${repeated.join(', ')} stands there twice; name each once`);
  const { min } = space.elementsPerCrystal;
  if (min > space.elements.length) {
    problems.push(
      `space.elementsPerCrystal.min: is ${min}, but space.elements names only ${space.elements.length}`,
    );
  }
  if (min > space.atoms.max) {
    problems.push(`space.atoms.max: is ${space.atoms.max}, too few for crystals of at least ${min} elements`);
  }
  if (arms.control > 0 && budget.labels < 1 / arms.control) {
    problems.push(
      `budget.labels: is ${budget.labels}, so that the control arm's ${100 * arms.control} % is not even one label; give at least ${Math.ceil(1 / arms.control)}, or set arms.control to 0 %`,
    );
  }
  if (generators.includes('table') && executor.name !== 'table') {
    problems.push(
      `generators: 'table' proposes the rows of a table, but the executor is ${executor.name}; use executor table`,
    );
  }
  return problems;
}

function isElement(symbol: string): boolean {
  try {
    atomicNumberOf(symbol);
    return true;
  } catch {
    return false;
  }
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}
