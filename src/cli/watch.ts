import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { CampaignStatus } from '../campaign/status.ts';
import { readStatus } from './campaign-status.ts';
import { withSession } from './session.ts';
import type { Session } from './session.ts';
import { renderView } from './view.ts';

export function addWatchCommand(program: Command): void {
  program
    .command('watch')
    .argument('<name>', 'name of the campaign')
    .description('watch a campaign until it ends; Ctrl-C leaves it running')
    .option('--json', 'print one JSON object a line instead of the live view')
    .action(async (name: string, { json }: { json?: boolean }) => {
      await withSession({ start: true }, (session) => watchCampaign(session, name, { json: json ?? false }));
    });
}

const REFRESH_MS = 1000;

/** Repaints the view until the campaign ends or a person presses Ctrl-C; the campaign does not notice either way. */
export async function watchCampaign(
  session: Session,
  name: string,
  { json }: { json: boolean },
): Promise<void> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  const show = json ? printLines() : paintView();
  try {
    for (;;) {
      const status = await readStatus(session, name).catch((error: unknown) => {
        if (isTransient(error)) return null;
        throw error;
      });
      if (status) show(status);
      if (status?.phase === 'finished' || interrupted.signal.aborted) break;
      await sleep(REFRESH_MS, undefined, { signal: interrupted.signal }).catch(() => undefined);
      if (interrupted.signal.aborted) break;
    }
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
  if (interrupted.signal.aborted) {
    process.stderr.write(`\nThe campaign goes on. Come back with: assayer watch ${name}\n`);
  }
}

/** A server that is being brought back, or a worker that is not there to answer the query yet. */
function isTransient(error: unknown): boolean {
  const name = error instanceof Error ? error.name : '';
  return [
    'ServiceError',
    'QueryNotRegisteredError',
    'QueryRejectedError',
    'MongoNetworkError',
    'MongoServerSelectionError',
  ].includes(name);
}

function printLines(): (status: CampaignStatus) => void {
  let last = '';
  return (status) => {
    const line = JSON.stringify({ ...status, updatedAt: null });
    if (line !== last) process.stdout.write(`${JSON.stringify(status)}\n`);
    last = line;
  };
}

/** On a terminal the view is repainted in place; elsewhere a line is printed whenever the label count changes. */
function paintView(): (status: CampaignStatus) => void {
  if (!process.stdout.isTTY) {
    let last = '';
    return ({ name, phase, phaseDetail, labels, discoveries, model }) => {
      const version = model
        ? `model v${model.version}, held-out MAE ${model.mae.toPrecision(3)} ${model.unit}`
        : 'base model';
      const line = `${name}: ${phase}${phaseDetail ? ` (${phaseDetail})` : ''}, ${labels.model + labels.control} of ${labels.budget} labels, discoveries model ${discoveries.model} control ${discoveries.control}, ${version}`;
      if (line !== last) process.stdout.write(`${line}\n`);
      last = line;
    };
  }
  let painted = 0;
  return (status) => {
    const text = renderView(status, {
      // A terminal that does not tell its width says 0.
      columns: process.stdout.columns || 100,
      now: Date.now(),
      color: process.env['NO_COLOR'] === undefined,
    });
    const up = painted > 0 ? `\u001b[${painted}A\u001b[J` : '';
    process.stdout.write(`${up}${text}\n`);
    painted = text.split('\n').length;
  };
}
