import type { CampaignSpec } from '../campaign/spec.ts';
import { labelCount } from '../campaign/state.ts';
import type { CampaignState } from '../campaign/state.ts';

/** The campaign's story in markdown, as the Temporal UI shows it. */
export function describeState(spec: CampaignSpec, state: CampaignState): string {
  const { labels, assessment, model, budget } = state;
  const { discoveries, best } = assessment;
  const figures =
    model.mae === null
      ? 'the base model, not yet judged on this campaign'
      : `held-out MAE ${model.mae.toPrecision(3)} (${model.target}), 90 % interval covers ${percent(model.coverage90)}`;
  const rows = [
    ['phase', state.phaseReason ? `${state.phase}: ${state.phaseReason}` : state.phase],
    [
      'labels',
      `${labelCount(state)} of ${budget.labels} (model ${labels.model}, control ${labels.control}; references ${labels.reference})`,
    ],
    [
      'discoveries',
      `${discoveries.distinct} (model arm ${discoveries.model}, control arm ${discoveries.control})`,
    ],
    ['best', best ? `${best.formula}, ${best.distance.toPrecision(3)} from the objective` : 'none yet'],
    ['model', `v${model.version}: ${figures}`],
    ['generator', `v${state.generator.version}`],
    [
      'learning',
      state.learning ? `round ${state.learningRound} under way` : `${state.learningRound} rounds so far`,
    ],
    [
      'in flight',
      state.inFlight.flatMap((ticket) => ticket.members.map((member) => member.formula)).join(', ') ||
        'nothing',
    ],
    ['failed, rejected', `${state.failed}, ${state.rejected}`],
    ['spent', `${state.spentCoreSeconds.toFixed(1)} core-seconds`],
  ];
  const table = rows.map(([name, value]) => `| **${name}** | ${value} |`).join('\n');
  return `### ${spec.question || spec.name}\n\n| | |\n| --- | --- |\n${table}`;
}

function percent(share: number | null): string {
  return share === null ? 'unknown' : `${(100 * share).toFixed(0)} %`;
}
