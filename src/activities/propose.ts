import type { CandidateFact, LabelFact, PredictedValue, PredictionFact } from '../campaign/facts.ts';
import { hullOfLabels, learningTargets } from '../campaign/objective.ts';
import type { Objective } from '../campaign/spec.ts';
import type { QueuedCandidate } from '../campaign/state.ts';
import { elementCounts, reducedFormula } from '../crystal/chemistry/composition.ts';
import { random } from '../crystal/random.ts';
import { describeExecutor } from '../executors/registry.ts';
import { evaluationKey } from '../executors/key.ts';
import type { Scores } from '../models/service.ts';
import { hullWorth, probabilityInside } from '../selection/acquisition.ts';
import { select } from '../selection/select.ts';
import { candidateIdOf } from './candidates.ts';
import { checkpointOf } from './checkpoints.ts';
import type { ModelContext } from './context.ts';
import { openCampaign } from './context.ts';
import type { ProposeInput } from './contract.ts';
import { generateProposals } from './generate.ts';
import type { Proposal } from './generate.ts';

/** Generate → filter → deduplicate → score → select: one round of it, deterministic by spec, seed and labels. */
export async function propose(context: ModelContext, input: ProposeInput): Promise<QueuedCandidate[]> {
  const { campaign, facts } = await openCampaign(context, input.campaign);
  const { spec } = campaign;
  const labels = await facts.listLabels();
  const known = new Set([...(await facts.listEvaluatedCandidateIds()), ...input.pendingCandidateIds]);

  const generator = {
    version: input.generatorVersion,
    checkpoint: await checkpointOf(context, facts, { kind: 'generator', version: input.generatorVersion }),
  };
  const made = await generateProposals(
    { spec, proposal: input.proposal, generator, wanted: input.count },
    context.scoring,
  );
  const proposals = made.filter((proposal) => !known.has(candidateIdOf(proposal.identity)));
  if (proposals.length === 0) return [];

  const checkpoint = await checkpointOf(context, facts, { kind: 'surrogate', version: input.modelVersion });
  const scores = await context.scoring.score({
    checkpoint,
    crystals: proposals.map(({ crystal }) => crystal),
  });
  const knowsTargets = learningTargets(spec.objective).every((target) => scores.targets.includes(target));
  const acquisition = knowsTargets
    ? rate(spec.objective, labels, { proposals, scores })
    : proposals.map(() => 0);
  const chosen = select(
    {
      acquisition,
      embedding: { values: scores.embedding, width: scores.embeddingWidth },
      counts: { model: input.count, control: Math.ceil(2 * input.count * spec.arms.control) },
    },
    random(spec.seed, 'select', input.proposal),
  );

  const description = await describeExecutor(spec.executor);
  const createdAt = context.now().toISOString();
  const candidates: CandidateFact[] = [];
  const predictions: PredictionFact[] = [];
  const queued: QueuedCandidate[] = [];
  for (const [rank, { index, arm }] of chosen.entries()) {
    const proposal = proposals[index] as Proposal;
    const candidateId = candidateIdOf(proposal.identity);
    const formula = reducedFormula(proposal.crystal);
    const { modelVersion } = input;
    candidates.push({ _id: candidateId, formula, proposal: input.proposal, createdAt, ...proposal });
    predictions.push({
      _id: `${candidateId}/${modelVersion}`,
      candidateId,
      modelVersion,
      values: predictedValues(scores, index),
      ...domainDistanceOf(scores, index),
      acquisition: acquisition[index] as number,
      rank,
      createdAt,
    });
    queued.push({
      candidateId,
      key: evaluationKey(proposal.identity, description, spec.executor.settings),
      formula,
      arm,
      modelVersion,
      acquisition: acquisition[index] as number,
    });
  }
  await facts.addCandidates(candidates, predictions);
  return queued;
}

/** The acquisition of each proposal under the objective. */
function rate(
  objective: Objective,
  labels: readonly LabelFact[],
  { proposals, scores }: { proposals: readonly Proposal[]; scores: Scores },
): number[] {
  const belief = (index: number, target: string) => {
    const at = index * scores.targets.length + scores.targets.indexOf(target);
    return { mean: scores.mean[at] as number, sigma: scores.sigma[at] as number };
  };
  const [target] = learningTargets(objective);
  if (objective.kind === 'hull' && target) {
    const hull = hullOfLabels(labels);
    return proposals.map(({ crystal }, index) => {
      const composition = elementCounts(crystal);
      const hullEv = hull.formationEnergyEvPerAtom(composition, hull.hullEnergyEvPerAtom(composition));
      return hullWorth(belief(index, target), hullEv + objective.energyAboveHull.max);
    });
  }
  const windows = objective.kind === 'windows' ? Object.entries(objective.properties) : [];
  return proposals.map((_, index) =>
    probabilityInside(
      windows.map(([name]) => belief(index, name)),
      windows.map(([, { min, max }]) => ({ min: min?.value ?? -Infinity, max: max?.value ?? Infinity })),
    ),
  );
}

function domainDistanceOf({ domainDistance }: Scores, index: number): Pick<PredictionFact, 'domainDistance'> {
  const distance = domainDistance[index] as number;
  return Number.isFinite(distance) ? { domainDistance: distance } : {};
}

function predictedValues({ targets, mean, sigma }: Scores, index: number): Record<string, PredictedValue> {
  return Object.fromEntries(
    targets.map((target, t) => {
      const at = index * targets.length + t;
      return [target, { mean: mean[at] as number, sigma: sigma[at] as number }];
    }),
  );
}
