import type { Attribution, LabelMap, ModelFact } from '../../campaign/facts.ts';
import { computedValue } from '../../campaign/figures.ts';
import { fixed, significant } from '../../campaign/number-text.ts';
import { attributionChart } from '../charts/attribution.ts';
import { labelMap, valueClasses, valueLegend, type MapMark, type MappedLabel } from '../charts/label-map.ts';
import { formulaText, html, nothing, type Html } from '../html.ts';
import { axisTitle, readProperty } from '../property-name.ts';
import type { Source } from '../source.ts';
import { panel, type Figure } from './figure.ts';

/** Outliers named on a map, the farthest first: more names hide the marks. */
const MOST_NAMES = 8;
const MOST_BARS = 12;

/** What was found when the last promoted surrogate was looked into; none for campaigns from before that was done. */
export function insightFigures(source: Source): Figure[] {
  const model = source.record.models
    .filter(({ kind, insight }) => kind === 'surrogate' && insight !== undefined)
    .toSorted((l, r) => l.version - r.version)
    .at(-1);
  if (model?.insight === undefined) return [];
  const { map, attributions } = model.insight;
  const targets = [...new Set(attributions.map(({ target }) => target))];
  return [
    ...(map === null ? [] : [mapFigure(source, model, map)]),
    ...targets.map((target) =>
      attributionFigure(
        model,
        target,
        attributions.filter((one) => one.target === target),
      ),
    ),
  ];
}

function mapFigure({ entries }: Source, model: ModelFact, map: LabelMap): Figure {
  const target = model.heldOut[0]?.target ?? model.insight?.attributions[0]?.target ?? '';
  const unit = readProperty(target).unit;
  const entryOf = new Map(entries.map((entry) => [entry.label._id, entry]));
  const values = map.keys.map((key) => {
    const entry = entryOf.get(key);
    return entry ? computedValue(target, entry.label, entry.judgement) : null;
  });
  const known = values.filter((value) => value !== null);
  const classes = valueClasses(known);
  const named = new Set(
    Array.from(map.keys.keys())
      .filter((row) => map.outlier[row])
      .toSorted((l, r) => (map.domainDistance[r] ?? 0) - (map.domainDistance[l] ?? 0))
      .slice(0, MOST_NAMES),
  );
  const clusters = new Set(map.cluster).size;
  const place = (plane: readonly number[]): MappedLabel[] =>
    map.keys.map((key, row) => {
      const formula = formulaText(entryOf.get(key)?.label.formula ?? 'retracted');
      const value = values[row] ?? null;
      const distance = map.domainDistance[row] ?? 0;
      return {
        x: plane[2 * row] ?? 0,
        y: plane[2 * row + 1] ?? 0,
        className: classes.classOf(value),
        outlier: map.outlier[row] ?? false,
        name: named.has(row) ? formula : '',
        title: [
          `${formula}: ${value === null ? 'no value' : `${significant(value, 3)} ${unit}`.trim()}`,
          ...(clusters > 1 ? [`group ${letterOf(map.cluster[row] ?? 0)}`] : []),
          `distance from the other labels ${fixed(distance, 2)}`,
          ...(map.outlier[row] ? ['outlier'] : []),
        ].join(', '),
      };
    });
  const drawn = (plane: readonly number[], x: string, y: string): Html =>
    labelMap(place(plane), {
      x,
      y,
      label: `Map of the labels: ${x} and ${y}`,
      marks: clusters > 1 ? clusterMarks(map.cluster, plane) : [],
    });
  const [first, second] = map.explained.map((share) => `${fixed(100 * share, 0)} %`);
  const outliers = map.outlier.filter(Boolean).length;
  return {
    title: `The labels as version ${model.version} sees them`,
    body: html`<div class="panels two">
        ${panel('Principal components', drawn(map.principal, `First component (${first} of the variance)`, `Second component (${second})`))}
        ${map.manifold === null ? nothing : panel('UMAP', drawn(map.manifold, 'UMAP 1', 'UMAP 2'))}
      </div>
      ${known.length === 0 ? nothing : valueLegend(axisTitle(target), classes, { unknown: known.length < values.length })}`,
    caption: `${map.keys.length}${map.keys.length < model.labels ? ` of ${model.labels}` : ''} labels, each placed by ${
      map.space === 'last hidden layer'
        ? 'the network’s last hidden layer'
        : 'the descriptors that the simple models read'
    }: near means alike to the model. Left: a straight projection on the two directions of most variance, blind to the others. Right: neighbours are kept together, but distances between groups mean nothing. ${
      clusters > 1
        ? `Letters stand over the middle labels of ${clusters} groups (k-means). `
        : 'No division into groups (k-means) is better than none. '
    }${outliers === 0 ? 'No label lies' : outliers === 1 ? 'One label lies (ringed)' : `${outliers} labels lie (ringed)`} in no dense region (DBSCAN; the farthest are named): look at ${outliers === 1 ? 'it' : 'them'}, but rare is not wrong.`,
  };
}

/** Each group's letter over its medoid: the label whose distances from the others of the group sum to least. */
function clusterMarks(cluster: readonly number[], plane: readonly number[]): MapMark[] {
  return [...new Set(cluster)].map((group) => {
    const own = Array.from(cluster.keys())
      .filter((row) => cluster[row] === group)
      .map((row) => ({ x: plane[2 * row] ?? 0, y: plane[2 * row + 1] ?? 0 }));
    const spread = own.map((at) =>
      own.reduce((sum, other) => sum + Math.hypot(at.x - other.x, at.y - other.y), 0),
    );
    const medoid = own[spread.indexOf(Math.min(...spread))] ?? { x: 0, y: 0 };
    return { ...medoid, content: letterOf(group) };
  });
}

function letterOf(group: number): string {
  return String.fromCodePoint('A'.charCodeAt(0) + group);
}

function attributionFigure(model: ModelFact, target: string, attributions: readonly Attribution[]): Figure {
  const { title, unit } = readProperty(target);
  const elements = attributions.find(({ over }) => over === 'elements');
  const descriptors = attributions.find(({ over }) => over === 'descriptors');
  const bars = (of: Attribution, width: number, names: number): Html =>
    attributionChart(
      of.terms.slice(0, MOST_BARS).map((term) => ({ ...term, name: readableName(term.name) })),
      {
        width,
        names,
        label: `Mean effect of ${of.over} on the predicted ${title}`,
      },
    );
  const panels = [
    ...(elements ? [panel(`By element (${unit})`, bars(elements, 272, 30))] : []),
    ...(descriptors ? [panel(`By descriptor (${unit})`, bars(descriptors, elements ? 476 : 760, 270))] : []),
  ];
  const said = [
    `How far each moves the ${title} that is predicted of a label, on average, up or down; ↑ raises it${descriptors ? ' (a descriptor: the more of it)' : ''}, ↓ lowers it, ↕ does both.`,
    ...(elements
      ? [
          `Elements: integrated gradients of ${elements.model}, against the same structure of average atoms, over ${elements.labels} labels; the mean is over those that hold the element.`,
        ]
      : []),
    ...(descriptors
      ? [`Descriptors: exact SHAP values of ${descriptors.model}, over ${descriptors.labels} labels.`]
      : []),
    'This is what the model goes by, not what causes the property; of descriptors that say the same, either may get the credit.',
  ];
  return {
    title: `What moves version ${model.version}’s predictions of the ${title}`,
    body: html`<div class="panels${elements && descriptors ? ' aside' : ''}">${panels}</div>`,
    caption: said.join(' '),
  };
}

/** 'MagpieData avg_dev GSvolume_pa' as 'deviation of GSvolume_pa': Magpie's own names of properties, ours of the rest. */
function readableName(descriptor: string): string {
  return descriptor.replace(/^MagpieData /, '').replace(/^avg_dev /, 'deviation of ');
}
