import { discoveryCurve, predictedLabels, type VersionFigures } from '../../campaign/figures.ts';
import { fixed, significant } from '../../campaign/number-text.ts';
import { discoveryChart } from '../charts/discovery.ts';
import { binaryHullChart } from '../charts/hull-binary.ts';
import { ternaryHullChart } from '../charts/hull-ternary.ts';
import { coverageChart, errorChart, miscalibrationChart, parityChart } from '../charts/models.ts';
import { progressChart } from '../charts/progress.ts';
import { windowsChart } from '../charts/windows.ts';
import { html, nothing, type Html } from '../html.ts';
import { readProperty } from '../property-name.ts';
import type { Source } from '../source.ts';
import { panel, type Figure } from './figure.ts';
import { insightFigures } from './insight.ts';

/** All figures that the facts allow, numbered in reading order. */
export function figureSections(source: Source): Html {
  const { labels } = source.record;
  let number = 0;
  const show = (figures: readonly (Figure | null)[]): Html[] =>
    figures.flatMap((figure) =>
      figure
        ? [
            html`<figure>
              ${figure.body}
              <figcaption><b>Figure ${++number}. ${figure.title}.</b> ${figure.caption}</figcaption>
            </figure>`,
          ]
        : [],
    );
  if (labels.length === 0)
    return html`<h2>The search</h2>
      <p class="none">No label has come in yet; figures appear with the first ones.</p>`;
  const insight = insightFigures(source);
  return html`<h2>The search</h2>
    ${show([discovery(source), space(source), progress(source)])}
    <h2>The surrogate</h2>
    ${source.versions.length === 0 ? html`<p class="none">No version has been trained yet: ${labels.length} labels so far, one version every ${source.record.campaign.spec.learning.everyLabels}.</p>` : nothing}
    ${show([parity(source), skill(source)])}
    ${insight.length === 0 ? nothing : html`<h2>What the model saw</h2>`} ${show(insight)}`;
}

function discovery({ record, judgements, control }: Source): Figure {
  const body = discoveryChart(
    discoveryCurve(record.labels, judgements, 'model'),
    discoveryCurve(record.labels, judgements, 'control'),
  );
  return {
    title: 'Discoveries by arm',
    body,
    caption: `Each arm against its own number of labels, so that a steeper line is a faster search. ${
      control.labels === 0
        ? 'The control arm has no labels yet.'
        : 'The shaded wedge continues the control arm’s hit rate with its 90 % interval; the further the model’s line ends above the wedge, the less the acceleration can be chance.'
    }`,
  };
}

function space({ record, entries }: Source): Figure | null {
  const references = entries.some(({ label }) => label.arm === 'reference');
  const { objective, space: searched } = record.campaign.spec;
  if (objective.kind === 'windows') {
    return {
      title: 'Labels and the objective’s window',
      body: windowsChart(entries, objective.properties),
      caption: `${armKey} ${references ? `${referenceKey} ` : ''}The dashed box is the window, open towards the edges where the objective sets no limit; discoveries are drawn solid and larger.${Object.keys(objective.properties).length > 2 ? ' Only the first two of the objective’s properties are shown.' : ''}`,
    };
  }
  const [first, second, third, ...more] = searched.elements;
  if (
    !first ||
    !second ||
    more.length > 0 ||
    !entries.some(({ judgement }) => judgement?.formationEnergyEvPerAtom != null)
  )
    return null;
  if (!third) {
    const { figure, above, topEvPerAtom } = binaryHullChart(entries, [first, second]);
    const outside =
      above > 0
        ? ` Triangles at the top stand for labels above ${significant(topEvPerAtom)} eV/atom (${above}).`
        : '';
    return {
      title: 'Convex hull',
      body: figure,
      caption: `Formation energy of every label. ${armKey} ${referenceKey} The line is the lower convex hull: phases on it (larger, named) are stable against falling apart into others, and the height above it is the energy above the hull.${outside}`,
    };
  }
  return {
    title: 'Phase diagram',
    body: ternaryHullChart(entries, [first, second, third]),
    caption:
      'Each point is a labelled composition at zero temperature, coloured by its lowest energy above the hull. Ringed points are on the hull; lines join phases that coexist. A composition inside a small triangle falls apart into the triangle’s three corners.',
  };
}

function progress({ record, entries, distanceUnit }: Source): Figure {
  const { objective } = record.campaign.spec;
  const hull = objective.kind === 'hull';
  return {
    title: hull ? 'Energy above the hull, label by label' : 'Distance from the objective, label by label',
    body: progressChart(entries, {
      title: hull ? 'Energy above the hull (meV/atom)' : `Distance from the windows (${distanceUnit})`,
      factor: hull ? 1000 : 1,
      limit: hull ? objective.energyAboveHull.max * 1000 : null,
    }),
    caption: `${armKey} Lower is better; the axis is a square root, so that small distances stay apart. ${hull ? 'Below the dashed line a label counts as a discovery if it is the first of its identity. ' : ''}Discoveries are solid and larger; the thin line is the best so far. All labels are judged against everything known at the end.`,
  };
}

function parity({ record, versions, judgements }: Source): Figure | null {
  const last = versions.findLast(({ promoted }) => promoted) ?? versions.at(-1);
  const target =
    last?.target ?? Object.keys(record.labels.find(({ predicted }) => predicted)?.predicted ?? {})[0];
  if (target === undefined) return null;
  const unit = readProperty(target).unit;
  const model = record.models.find(({ kind, version }) => kind === 'surrogate' && version === last?.version);
  const heldOut = (model?.heldOutPoints ?? [])
    .filter((point) => point.target === target)
    .map((point) => ({
      ...point,
      className: 'neutral',
      title: `${significant(point.value, 3)} computed, ${significant(point.mean, 3)} predicted`,
    }));
  const chosen = predictedLabels(record.labels, judgements)
    .filter((point) => point.target === target)
    .map((point) => ({
      ...point,
      className: point.label.arm,
      title: `${point.label.formula}: ${significant(point.value, 3)} computed, ${significant(point.mean, 3)} predicted by version ${point.label.modelVersion}`,
    }));
  if (heldOut.length + chosen.length === 0) return null;
  const panels = [
    ...(heldOut.length > 0 && last
      ? [panel(`Held out by composition, version ${last.version}`, parityChart(heldOut, target))]
      : []),
    ...(chosen.length > 0 ? [panel('As predicted when chosen', parityChart(chosen, target))] : []),
  ];
  return {
    title: 'Predicted against computed',
    body: html`<div class="panels two">${panels}</div>`,
    caption: html`${heldOut.length > 0 ? `Held-out panel: ${heldOut.length} labels whose compositions the model in use never saw. ` : ''}${chosen.length > 0 ? `When-chosen panel: what the version of that moment said of ${chosen.length} labels before they were evaluated, coloured by arm (blue: model; orange: control); the model arm prefers candidates it is hopeful or unsure of, so that its errors there are larger than on a fair sample. ` : ''}Bars
    are 90 % intervals; on the dotted line prediction and computation agree. Values in
    ${unit || 'their own unit'}.`,
  };
}

function skill({ versions, targetUnit }: Source): Figure | null {
  if (versions.length === 0) return null;
  const last = versions.at(-1) as VersionFigures;
  const best = last.baselines.filter(({ name }) => name !== 'network').toSorted((a, b) => a.mae - b.mae)[0];
  const against = best
    ? ` The best simple model on the last version’s split, ${best.name}, has ${significant(best.mae, 3)} ${targetUnit}.`
    : '';
  return {
    title: 'Error and calibration by model version',
    body: html`<div class="panels three">
      ${[
        panel('Error', errorChart(versions, targetUnit)),
        panel('Coverage', coverageChart(versions)),
        panel('Miscalibration', miscalibrationChart(versions)),
      ]}
    </div>`,
    caption: `All on labels held out by composition. Filled points were promoted, hollow ones rejected by the gate. Left: mean absolute error, simple models dashed.${against} Middle: share of held-out values inside the model’s 90 % interval, which should be 0.90 (dashed); bars show how well so few values can tell. Right: area between nominal and observed coverage over all levels; 0 is perfect, ${fixed(0.5, 1)} the worst.`,
  };
}

const armKey = 'Blue was chosen by the model, orange at random by the control arm.';
const referenceKey = 'Grey are the elements, evaluated as references.';
