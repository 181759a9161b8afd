import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import type { Command } from 'commander';
import { labelCount } from '../campaign/state.ts';
import type { CampaignSpec } from '../campaign/spec.ts';
import { canonicalJson, sha256 } from '../executors/key.ts';
import { campaign } from '../workflows/index.ts';
import { searchAttributes } from '../workflows/messages.ts';
import { CAMPAIGN_QUEUE, campaignWorkflowId } from '../workflows/naming.ts';
import { readState } from './campaign-status.ts';
import { CommandError, EXIT } from './exit-code.ts';
import { loadSpec } from './load-spec.ts';
import { withSession } from './session.ts';
import type { Session } from './session.ts';
import { watchCampaign } from './watch.ts';

export function addRunCommand(program: Command): void {
  program
    .command('run')
    .argument('<spec>', 'YAML file with the campaign: space, objective, generators, executor, budget')
    .description('start a campaign, or attach to it when it is there already, and watch it')
    .option('--name <name>', 'run it under another name than the spec gives')
    .option('--seed <number>', 'another seed than the spec gives', Number)
    .option('--results <folder>', 'where results and report go (default: results/NAME)')
    .option('--detach', 'return as soon as it has started')
    .option('--json', 'print one JSON object a line instead of the live view')
    .addHelpText(
      'after',
      `
A campaign goes on when this command is interrupted; 'assayer watch NAME' comes back to it.
Executors: emt (effective medium theory; Al Cu Ag Au Ni Pd Pt), table (a CSV of labels with structures).
Quantities carry units: 5 meV/atom, 60 s, 2 core-h, 10 %. See examples/ for whole specs.`,
    )
    .action(run);
}

interface RunOptions {
  readonly name?: string;
  readonly seed?: number;
  readonly results?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
}

async function run(file: string, options: RunOptions): Promise<void> {
  const spec = await loadSpec(file, process.env, {
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  });
  const resultsFolder = resolve(options.results ?? `results/${spec.name}`);
  const progress = (line: string): void => void process.stderr.write(`${line}\n`);
  await withSession({ start: true, progress }, async (session) => {
    const started = await startOrAttach(session, spec, resultsFolder);
    progress(
      started
        ? `campaign '${spec.name}' started`
        : `campaign '${spec.name}' is there already: attached to it`,
    );
    if (options.detach) return;
    await watchCampaign(session, spec.name, { json: options.json ?? false });
    const report = join(resultsFolder, 'report.html');
    if (existsSync(report)) progress(`report: ${report}`);
  });
}

/** True when the campaign was started, false when it was there. @throws CommandError when that one asks something else */
async function startOrAttach(session: Session, spec: CampaignSpec, resultsFolder: string): Promise<boolean> {
  const { client, store } = session;
  const specSha256 = sha256(canonicalJson(spec));
  const isNew = await store.addCampaign({
    _id: spec.name,
    spec,
    specSha256,
    createdAt: new Date().toISOString(),
  });
  if (!isNew) {
    const known = await store.getCampaign(spec.name);
    if (known && known.specSha256 !== specSha256) {
      throw new CommandError(
        `there is a campaign '${spec.name}' with another spec; give this one its own name with --name, or continue that one with 'assayer watch ${spec.name}'`,
        EXIT.refused,
      );
    }
  }
  // Also starts a campaign whose fact was stored by a run that died before it could start the workflow.
  const handle = await client.workflow
    .start(campaign, {
      workflowId: campaignWorkflowId(spec.name),
      taskQueue: CAMPAIGN_QUEUE,
      args: [{ spec, resultsFolder, state: null }],
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      staticSummary: spec.question.slice(0, 190) || spec.name,
      typedSearchAttributes: [{ key: searchAttributes.campaign, value: spec.name }],
    })
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError') return null;
      throw error;
    });
  if (!handle) {
    const state = await readState(session, spec.name);
    const outcome = state ? ` after ${labelCount(state)} labels: ${state.phaseReason}` : '';
    process.stderr.write(`campaign '${spec.name}' has ended${outcome}\n`);
  }
  return isNew;
}
