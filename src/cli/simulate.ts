import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Counts, acceleration, countArm } from '../campaign/figures.ts';
import { duration, fixed, significant } from '../campaign/number-text.ts';
import { judgeLabels } from '../campaign/objective.ts';
import { parseQuantity } from '../campaign/quantity.ts';
import type { CampaignSpec } from '../campaign/spec.ts';
import { startModelProcess } from '../models/process/client.ts';
import type { Simulated } from '../simulation/simulate.ts';
import { CLUSTER, type World } from '../simulation/world.ts';
import { ArtefactStore } from '../store/artefacts.ts';
import { CommandError, EXIT } from './exit-code.ts';
import { loadSpec } from './load-spec.ts';
import { BASE_CHECKPOINTS } from './shipped.ts';

export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .argument('<spec>', 'YAML file with the campaign')
    .description('run a campaign without servers, on a virtual clock, once for each seed')
    .option('--seeds <number>', 'how many', Number, 3)
    .option('--labels <number>', 'another budget than the spec gives', Number)
    .option('--evaluation <time>', 'median time of one evaluation, as in "2 h"', '1 h')
    .option('--failures <percent>', 'share of evaluations that are lost, in percent', Number, 3)
    .option('--json', 'print one JSON object a seed')
    .addHelpText(
      'after',
      `
The same decisions, models and executor as 'run', but time passes only from one event to the next and nothing is kept:
for trying a spec, and for comparing policies over many seeds.`,
    )
    .action(runSimulations);
}

interface SimulateOptions {
  readonly seeds: number;
  readonly labels?: number;
  readonly evaluation: string;
  readonly failures: number;
  readonly json?: boolean;
}

async function runSimulations(file: string, options: SimulateOptions): Promise<void> {
  const world = worldOf(options);
  requireCount('--seeds', options.seeds);
  if (options.labels !== undefined) requireCount('--labels', options.labels);
  // Loaded here, so that every other command starts without it.
  const { simulate } = await import('../simulation/simulate.ts');
  const folder = await mkdtemp(join(tmpdir(), 'assayer-simulation-'));
  const models = startModelProcess();
  const context = {
    scoring: models,
    training: models,
    artefacts: new ArtefactStore(join(folder, 'artefacts')),
    base: BASE_CHECKPOINTS,
    scratch: join(folder, 'scratch'),
  };
  const arms: Record<'model' | 'control', Counts> = {
    model: { labels: 0, discoveries: 0 },
    control: { labels: 0, discoveries: 0 },
  };
  try {
    for (let seed = 1; seed <= options.seeds; seed++) {
      const loaded = await loadSpec(file, process.env, { seed });
      const spec: CampaignSpec =
        options.labels === undefined
          ? loaded
          : { ...loaded, budget: { ...loaded.budget, labels: options.labels } };
      const simulated = await simulate(spec, context, world);
      const outcome = outcomeOf(spec, simulated);
      for (const arm of ['model', 'control'] as const) arms[arm] = sum(arms[arm], outcome[arm]);
      process.stdout.write(options.json ? `${JSON.stringify(outcome)}\n` : describe(outcome));
    }
  } finally {
    await models.close();
    await rm(folder, { recursive: true, force: true });
  }
  if (!options.json && options.seeds > 1) process.stdout.write(`all seeds: ${describeArms(arms)}\n`);
}

interface Outcome {
  readonly seed: number;
  readonly model: Counts;
  readonly control: Counts;
  readonly failed: number;
  readonly virtualSeconds: number;
  readonly end: string;
}

function outcomeOf(spec: CampaignSpec, { record, state, seconds }: Simulated): Outcome {
  const judgements = judgeLabels(spec.objective, record.labels);
  return {
    seed: spec.seed,
    model: countArm(record.labels, judgements, 'model'),
    control: countArm(record.labels, judgements, 'control'),
    failed: state.failed,
    virtualSeconds: seconds,
    end: state.phaseReason ?? 'it did not end',
  };
}

function describe({ seed, model, control, failed, virtualSeconds, end }: Outcome): string {
  return `seed ${seed}: ${describeArms({ model, control })} · ${failed} failed · ${duration(virtualSeconds)} of virtual time · ${end}\n`;
}

function describeArms({ model, control }: Record<'model' | 'control', Counts>): string {
  const found = ({ discoveries, labels }: Counts): string => `${discoveries} discoveries in ${labels}`;
  const faster = acceleration(model, control);
  const ratio =
    faster === null
      ? 'no control arm to compare with'
      : faster.value === null
        ? `over ${fixed(faster.low, 1)} times its rate (95 %)`
        : `${significant(faster.value)} times its rate (90 %: ${fixed(faster.low, 1)} to ${fixed(faster.high ?? Infinity, 1)})`;
  return `model arm ${found(model)} labels, control arm ${found(control)}, ${ratio}`;
}

function sum(l: Counts, r: Counts): Counts {
  return { labels: l.labels + r.labels, discoveries: l.discoveries + r.discoveries };
}

function worldOf({ evaluation, failures }: SimulateOptions): World {
  const median = parseQuantity(evaluation);
  if (typeof median === 'string') throw new CommandError(`--evaluation: ${median}`, EXIT.badInput);
  if (median.unit !== 's' || !(median.value > 0)) {
    const advice = "give a time above zero, as in '2 h'";
    throw new CommandError(`--evaluation: '${evaluation}' is no such time; ${advice}`, EXIT.badInput);
  }
  if (!(failures >= 0 && failures < 100))
    throw new CommandError(
      `--failures: ${failures} is no share; give a percentage from 0 to below 100`,
      EXIT.badInput,
    );
  return { ...CLUSTER, evaluationMedianSeconds: median.value, failureShare: failures / 100 };
}

function requireCount(option: string, value: number): void {
  if (!(Number.isInteger(value) && value > 0))
    throw new CommandError(`${option}: ${value} is no positive whole number`, EXIT.badInput);
}
