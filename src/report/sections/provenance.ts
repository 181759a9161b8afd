import { stringify } from 'yaml';
import { formulaHtml, html, table, type Html } from '../html.ts';
import type { Source } from '../source.ts';
import { dateText } from './summary.ts';

/** Where every number comes from, enough to do it again. */
export function provenanceSection({ record }: Source): Html {
  const { evaluations, models, labels, decisions, campaign } = record;
  const { spec } = campaign;
  const one = (values: readonly string[]): string => [...new Set(values)].join('; ') || 'none yet';
  const facts: readonly (readonly [string, string | Html])[] = [
    ['Executor', one(evaluations.map(({ executor }) => `${executor.name} ${executor.version}`))],
    [
      'Software',
      one(evaluations.flatMap(({ software }) => software.map(({ name, version }) => `${name} ${version}`))),
    ],
    [
      'Settings',
      html`<code
        >${one(evaluations.map(({ settingsSha256 }) => `sha256 ${settingsSha256.slice(0, 16)}…`))}</code
      >`,
    ],
    ['Seed', String(spec.seed)],
    ['Spec', html`<code>sha256 ${campaign.specSha256}</code>`],
    ['Training backend', one(models.map(({ backend }) => backend))],
    ['Hull', hullText(record)],
    ['Candidates', `${record.candidates.length} stored, ${labels.length} labelled`],
    [
      'Training data',
      'The base checkpoints of the surrogate and of the generator were trained on data of the Materials Project (materialsproject.org; A. Jain et al., APL Materials 1, 011002 (2013)), used under CC BY 4.0. The campaign’s own labels come from its executor alone.',
    ],
  ];
  const references = labels.filter(({ arm }) => arm === 'reference');
  return html`<h2>Provenance</h2>
    <dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}${
        references.length > 0
          ? html`<dt>References</dt>
              <dd>
                ${references.map(({ formula }, i) => html`${i > 0 ? ', ' : ''}${formulaHtml(formula)}`)},
                evaluated like every other crystal
              </dd>`
          : null
      }
    </dl>
    ${
      decisions.length > 0
        ? html`<h3>Decisions</h3>
            ${table(
              [{ title: 'When' }, { title: 'What' }, { title: 'By' }, { title: 'Why' }],
              decisions.map(({ createdAt, kind, by, reason }) => [dateText(createdAt), kind, by, reason]),
            )}`
        : null
    }
    <h3>Spec as run</h3>
    <p>
      Quantities are in the units they are stored in: energies in eV/atom, computing in core-s, the deadline
      in s.
    </p>
    <pre>${stringify(spec, { lineWidth: 0 }).trimEnd()}</pre>`;
}

function hullText({ campaign, labels }: Source['record']): string {
  if (campaign.spec.objective.kind !== 'hull') return 'none: the objective is a window of properties';
  if (labels.length === 0) return 'not built yet: there are no labels';
  const sources = new Set(
    labels.map(
      ({ executor, settingsSha256 }) =>
        `${executor.name} ${executor.version}, settings ${settingsSha256.slice(0, 8)}…`,
    ),
  );
  const [only] = sources;
  return sources.size === 1
    ? `built from the ${labels.length} labels of this campaign alone, all from ${only}; no energy from elsewhere is mixed in`
    : `the labels come from ${sources.size} different executors, versions or settings (${[...sources].join('; ')}); energies are compared within one of them only`;
}
