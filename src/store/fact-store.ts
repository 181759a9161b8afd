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

/** Where facts are kept: MongoDB for campaigns, memory for simulations. */
export interface FactStore {
  campaign(name: string): CampaignFacts;
  /** True when the campaign is new; false when one with this name is there already, which stays as it is. */
  addCampaign(fact: CampaignFact): Promise<boolean>;
  getCampaign(name: string): Promise<CampaignFact | null>;
}

/** The facts of one campaign. Inserts are idempotent under each fact's `_id`; nothing is ever updated. */
export interface CampaignFacts {
  addCandidates(candidates: readonly CandidateFact[], predictions: readonly PredictionFact[]): Promise<void>;
  /** @throws when a candidate is not there: ids only come from proposals, so the store has lost data */
  getCandidate(id: string): Promise<CandidateFact>;
  getPrediction(candidateId: string, modelVersion: number): Promise<PredictionFact | null>;
  getEvaluation(key: string): Promise<EvaluationFact | null>;
  addEvaluation(evaluation: EvaluationFact, label: LabelFact | null): Promise<void>;
  addModel(model: ModelFact): Promise<void>;
  getModel(kind: ModelFact['kind'], version: number): Promise<ModelFact | null>;
  addInsight(insight: InsightFact): Promise<void>;
  addDecision(decision: DecisionFact): Promise<void>;
  /** Ordered by the end of their evaluation, then by key. */
  listLabels(): Promise<LabelFact[]>;
  /** Ids of every candidate that was ever evaluated, whatever came of it. */
  listEvaluatedCandidateIds(): Promise<string[]>;
  readRecord(campaign: CampaignFact): Promise<CampaignRecord>;
}
