import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { CampaignState } from '../campaign/state.ts';
import {
  approveUpdate,
  concurrencyUpdate,
  declineUpdate,
  extendUpdate,
  pauseUpdate,
  resumeUpdate,
  stopUpdate,
} from '../workflows/messages.ts';
import { readState } from './campaign-status.ts';
import { CommandError, EXIT } from './exit-code.ts';
import { ask, campaignHandle, withSession } from './session.ts';
import type { Session } from './session.ts';

/** The commands that tell a running campaign something: each is one update, checked by the campaign before it counts. */
export function addControlCommands(program: Command): void {
  const reason = ['--reason <text>', 'kept with the decision', `by ${userInfo().username}`] as const;

  control(program, 'pause', 'start no more evaluations until it is resumed; those under way end')
    .option(...reason)
    .action((name: string, options: { reason: string }) =>
      tell(name, (handle) => handle.executeUpdate(pauseUpdate, { args: [{ reason: options.reason }] })),
    );
  control(program, 'resume', 'go on with a paused campaign')
    .option('--slots <number>', 'from now on run so many evaluations at once', Number)
    .action((name: string, { slots }: { slots?: number }) =>
      tell(name, async (handle) => {
        if (slots !== undefined) await handle.executeUpdate(concurrencyUpdate, { args: [{ slots }] });
        return handle.executeUpdate(resumeUpdate);
      }),
    );
  control(program, 'stop', 'end a campaign: evaluations under way end, results and report are written')
    .option(...reason)
    .action((name: string, options: { reason: string }) =>
      tell(name, (handle) => handle.executeUpdate(stopUpdate, { args: [{ reason: options.reason }] })),
    );
  control(program, 'extend', 'add labels to the budget of a campaign that has not ended')
    .requiredOption('--labels <number>', 'how many more', Number)
    .action((name: string, { labels }: { labels: number }) =>
      tell(name, (handle) => handle.executeUpdate(extendUpdate, { args: [{ labels }] })),
    );
  control(program, 'approve', 'approve proposed candidates, for a campaign with approval: every-proposal')
    .option('--only <keys...>', 'approve these evaluation keys only (8 characters are enough)')
    .option('--decline', 'decline them instead')
    .option('--list', 'show what waits, change nothing')
    .action(approve);
}

function control(program: Command, name: string, description: string): Command {
  return program.command(name).argument('<name>', 'name of the campaign').description(description);
}

type Handle = ReturnType<typeof campaignHandle>;

async function tell(name: string, update: (handle: Handle) => Promise<CampaignState>): Promise<void> {
  await withSession({ start: true }, async (session) => {
    const state = await ask(name, () => update(campaignHandle(session, name)));
    const why = state.phaseReason ? ` (${state.phaseReason})` : '';
    process.stdout.write(`${name}: ${state.phase}${why}, budget ${state.budget.labels} labels\n`);
  });
}

async function approve(
  name: string,
  options: { only?: string[]; decline?: boolean; list?: boolean },
): Promise<void> {
  await withSession({ start: true }, async (session) => {
    const keys = await keysAwaiting(session, name, options.only);
    if (options.list) {
      for (const { key, formula, arm, acquisition } of keys) {
        process.stdout.write(
          `${key.slice(0, 8)}  ${formula.padEnd(16)} ${arm.padEnd(8)} ${acquisition.toPrecision(3)}\n`,
        );
      }
      return;
    }
    const args = [{ keys: keys.map(({ key }) => key) }] as const;
    const update = options.decline ? declineUpdate : approveUpdate;
    await ask(name, () => campaignHandle(session, name).executeUpdate(update, { args: [...args] }));
    process.stdout.write(`${name}: ${options.decline ? 'declined' : 'approved'} ${keys.length} candidates\n`);
  });
}

async function keysAwaiting(session: Session, name: string, only: string[] | undefined) {
  const state = await readState(session, name);
  const waiting = state?.awaitingApproval ?? [];
  const unknown = only?.filter((prefix) => !waiting.some(({ key }) => key.startsWith(prefix))) ?? [];
  if (unknown.length > 0) {
    throw new CommandError(
      `nothing that awaits approval begins with ${unknown.join(', ')}; 'assayer approve ${name} --list' shows what does`,
      EXIT.refused,
    );
  }
  return waiting.filter(({ key }) => only === undefined || only.some((prefix) => key.startsWith(prefix)));
}
