import type { Collection, Db } from 'mongodb';
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
import type { CampaignFacts } from './fact-store.ts';
import { insertFact, insertFacts } from './insert.ts';
import { withInsights } from './insights.ts';
import { byEnd, byTime } from './order.ts';

/** The facts of one campaign, one collection a kind. */
export class CampaignStore implements CampaignFacts {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async addCandidates(
    candidates: readonly CandidateFact[],
    predictions: readonly PredictionFact[],
  ): Promise<void> {
    await insertFacts(this.candidates(), candidates);
    await insertFacts(this.predictions(), predictions);
  }

  async getCandidate(id: string): Promise<CandidateFact> {
    const candidate = await this.candidates().findOne({ _id: id });
    if (!candidate)
      throw new Error(`candidate ${id} is not in the store; was the store's data folder removed?`);
    return candidate;
  }

  async getPrediction(candidateId: string, modelVersion: number): Promise<PredictionFact | null> {
    return this.predictions().findOne({ _id: `${candidateId}/${modelVersion}` });
  }

  async getEvaluation(key: string): Promise<EvaluationFact | null> {
    return this.evaluations().findOne({ _id: key });
  }

  /** The label goes in first: an evaluation that is there promises that its label, if it earned one, is there too. */
  async addEvaluation(evaluation: EvaluationFact, label: LabelFact | null): Promise<void> {
    if (label) await insertFact(this.labels(), label);
    await insertFact(this.evaluations(), evaluation);
  }

  async addModel(model: ModelFact): Promise<void> {
    await insertFact(this.models(), model);
  }

  async getModel(kind: ModelFact['kind'], version: number): Promise<ModelFact | null> {
    return this.models().findOne({ _id: `${kind}/${version}` });
  }

  async addInsight(insight: InsightFact): Promise<void> {
    await insertFact(this.insights(), insight);
  }

  async addDecision(decision: DecisionFact): Promise<void> {
    await insertFact(this.decisions(), decision);
  }

  async listLabels(): Promise<LabelFact[]> {
    const labels = await this.labels().find().toArray();
    return labels.sort(byEnd);
  }

  async listEvaluatedCandidateIds(): Promise<string[]> {
    const evaluations = await this.evaluations()
      .find()
      .project<{ candidateId: string }>({ candidateId: 1 })
      .toArray();
    return evaluations.map(({ candidateId }) => candidateId);
  }

  async readRecord(campaign: CampaignFact): Promise<CampaignRecord> {
    const [candidates, predictions, evaluations, labels, models, insights, decisions] = await Promise.all([
      this.candidates().find().toArray(),
      this.predictions().find().toArray(),
      this.evaluations().find().toArray(),
      this.listLabels(),
      this.models().find().toArray(),
      this.insights().find().toArray(),
      this.decisions().find().toArray(),
    ]);
    return {
      campaign,
      candidates: candidates.sort(byTime),
      predictions: predictions.sort(byTime),
      evaluations: evaluations.sort(byEnd),
      labels,
      models: withInsights(models.sort(byTime), insights),
      decisions: decisions.sort(byTime),
    };
  }

  private candidates = (): Collection<CandidateFact> => this.db.collection('candidates');
  private predictions = (): Collection<PredictionFact> => this.db.collection('predictions');
  private evaluations = (): Collection<EvaluationFact> => this.db.collection('evaluations');
  private labels = (): Collection<LabelFact> => this.db.collection('labels');
  private models = (): Collection<ModelFact> => this.db.collection('models');
  private insights = (): Collection<InsightFact> => this.db.collection('insights');
  private decisions = (): Collection<DecisionFact> => this.db.collection('decisions');
}
