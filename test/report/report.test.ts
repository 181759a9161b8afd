import { describe, expect, test } from 'vitest';
import type { CampaignRecord } from '../../src/campaign/facts.ts';
import { spaceGroup } from '../../src/crystal/symmetry/symmetry.ts';
import { renderReport } from '../../src/report/report.ts';
import { tieLines } from '../../src/report/charts/hull-ternary.ts';
import { loadSymmetryFinder } from '../../src/symmetry-finder.ts';
import { buildRecord, withInsight } from './builders.ts';
import { present } from './present.ts';

loadSymmetryFinder();

const generatedAt = '2026-03-02T12:00:00Z';
const VOID = new Set(['meta', 'link', 'br', 'hr', 'img', 'input']);

/** Checks that every element is closed in order and every attribute is quoted; returns the names met. */
function elementsOf(text: string): Map<string, number> {
  const names = new Map<string, number>();
  const open: string[] = [];
  const closed: [opened: string | undefined, closed: string][] = [];
  const body = text.replace(/<style>[\s\S]*?<\/style>/, '').replace(/^<!doctype html>/, '');
  let end = 0;
  const tag = /<(\/?)([A-Za-z][\w-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/y;
  for (let at = body.indexOf('<'); at >= 0; at = body.indexOf('<', end)) {
    expect(body.slice(end, at)).not.toMatch(/[<>]|&(?!(?:amp|lt|gt|quot);)/);
    tag.lastIndex = at;
    const found = present(tag.exec(body), `well-formed markup at ${body.slice(at, at + 80)}`);
    const [whole, closing, name = '', , selfClosing] = found;
    end = at + whole.length;
    if (closing) closed.push([open.pop(), name]);
    else {
      names.set(name, (names.get(name) ?? 0) + 1);
      if (!selfClosing && !VOID.has(name)) open.push(name);
    }
  }
  expect(closed.filter(([opened, name]) => opened !== name)).toEqual([]);
  expect(open).toEqual([]);
  return names;
}

const cases = {
  'a binary hull': buildRecord({ elements: ['Cu', 'Au'], labels: 80 }),
  'a ternary hull': buildRecord({ elements: ['Cu', 'Au', 'Pd'], labels: 110 }),
  'more elements than can be drawn': buildRecord({ elements: ['Cu', 'Au', 'Pd', 'Ni'], labels: 60 }),
  'property windows': buildRecord({ objective: 'windows', labels: 60 }),
  'a few labels': buildRecord({ labels: 4 }),
  'a model that was looked into': lookedInto(buildRecord({ elements: ['Cu', 'Au', 'Pd'], labels: 260 })),
};

function lookedInto(built: ReturnType<typeof buildRecord>): ReturnType<typeof buildRecord> {
  return { ...built, record: withInsight(built.record) };
}

describe('the report', () => {
  test.each(Object.entries(cases))(
    'is well-formed, self-contained and free of broken numbers for %s',
    (_name, facts) => {
      const text = renderReport({ ...facts, generatedAt });
      const names = elementsOf(text);
      expect(names.get('script')).toBeUndefined();
      expect(names.get('link')).toBeUndefined();
      expect(text).not.toMatch(/(?:src|href|url)\s*[=(]/i);
      expect(text).not.toMatch(/NaN|undefined|Infinity|\[object|>null</);
      expect(names.get('figure')).toBeGreaterThan(1);
      expect(text.length).toBeLessThan(1_000_000);
    },
  );

  test('names every discovery with its space group, its energy and who found it', () => {
    const { record, judgements } = cases['a binary hull'];
    const text = renderReport({ record, judgements, generatedAt });
    const section = text.slice(text.indexOf('<h2>Discoveries</h2>'), text.indexOf('<h2>Yield'));
    const found = judgements.filter(({ discovery }) => discovery);
    expect(section.match(/<tr>/g)).toHaveLength(found.length + 1);
    for (const { key, formationEnergyEvPerAtom } of found) {
      const label = present(
        record.labels.find(({ _id }) => _id === key),
        key,
      );
      expect(section).toContain(`<td>${label.formula.replace(/\d+/g, '<sub>$&</sub>')}</td>`);
      expect(section).toContain(` (${spaceGroup(label.crystal).number})</td>`);
      expect(section).toContain((formationEnergyEvPerAtom ?? 0).toFixed(3).replace('-', '−'));
    }
  });

  test('draws each label once in the hull and marks those on it', () => {
    const { record, judgements } = cases['a binary hull'];
    const text = renderReport({ record, judgements, generatedAt });
    const figure = text.slice(text.indexOf('aria-label="Formation energy'), text.indexOf('Convex hull.'));
    const marks = figure.match(/class="(?:mark|stable) /g) ?? [];
    expect(marks).toHaveLength(record.labels.length);
    const stable = new Set(
      judgements.flatMap(({ key, distance }) =>
        distance < 1e-8 ? (record.labels.find(({ _id }) => _id === key)?.formula ?? []) : [],
      ),
    );
    expect(figure.match(/class="stable /g)).toHaveLength(stable.size);
  });

  test('says what failed, what the gate decided and where the data came from', () => {
    const text = renderReport({ ...cases['a ternary hull'], generatedAt });
    expect(text).toContain('notConverged: largest force 0.31 eV/Å after 500 steps');
    expect(text).toContain('no better than the champion');
    expect(text).toContain('Materials Project');
    expect(text).toContain('CC BY 4.0');
    expect(text).toContain('no energy from elsewhere is mixed in');
    expect(text).toContain('energyAboveHull:\n    max: 0.005');
  });

  test('shows every model that was tried, and what was found in the labels, what was set aside first', () => {
    const text = renderReport({ ...cases['a binary hull'], generatedAt });
    const tried = text.slice(text.indexOf('All models of version'));
    expect(['network', 'ridge', 'mean'].map((name) => tried.indexOf(`<td>${name}</td>`))).toEqual(
      ['network', 'ridge', 'mean'].map((name) => tried.indexOf(`<td>${name}</td>`)).toSorted((l, r) => l - r),
    );
    expect(tried).toContain('<td>network</td>');
    expect(text).toMatch(/Of 2 values with a finding, 1 did not\s+train/);
    expect(text.indexOf('were eV and kJ/mol taken')).toBeGreaterThan(0);
    expect(text.indexOf('were eV and kJ/mol taken')).toBeLessThan(text.indexOf('6.3 usual deviations'));
  });

  test('maps the labels as the last model sees them, once on each map, outliers ringed and named', () => {
    const { record, judgements } = cases['a model that was looked into'];
    const text = renderReport({ record, judgements, generatedAt });
    const section = text.slice(text.indexOf('<h2>What the model saw</h2>'), text.indexOf('<h2>Discoveries'));
    const { map } = present(record.models.findLast(({ insight }) => insight)?.insight, 'insight');
    const outliers = present(map, 'a map').outlier.filter(Boolean).length;
    expect(outliers).toBeGreaterThan(0);
    // One more of each in the key.
    const [rings, marks] = [/class="outlier"/g, /class="seen e\d"/g].map((of) => section.match(of)?.length);
    expect(rings).toBe(2 * outliers + 1);
    expect(marks).toBe(2 * present(map, 'a map').keys.length + 5);
    expect(section).toMatch(/<title>\S+: −?0\.\d+ eV\/atom, .*outlier<\/title>/);
  });

  test('draws a bar for each element and descriptor, longest first, and says what they are not', () => {
    const text = renderReport({ ...cases['a model that was looked into'], generatedAt });
    const bars = [...text.matchAll(/class="amount \w+"[^>]* width="([\d.]+)"/g)].map((bar) => Number(bar[1]));
    expect(bars).toHaveLength(3 + 12);
    for (const panel of [bars.slice(0, 3), bars.slice(3)])
      expect(panel).toEqual(panel.toSorted((l, r) => r - l));
    expect(text).toContain('not what causes the property');
    expect(text).not.toContain('MagpieData');
  });

  test('bears labels that are gone and a model that no map could be made of', () => {
    const { record, judgements } = cases['a model that was looked into'];
    const render = (changed: Partial<CampaignRecord>): string =>
      renderReport({ record: { ...record, ...changed }, judgements, generatedAt });
    const without = render({ labels: record.labels.slice(5) });
    elementsOf(without);
    expect(without).toContain('retracted: no value');
    expect(without).not.toMatch(/NaN|undefined|Infinity|>null</);
    const models = record.models.map(({ insight, ...model }) =>
      insight ? { ...model, insight: { map: null, attributions: [] } } : model,
    );
    expect(render({ models })).not.toContain('What the model saw');
  });

  test('says that energies are not comparable when settings differ', () => {
    const { record, judgements } = cases['a few labels'];
    const labels = record.labels.map((label, i) =>
      i === 0 ? { ...label, settingsSha256: 'other'.repeat(12) } : label,
    );
    const text = renderReport({ record: { ...record, labels }, judgements, generatedAt });
    expect(text).toContain('2 different executors, versions or settings');
  });

  test('makes sense before the first label and for a campaign that only failed', () => {
    const { record } = cases['a ternary hull'];
    const begun: CampaignRecord = {
      ...record,
      candidates: [],
      evaluations: [],
      labels: [],
      models: [],
      decisions: [],
    };
    const first = renderReport({ record: begun, judgements: [], generatedAt });
    elementsOf(first);
    expect(first).toContain('No labels yet: nothing can be claimed.');
    expect(first).toContain('Still open when this was written.');
    expect(first).not.toMatch(/NaN|undefined|Infinity|>null</);
    const evaluations = record.evaluations.filter(({ status }) => status !== 'succeeded');
    const failed = renderReport({ record: { ...begun, evaluations }, judgements: [], generatedAt });
    expect(failed).toContain('100 % on failed or rejected');
    expect(failed).not.toMatch(/NaN|undefined|Infinity|>null</);
  });

  test('escapes what people wrote', () => {
    const { record, judgements } = cases['a few labels'];
    const spec = { ...record.campaign.spec, question: 'Is <script>alert("x")</script> & co. stable?' };
    const text = renderReport({
      record: { ...record, campaign: { ...record.campaign, spec } },
      judgements,
      generatedAt,
    });
    expect(elementsOf(text).get('script')).toBeUndefined();
    expect(text).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; co. stable?');
  });

  test('is the same for the same facts', () => {
    const facts = cases['a binary hull'];
    expect(renderReport({ ...facts, generatedAt })).toBe(renderReport({ ...facts, generatedAt }));
  });
});

describe('tie-lines of a ternary hull', () => {
  const corners = [
    { shares: [1, 0, 0], energy: 0 },
    { shares: [0, 1, 0], energy: 0 },
    { shares: [0, 0, 1], energy: 0 },
  ] as const;

  test('join the elements when nothing else is stable', () => {
    expect(tieLines(corners)).toHaveLength(3);
  });
  test('join a compound in the middle to every element', () => {
    const middle = { shares: [1 / 3, 1 / 3, 1 / 3], energy: -0.1 } as const;
    expect(tieLines([...corners, middle])).toHaveLength(6);
  });
  test('go from a compound on an edge to the opposite element, and along the edge only to it', () => {
    const edge = { shares: [0.5, 0.5, 0], energy: -0.1 } as const;
    const pairs = tieLines([...corners, edge]).map((pair) => pair.join('-'));
    expect(pairs.toSorted()).toEqual(['0-2', '0-3', '1-2', '1-3', '2-3']);
  });
});
