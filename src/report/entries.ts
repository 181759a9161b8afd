import type { CampaignRecord, LabelFact } from '../campaign/facts.ts';
import type { Judgement } from '../campaign/judgement.ts';

/** A label with its judgement and its number. */
export interface Entry {
  readonly label: LabelFact;
  /** Null when the label could not be judged. */
  readonly judgement: Judgement | null;
  /** 1, 2, … among the labels of both arms, in the order they ended; 0 for a reference. */
  readonly number: number;
}

export function entriesOf(record: CampaignRecord, judgements: readonly Judgement[]): readonly Entry[] {
  const judged = new Map(judgements.map((judgement) => [judgement.key, judgement]));
  let number = 0;
  return record.labels.map((label) => ({
    label,
    judgement: judged.get(label._id) ?? null,
    number: label.arm === 'reference' ? 0 : ++number,
  }));
}
