import type { InsightFact, ModelFact } from '../campaign/facts.ts';

/** The models, each with what was found when it was looked into. */
export function withInsights(models: readonly ModelFact[], insights: readonly InsightFact[]): ModelFact[] {
  const found = new Map(insights.map(({ _id, map, attributions }) => [_id, { map, attributions }]));
  return models.map((model) => {
    const insight = found.get(model._id);
    return insight === undefined ? model : { ...model, insight };
  });
}
