import type {
  CampaignFact,
  CampaignRecord,
  CandidateFact,
  DecisionFact,
  EvaluationFact,
  InsightFact,
  LabelFact,
  ModelFact,
  PredictionFact,
} from '../campaign/facts.ts';
import type { CampaignFacts, FactStore } from './fact-store.ts';
import { withInsights } from './insights.ts';
import { byEnd, byTime } from './order.ts';

/** Facts in memory, gone with the process: for simulations. */
export class MemoryStore implements FactStore {
  private readonly campaigns = new Map<string, CampaignFact>();
  private readonly facts = new Map<string, MemoryFacts>();

  campaign(name: string): CampaignFacts {
    const facts = this.facts.get(name) ?? new MemoryFacts();
    this.facts.set(name, facts);
    return facts;
  }

  async addCampaign(fact: CampaignFact): Promise<boolean> {
    return insertOnce(this.campaigns, fact);
  }

  async getCampaign(name: string): Promise<CampaignFact | null> {
    return this.campaigns.get(name) ?? null;
  }
}

class MemoryFacts implements CampaignFacts {
  private readonly candidates = new Map<string, CandidateFact>();
  private readonly predictions = new Map<string, PredictionFact>();
  private readonly evaluations = new Map<string, EvaluationFact>();
  private readonly labels = new Map<string, LabelFact>();
  private readonly models = new Map<string, ModelFact>();
  private readonly insights = new Map<string, InsightFact>();
  private readonly decisions = new Map<string, DecisionFact>();

  async addCandidates(
    candidates: readonly CandidateFact[],
    predictions: readonly PredictionFact[],
  ): Promise<void> {
    for (const candidate of candidates) insertOnce(this.candidates, candidate);
    for (const prediction of predictions) insertOnce(this.predictions, prediction);
  }

  async getCandidate(id: string): Promise<CandidateFact> {
    const candidate = this.candidates.get(id);
    if (!candidate) throw new Error(`candidate ${id} was never proposed`);
    return candidate;
  }

  async getPrediction(candidateId: string, modelVersion: number): Promise<PredictionFact | null> {
    return this.predictions.get(`${candidateId}/${modelVersion}`) ?? null;
  }

  async getEvaluation(key: string): Promise<EvaluationFact | null> {
    return this.evaluations.get(key) ?? null;
  }

  async addEvaluation(evaluation: EvaluationFact, label: LabelFact | null): Promise<void> {
    if (label) insertOnce(this.labels, label);
    insertOnce(this.evaluations, evaluation);
  }

  async addModel(model: ModelFact): Promise<void> {
    insertOnce(this.models, model);
  }

  async getModel(kind: ModelFact['kind'], version: number): Promise<ModelFact | null> {
    return this.models.get(`${kind}/${version}`) ?? null;
  }

  async addInsight(insight: InsightFact): Promise<void> {
    insertOnce(this.insights, insight);
  }

  async addDecision(decision: DecisionFact): Promise<void> {
    insertOnce(this.decisions, decision);
  }

  async listLabels(): Promise<LabelFact[]> {
    return [...this.labels.values()].sort(byEnd);
  }

  async listEvaluatedCandidateIds(): Promise<string[]> {
    return [...this.evaluations.values()].map(({ candidateId }) => candidateId);
  }

  async readRecord(campaign: CampaignFact): Promise<CampaignRecord> {
    return {
      campaign,
      candidates: [...this.candidates.values()].sort(byTime),
      predictions: [...this.predictions.values()].sort(byTime),
      evaluations: [...this.evaluations.values()].sort(byEnd),
      labels: await this.listLabels(),
      models: withInsights([...this.models.values()].sort(byTime), [...this.insights.values()]),
      decisions: [...this.decisions.values()].sort(byTime),
    };
  }
}

function insertOnce<Fact extends { readonly _id: string }>(facts: Map<string, Fact>, fact: Fact): boolean {
  if (facts.has(fact._id)) return false;
  facts.set(fact._id, fact);
  return true;
}
