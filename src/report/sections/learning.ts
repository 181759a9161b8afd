import type { LabelFinding, ModelFact } from '../../campaign/facts.ts';
import { significant } from '../../campaign/number-text.ts';
import { formulaHtml, html, nothing, table, type Html } from '../html.ts';
import type { Source } from '../source.ts';
import { columnTitle } from './tables.ts';

/** Every model that was tried in the last round, side by side on the same held-out labels. */
export function triedModelsSection(source: Source): Html {
  const model = lastSurrogate(source);
  if (model === undefined || model.baselines.length === 0) return nothing;
  const targets = [...new Set(model.baselines.map(({ target }) => target))];
  const names = [...new Set(model.baselines.map(({ name }) => name))];
  const errorOf = (name: string, target: string): number | undefined =>
    model.baselines.find((tried) => tried.name === name && tried.target === target)?.mae;
  const rows = names
    .toSorted((l, r) => (errorOf(l, targets[0] ?? '') ?? 0) - (errorOf(r, targets[0] ?? '') ?? 0))
    .map((name) => [
      name,
      ...targets.map((target) => {
        const error = errorOf(name, target);
        return error === undefined ? '–' : significant(error, 3);
      }),
    ]);
  return html`<h3>All models of version ${model.version}, on the same held-out labels</h3>
    <p>Mean absolute errors, best first. What was used is said above, with the reason.</p>
    ${table([{ title: 'Model' }, ...targets.map((target) => ({ title: columnTitle(target), numeric: true }))], rows)}`;
}

const MOST_FINDINGS = 40;

/** What was found in the labels before the last training: what was set aside, then what was only noticed. */
export function findingsSection(source: Source): Html {
  const findings = lastSurrogate(source)?.findings;
  if (findings === undefined) return nothing;
  const title = html`<h3>What was found in the labels</h3>`;
  if (findings.length === 0)
    return html`${title}
      <p>
        Nothing: no value that is impossible, unlike those of similar crystals, in another unit, or there
        twice.
      </p>`;
  const labels = new Map(source.record.labels.map((label) => [label._id, label]));
  const rows = findings
    .toSorted((l, r) => Number(r.setAside) - Number(l.setAside))
    .slice(0, MOST_FINDINGS)
    .map(({ kind, key, target, value, setAside, reason }: LabelFinding) => [
      formulaHtml(labels.get(key)?.formula ?? 'retracted'),
      html`<code>${key.slice(0, 12)}</code>`,
      columnTitle(target),
      Number.isFinite(value) ? significant(value, 4) : 'no number',
      kind,
      setAside ? html`<span class="bad">set aside</span>` : 'trains',
      reason,
    ]);
  const aside = findings.filter(({ setAside }) => setAside).length;
  return html`${title}
    <p>
      Of ${findings.length} values with a finding, ${aside} did not train the last model; the others did and
      are listed to be looked at.
    </p>
    ${table(
      [
        { title: 'Formula' },
        { title: 'Label', short: true },
        { title: 'Property' },
        { title: 'Value', numeric: true },
        { title: 'Finding' },
        { title: 'Training' },
        { title: 'Why' },
      ],
      rows,
    )}
    ${findings.length > MOST_FINDINGS ? html`<p>${findings.length - MOST_FINDINGS} more are stored with the model.</p>` : nothing}`;
}

function lastSurrogate({ record }: Source): ModelFact | undefined {
  return record.models
    .filter(({ kind }) => kind === 'surrogate')
    .toSorted((l, r) => l.version - r.version)
    .at(-1);
}
