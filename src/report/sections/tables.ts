import { labelsPerDiscovery, spendLedger, yieldByGenerator } from '../../campaign/figures.ts';
import { interval } from '../../campaign/claim.ts';
import { computing, duration, fixed, significant } from '../../campaign/number-text.ts';
import { spaceGroup } from '../../crystal/symmetry/symmetry.ts';
import type { Crystal } from '../../crystal/crystal.ts';
import type { EvaluationFact, LabelFact } from '../../campaign/facts.ts';
import type { Entry } from '../entries.ts';
import { formulaHtml, html, nothing, table, type Html } from '../html.ts';
import { readProperty } from '../property-name.ts';
import type { Source } from '../source.ts';

/** Every discovery, in the order found. */
export function discoveriesSection({ record, entries }: Source): Html {
  const found = entries.filter(({ judgement }) => judgement?.discovery);
  if (found.length === 0)
    return html`<h2>Discoveries</h2>
      <p class="none">None yet.</p>`;
  const { objective } = record.campaign.spec;
  const measured = objective.kind === 'hull' ? [] : Object.keys(objective.properties);
  const columns = [
    { title: 'Label', numeric: true },
    { title: 'Formula' },
    { title: 'Space group', short: true },
    { title: 'Atoms', numeric: true },
    ...(objective.kind === 'hull'
      ? [
          { title: 'Above hull (meV/atom)', numeric: true },
          { title: 'Formation energy (eV/atom)', numeric: true },
        ]
      : measured.map((name) => ({ title: columnTitle(name), numeric: true }))),
    { title: 'Predicted', numeric: true },
    { title: 'Arm' },
    { title: 'Generator', short: true },
    { title: 'Model' },
  ];
  const rows = found.map(({ label, judgement, number }) => [
    number,
    formulaHtml(label.formula),
    spaceGroupText(label.relaxedCrystal ?? label.crystal),
    label.crystal.atomicNumbers.length,
    ...(objective.kind === 'hull'
      ? [fixed((judgement?.distance ?? 0) * 1000, 1), energyText(judgement?.formationEnergyEvPerAtom ?? null)]
      : measured.map((name) => valueText(label, name))),
    predictedText(label),
    html`<span class="arm-${label.arm}">${label.arm}</span>`,
    `${label.generator} v${label.generatorVersion}`,
    `v${label.modelVersion}`,
  ]);
  return html`<h2>Discoveries</h2>
    <p>
      In the order found, of ${record.labels.length} labels in all. Energies are judged against everything
      known at the end. “Predicted” is what the choosing model said beforehand, ± one standard deviation, of
      ${predictedName(found)}.
    </p>
    ${table(columns, rows)}`;
}

function predictedName(found: readonly Entry[]): string {
  const target = found.flatMap(({ label }) => Object.keys(label.predicted ?? {}))[0];
  if (target === undefined) return 'nothing, as no prediction was asked for';
  const { title, unit } = readProperty(target);
  return `the ${title}${unit ? ` (${unit})` : ''}`;
}

function predictedText({ predicted }: LabelFact): string {
  const [first] = Object.values(predicted ?? {});
  return first ? `${fixed(first.mean, 3)} ± ${fixed(first.sigma, 3)}` : '–';
}

function spaceGroupText(crystal: Crystal): Html | string {
  try {
    const { symbol, number } = spaceGroup(crystal);
    const [lead = '', ...screws] = symbol.split('_');
    return html`${lead}${screws.map((part) => html`<sub>${part.charAt(0)}</sub>${part.slice(1)}`)} (${number})`;
  } catch (error) {
    // Only a search that failed has a cause; a finder that was never loaded is the program's mistake.
    if (error instanceof Error && error.cause !== undefined) return 'not found';
    throw error;
  }
}

function valueText(label: LabelFact, name: string): string {
  const value = label.values[name];
  if (!value) return '–';
  return value.uncertainty === null
    ? fixed(value.value, 3)
    : `${fixed(value.value, 3)} ± ${fixed(value.uncertainty, 3)}`;
}

function energyText(energyEvPerAtom: number | null): string {
  return energyEvPerAtom === null ? '–' : fixed(energyEvPerAtom, 3);
}

/** A property as a column's title, with its unit. */
export function columnTitle(name: string): string {
  const { title, unit } = readProperty(name);
  return `${title.charAt(0).toUpperCase()}${title.slice(1)}${unit ? ` (${unit})` : ''}`;
}

/** What each generator was worth. */
export function yieldSection({ record, judgements }: Source): Html {
  const yields = yieldByGenerator(record.candidates, record.labels, judgements);
  if (yields.length === 0) return nothing;
  const rows = yields.map(({ generator, proposed, labelled, discoveries }) => {
    const pace = labelsPerDiscovery({ labels: labelled, discoveries });
    const paceText = pace?.value ? `${significant(pace.value)} (${interval(pace)})` : '–';
    return [generator, proposed, labelled, discoveries, paceText];
  });
  return html`<h2>Yield by generator</h2>
    <p>
      Both arms together. “Proposed” counts candidates that passed the filters and were new; labels per
      discovery with its 90 % interval.
    </p>
    ${table([{ title: 'Generator' }, ...['Proposed', 'Labelled', 'Discoveries', 'Labels per discovery'].map((title) => ({ title, numeric: true }))], rows)}`;
}

/** What was paid, and what came of it. */
export function spendSection({ record }: Source): Html {
  if (record.evaluations.length === 0) return nothing;
  const spend = spendLedger(record.evaluations, record.models);
  const statuses = ['succeeded', 'failed', 'rejected'] as const;
  const total = (values: Readonly<Record<EvaluationFact['status'], number>>): number =>
    statuses.reduce((sum, status) => sum + values[status], 0);
  const share = (part: number): string =>
    total(spend.coreSeconds) > 0 ? `${fixed((part / total(spend.coreSeconds)) * 100, 1)} %` : '–';
  const rows = statuses.map((status) => [
    status,
    spend.evaluations[status],
    computing(spend.coreSeconds[status]),
    share(spend.coreSeconds[status]),
  ]);
  return html`<h2>Spend</h2>
    ${table(
      [
        { title: 'Evaluations' },
        { title: 'Number', numeric: true },
        { title: 'Computing', numeric: true },
        { title: 'Share', numeric: true },
      ],
      [
        ...rows,
        [
          'together',
          total(spend.evaluations),
          computing(total(spend.coreSeconds)),
          share(total(spend.coreSeconds)),
        ],
      ],
    )}
    <p>
      From the first evaluation’s start to the last one’s end: ${duration(spend.wallSeconds)}. Training took
      ${duration(spend.trainSeconds)} besides.
    </p>`;
}

/** Evaluations that gave no label, grouped by reason: the commonest first. */
export function troublesSection({ record }: Source): Html {
  const groups = new Map<string, EvaluationFact[]>();
  for (const evaluation of record.evaluations) {
    if (evaluation.status === 'succeeded') continue;
    const name = `${evaluation.status}\u0000${evaluation.reason ?? 'no reason given'}`;
    groups.set(name, [...(groups.get(name) ?? []), evaluation]);
  }
  if (groups.size === 0)
    return html`<h2>Failures and rejections</h2>
      <p>
        ${record.evaluations.length === 0 ? 'Nothing has been evaluated yet.' : 'None: every evaluation gave a label.'}
      </p>`;
  const rows = [...groups.values()]
    .toSorted((a, b) => b.length - a.length)
    .map((group) => {
      const [first] = group as [EvaluationFact];
      const formulas = [...new Set(group.map(({ formula }) => formula))];
      const shown = formulas
        .slice(0, 4)
        .map((formula, i) => html`${i > 0 ? ', ' : ''}${formulaHtml(formula)}`);
      const cost = group.reduce((sum, { coreSeconds }) => sum + coreSeconds, 0);
      return [
        html`<span class="bad">${first.status}</span>`,
        first.reason ?? 'no reason given',
        group.length,
        html`${shown}${formulas.length > 4 ? ` and ${formulas.length - 4} more` : ''}`,
        computing(cost),
      ];
    });
  const most = 40;
  return html`<h2>Failures and rejections</h2>
    <p>
      Failed: the executor gave no answer. Rejected: it gave one that did not pass the checks. Neither trained
      a model; both were paid for.
    </p>
    ${table([{ title: 'Outcome' }, { title: 'Reason' }, { title: 'Number', numeric: true }, { title: 'Formulas' }, { title: 'Computing', numeric: true }], rows.slice(0, most))}
    ${rows.length > most ? html`<p>${rows.length - most} rarer reasons are left out here.</p>` : nothing}`;
}

/** The gate's verdict on every trained model. */
export function gateSection({ record, allVersions, versions }: Source): Html {
  if (record.models.length === 0) return nothing;
  const rows = record.models
    .toSorted((a, b) => a.createdAt.localeCompare(b.createdAt) || a._id.localeCompare(b._id))
    .map((model) => [
      `${model.kind} v${model.version}`,
      `v${model.parentVersion}`,
      model.labels,
      model.promoted ? html`<span class="good">promoted</span>` : html`<span class="bad">rejected</span>`,
      model.reason,
      duration(model.trainSeconds),
    ]);
  const others = allVersions.filter((figures) => !versions.includes(figures));
  const figures = [...versions, ...others].map(({ target, version, heldOut, atSelection }) => [
    `v${version}`,
    columnTitle(target),
    heldOut.count,
    significant(heldOut.mae, 3),
    `${fixed(heldOut.coverage90 * 100, 0)} %`,
    heldOut.conformal90 ? `${fixed(heldOut.conformal90.coverage * 100, 0)} %` : '–',
    fixed(heldOut.miscalibrationArea, 3),
    atSelection ? atSelection.count : '–',
    atSelection ? significant(atSelection.mae, 3) : '–',
    atSelection ? `${fixed(atSelection.coverage90 * 100, 0)} %` : '–',
  ]);
  return html`<h2>What the gate decided</h2>
    ${table([{ title: 'Model' }, { title: 'From' }, { title: 'Labels', numeric: true }, { title: 'Verdict' }, { title: 'Why' }, { title: 'Training', numeric: true }], rows)}
    ${
      figures.length === 0
        ? nothing
        : html`<h3>Measured skill by version</h3>
            <p>
              Held out by composition, and afterwards on the labels that the version itself chose; errors are
              mean absolute, in the target’s unit. The conformal interval is widened or narrowed until it held
              90 % of training labels that the model had not seen.
            </p>
            ${table(
              [
                { title: 'Version' },
                { title: 'Target' },
                ...[
                  'Held out',
                  'Error',
                  'In 90 %',
                  'In conformal 90 %',
                  'Miscal. area',
                  'Chosen',
                  'Error',
                  'In 90 %',
                ].map((title) => ({ title, numeric: true })),
              ],
              figures,
            )}`
    }`;
}
