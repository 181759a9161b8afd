import { judgeLabels, summariseJudgements } from '../campaign/objective.ts';
import type { EvaluationOutcome } from '../campaign/state.ts';
import { exportResults } from './export.ts';
import type { Context } from './context.ts';
import { openCampaign } from './context.ts';
import type { CampaignActivities } from './contract.ts';
import { failureFact } from './evaluation-facts.ts';
import { prepareCampaign } from './prepare.ts';

export function createCampaignActivities(context: Context): CampaignActivities {
  return {
    prepare: ({ campaign }) => prepareCampaign(context, campaign),

    async assess({ campaign: name }) {
      const { campaign, facts } = await openCampaign(context, name);
      const labels = await facts.listLabels();
      return summariseJudgements(labels, judgeLabels(campaign.spec.objective, labels));
    },

    async recordFailures({ campaign: name, members, reason }) {
      const { campaign, facts } = await openCampaign(context, name);
      const at = context.now().toISOString();
      const outcomes: EvaluationOutcome[] = [];
      for (const member of members) {
        // The evaluation may have been recorded before its worker was lost: then that is what happened.
        const known = await facts.getEvaluation(member.key);
        if (!known) await facts.addEvaluation(failureFact({ member, spec: campaign.spec, reason, at }), null);
        outcomes.push({
          key: member.key,
          arm: member.arm,
          status: known?.status ?? 'failed',
          reason: known ? known.reason : reason,
          coreSeconds: known?.coreSeconds ?? 0,
        });
      }
      return outcomes;
    },

    async recordDecision({ campaign: name, id, kind, by, reason }) {
      const { facts } = await openCampaign(context, name);
      await facts.addDecision({ _id: id, kind, by, reason, createdAt: context.now().toISOString() });
    },

    async exportResults({ campaign: name, folder }) {
      const { campaign, facts } = await openCampaign(context, name);
      try {
        const written = await exportResults(await facts.readRecord(campaign), folder, context.now());
        return `${written} files in ${folder}`;
      } catch (error) {
        // All facts are in the store, so a full disk costs no result: they can be written again elsewhere.
        const cause = error instanceof Error ? error.message : String(error);
        return `The results could not be written to ${folder} (${cause}). Nothing is lost: make room, then run 'assayer results ${name}', or give another folder with --to.`;
      }
    },
  };
}
