import type { CampaignSpec } from '../campaign/spec.ts';
import type { CampaignState } from '../campaign/state.ts';
import type { CampaignStatus } from '../campaign/status.ts';
import { stateQuery } from '../workflows/messages.ts';
import { CommandError, EXIT } from './exit-code.ts';
import { ask, campaignHandle } from './session.ts';
import type { Session } from './session.ts';

/** Asks the campaign's workflow, running or ended, for its state. Null while it is still being prepared. */
export async function readState(session: Session, name: string): Promise<CampaignState | null> {
  try {
    return await ask(name, () => campaignHandle(session, name).query(stateQuery));
  } catch (error) {
    if (error instanceof Error && error.message.includes('still being prepared')) return null;
    throw error;
  }
}

/** Everything that `status` and the live view show of a campaign. */
export async function readStatus(session: Session, name: string): Promise<CampaignStatus> {
  const fact = await session.store.getCampaign(name);
  if (!fact) {
    throw new CommandError(
      `there is no campaign '${name}'; 'assayer list' shows those there are`,
      EXIT.refused,
    );
  }
  const state = await readState(session, name);
  return describe({
    spec: fact.spec,
    state,
    startedAt: fact.createdAt,
    temporalUiUrl: campaignUrl(session, name),
  });
}

export function campaignUrl({ endpoints }: Session, name: string): string {
  const { uiUrl, namespace, address } = endpoints.temporal;
  if (uiUrl === null) return `the UI of ${address}, namespace ${namespace}, workflow campaign/${name}`;
  return `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(`campaign/${name}`)}`;
}

interface Sources {
  readonly spec: CampaignSpec;
  readonly state: CampaignState | null;
  readonly startedAt: string;
  readonly temporalUiUrl: string;
}

function describe({ spec, state, startedAt, temporalUiUrl }: Sources): CampaignStatus {
  const unit = distanceUnit(spec);
  const { model } = state ?? {};
  return {
    name: spec.name,
    question: spec.question,
    phase: phaseOf(state),
    phaseDetail: state?.phaseReason ?? '',
    labels: {
      ...(state?.labels ?? { model: 0, control: 0, reference: 0 }),
      budget: state?.budget.labels ?? spec.budget.labels,
    },
    failed: state?.failed ?? 0,
    rejected: state?.rejected ?? 0,
    discoveries: state?.assessment.discoveries ?? { model: 0, control: 0 },
    best: state?.assessment.best ? { ...state.assessment.best, unit } : null,
    model:
      model && model.target !== null && model.mae !== null
        ? {
            version: model.version,
            target: model.target,
            mae: model.mae,
            unit,
            coverage90: model.coverage90 ?? Number.NaN,
            miscalibrationArea: model.miscalibrationArea ?? Number.NaN,
          }
        : null,
    generatorVersion: state?.generator.version ?? 0,
    learning: state?.learning ? { round: state.learningRound, detail: '' } : null,
    queueLength: state?.queue.length ?? 0,
    inFlight: (state?.inFlight ?? []).flatMap((ticket) =>
      ticket.members.map(({ formula, arm }) => ({ formula, arm, startedAt: ticket.startedAt })),
    ),
    spentCoreSeconds: state?.spentCoreSeconds ?? 0,
    startedAt,
    updatedAt: new Date().toISOString(),
    temporalUiUrl,
    stopReason: state?.phase === 'finished' ? state.phaseReason : null,
  };
}

function phaseOf(state: CampaignState | null): CampaignStatus['phase'] {
  if (!state) return 'starting';
  if (state.phase === 'running' && state.awaitingApproval.length > 0) return 'awaiting-approval';
  return state.phase;
}

function distanceUnit({ objective }: CampaignSpec): string {
  if (objective.kind === 'hull') return 'eV/atom';
  const [window] = Object.values(objective.properties);
  return (window?.min ?? window?.max)?.unit ?? '';
}
