import { claim, interval } from '../../campaign/claim.ts';
import { acceleration, spendLedger, type Estimate } from '../../campaign/figures.ts';
import { computing, duration, fixed, significant } from '../../campaign/number-text.ts';
import { formulaHtml, html, nothing, type Html } from '../html.ts';
import { thingOf, type Source } from '../source.ts';

/** Title, question, the claim and the numbers to remember. */
export function summarySection(source: Source, generatedAt: string): Html {
  const { record, model, control } = source;
  const { spec, createdAt } = record.campaign;
  const ending = record.decisions.findLast(({ kind }) => kind === 'finished' || kind === 'failed');
  return html`<header>
      <p class="kicker">Campaign report</p>
      <h1>${spec.name}</h1>
      ${spec.question ? html`<p class="question">${spec.question}</p>` : nothing}
      <p class="meta">
        Started ${dateText(createdAt)}.
        ${ending ? `Ended ${dateText(ending.createdAt)}: ${ending.reason}.` : 'Still open when this was written.'}
        Written ${dateText(generatedAt)}.
      </p>
    </header>
    <section class="claim">
      <p>${claim({ model, control, thing: thingOf(record) })}</p>
      <p>
        ${objectiveText(source)} Intervals are 90 % credible intervals from the counts of the two arms; the
        control arm chose at random among the same valid candidates, and each arm is judged as if it had been
        alone.
      </p>
    </section>
    <dl class="key">
      ${keyNumbers(source).map(
        ({ name, value, note }) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}<small>${note}</small></dd>
          </div>`,
      )}
    </dl>`;
}

function keyNumbers(source: Source): { name: string; value: Html | string; note: Html | string }[] {
  const { record, model, control, versions } = source;
  const spend = spendLedger(record.evaluations, record.models);
  const spent = spend.coreSeconds.succeeded + spend.coreSeconds.failed + spend.coreSeconds.rejected;
  const references = record.labels.length - model.labels - control.labels;
  const ratio = acceleration(model, control);
  const champion = versions.findLast(({ promoted }) => promoted);
  const best = bestEntry(source);
  const wasted = spend.coreSeconds.failed + spend.coreSeconds.rejected;
  return [
    {
      name: 'Labels',
      value: `${model.labels + control.labels} of ${record.campaign.spec.budget.labels}`,
      note: `${model.labels} model, ${control.labels} control; ${references} references`,
    },
    {
      name: 'Discoveries',
      value: String(source.judgements.filter(({ discovery }) => discovery).length),
      note: `distinct; ${model.discoveries} by model, ${control.discoveries} by control, each arm judged alone`,
    },
    {
      name: 'Acceleration over control',
      value: accelerationText(ratio),
      note: ratio
        ? `${ratio.high === null ? '95 %' : '90 %'}: ${interval(ratio)}`
        : 'an arm has no labels yet',
    },
    best ?? { name: 'Best', value: 'none yet', note: 'no judged label' },
    {
      name: 'Surrogate in use',
      value: champion ? `version ${champion.version}` : 'base model',
      note: champion ? `trained on ${champion.labels} labels` : 'no version promoted yet',
    },
    {
      name: 'Held-out error',
      value: champion ? `${significant(champion.heldOut.mae, 3)} ${source.targetUnit}` : 'not measured',
      note: champion
        ? `mean absolute, on ${champion.heldOut.count} labels held out by composition`
        : 'no version promoted yet',
    },
    {
      name: 'Its 90 % interval holds',
      value: champion ? `${fixed(champion.heldOut.coverage90 * 100, 0)} %` : 'not measured',
      note: champion
        ? `miscalibration area ${fixed(champion.heldOut.miscalibrationArea, 3)}`
        : 'no version promoted yet',
    },
    {
      name: 'Spent',
      value: computing(spent),
      note: `${spent > 0 ? `${fixed((wasted / spent) * 100, 0)} % on failed or rejected; ` : ''}${duration(spend.wallSeconds)} of wall time`,
    },
  ];
}

function accelerationText(ratio: Estimate | null): string {
  if (!ratio) return 'not measured';
  if (ratio.value !== null) return `${significant(ratio.value)} ×`;
  return ratio.low > 1 ? `over ${significant(ratio.low)} ×` : 'not shown';
}

function bestEntry(source: Source): { name: string; value: Html; note: string } | null {
  const judged = source.entries.flatMap(({ label, judgement, number }) =>
    judgement && label.arm !== 'reference' ? [{ label, judgement, number }] : [],
  );
  const energy = (one: (typeof judged)[number]): number => one.judgement.formationEnergyEvPerAtom ?? 0;
  const [best] = judged.toSorted(
    (a, b) => a.judgement.distance - b.judgement.distance || energy(a) - energy(b),
  );
  if (!best) return null;
  const { distance, formationEnergyEvPerAtom } = best.judgement;
  const place =
    distance > 0
      ? `${significant(distance, 3)} ${source.distanceUnit} from the objective`
      : 'meets the objective';
  const formed =
    formationEnergyEvPerAtom === null
      ? ''
      : `, formation energy ${fixed(formationEnergyEvPerAtom, 3)} eV/atom`;
  return {
    name: 'Best',
    value: formulaHtml(best.label.formula),
    note: `label ${best.number}: ${place}${formed}`,
  };
}

function objectiveText({ record }: Source): string {
  const { objective } = record.campaign.spec;
  if (objective.kind === 'hull') {
    const limit = Number((objective.energyAboveHull.max * 1000).toPrecision(6));
    return `A phase counts when it is the first of its identity within ${limit} meV/atom of the convex hull of the campaign’s own labels.`;
  }
  return 'A crystal counts when it is the first of its identity inside every window of the objective.';
}

/** '2026-03-02T10:00:00Z' as '2 March 2026, 10:00 UTC'. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const months =
    'January February March April May June July August September October November December'.split(' ');
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${two(date.getUTCHours())}:${two(date.getUTCMinutes())} UTC`;
}
