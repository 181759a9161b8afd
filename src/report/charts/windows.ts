import type { Objective } from '../../campaign/spec.ts';
import { significant } from '../../campaign/number-text.ts';
import type { Entry } from '../entries.ts';
import { html, type Html } from '../html.ts';
import { dot, plot, rangeOf, type Scales } from '../plot.ts';
import { axisTitle } from '../property-name.ts';

type Window = Extract<Objective, { kind: 'windows' }>['properties'][string];
interface Dimension {
  readonly title: string;
  readonly window: Window | null;
  read(entry: Entry): number | null;
}

/**
 * Labels in the plane of the objective's first two properties, the window shaded; of an objective with one property,
 * that property by label.
 */
export function windowsChart(entries: readonly Entry[], properties: Readonly<Record<string, Window>>): Html {
  const [first, second] = Object.entries(properties).map(([name, window]): Dimension => ({
    title: axisTitle(name),
    window,
    read: ({ label }) => label.values[name]?.value ?? null,
  }));
  const byNumber: Dimension = { title: 'Label', window: null, read: ({ number }) => number };
  const [x, y] = second && first ? [first, second] : [byNumber, first ?? byNumber];
  const points = entries.flatMap((entry) => {
    const at = { x: x.read(entry), y: y.read(entry) };
    return at.x === null || at.y === null ? [] : [{ entry, x: at.x, y: at.y }];
  });
  const axis = (dimension: Dimension, values: readonly number[]) => ({
    title: dimension.title,
    ...rangeOf(values, {
      include: [dimension.window?.min?.value, dimension.window?.max?.value].flatMap((end) => end ?? []),
    }),
  });
  const axes = {
    x: axis(
      x,
      points.map((point) => point.x),
    ),
    y: axis(
      y,
      points.map((point) => point.y),
    ),
  };
  return plot({ width: 760, height: 400, ...axes, label: `${y.title} against ${x.title}` }, (scales) => [
    shade(x.window, y.window, scales),
    ...points.map((point) => {
      const { label, judgement } = point.entry;
      const said = `${label.formula}: ${significant(point.x, 3)}, ${significant(point.y, 3)}, ${label.arm} arm`;
      return dot(
        { x: scales.x(point.x), y: scales.y(point.y) },
        `mark ${label.arm}${judgement?.discovery ? ' found' : ''}`,
        judgement?.discovery ? 4.4 : 3,
        said,
      );
    }),
  ]);
}

/** Open ends of a window reach to the edge of the plot. */
function shade(x: Window | null, y: Window | null, { area, x: toX, y: toY }: Scales): Html {
  const left = x?.min ? toX(x.min.value) : area.left;
  const right = x?.max ? toX(x.max.value) : area.right;
  const top = y?.max ? toY(y.max.value) : area.top;
  const bottom = y?.min ? toY(y.min.value) : area.bottom;
  return html`<rect
    class="window"
    x="${left.toFixed(1)}"
    y="${top.toFixed(1)}"
    width="${(right - left).toFixed(1)}"
    height="${(bottom - top).toFixed(1)}"
  />`;
}
