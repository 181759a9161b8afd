import { acceleration, labelsPerDiscovery, type Counts, type Estimate } from './figures.ts';
import { significant } from './number-text.ts';

/** Fewer labels than this in the control arm say nothing worth claiming. */
const LEAST_CONTROL_LABELS = 10;

/**
 * What may be claimed from the two arms, in one to three sentences and never more than was measured. Intervals are
 * 90 % credible intervals. `thing` is what a discovery is called, e.g. 'phase'.
 */
export function claim({ model, control, thing }: { model: Counts; control: Counts; thing: string }): string {
  if (model.labels + control.labels === 0) return 'No labels yet: nothing can be claimed.';
  const first = armPace(model, thing);
  const second = armPace(control, thing);
  return `The model arm ${first}, the control arm ${second}${verdict(model, control)}`;
}

function armPace(counts: Counts, thing: string): string {
  const pace = labelsPerDiscovery(counts);
  if (!pace) return 'has no labels yet';
  if (pace.value === null)
    return `found no ${thing} in ${counts.labels} ${counts.labels === 1 ? 'label' : 'labels'}`;
  return `found a ${thing} every ${significant(pace.value)} labels (90 %: ${interval(pace)})`;
}

function verdict(model: Counts, control: Counts): string {
  const ratio = acceleration(model, control);
  if (!ratio || control.labels < LEAST_CONTROL_LABELS)
    return `. Too few control labels (${control.labels}) to claim an acceleration.`;
  if (model.discoveries + control.discoveries === 0) return '. There is nothing to compare.';
  if (ratio.value === null)
    return ratio.low > 1
      ? `: at least ${significant(ratio.low)} times faster (95 %), with no control discovery to bound it above.`
      : '. Too few control labels to claim an acceleration.';
  if (ratio.low > 1) return `: ${significant(ratio.value)} times faster (${interval(ratio)}).`;
  const measured = `measured ${significant(ratio.value)} times (${interval(ratio)})`;
  if (ratio.high !== null && ratio.high < 1) return `: the model arm was slower, ${measured}.`;
  return `. No acceleration can be claimed: ${measured}, and the interval includes 1.`;
}

/** '4.9–7.8', or 'above 4.9' when the upper end is unbounded. */
export function interval({ low, high }: Estimate): string {
  return high === null ? `above ${significant(low)}` : `${significant(low)}–${significant(high)}`;
}
