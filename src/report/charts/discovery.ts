import { hitRate, type Curve } from '../../campaign/figures.ts';
import { html, type Html } from '../html.ts';
import { line, plot, polygon, text, type Point, type Scales } from '../plot.ts';

/**
 * Discoveries against labels of the same arm, as steps. The wedge is the control arm's hit rate with its 90 % interval,
 * drawn on as far as the model arm went.
 */
export function discoveryChart(model: Curve, control: Curve): Html {
  const counts = control.at(-1) ?? { labels: 0, discoveries: 0 };
  const most = Math.max(model.length - 1, control.length - 1, 1);
  const found = Math.max(model.at(-1)?.discoveries ?? 0, counts.discoveries);
  const axes = {
    x: { title: 'Labels of the arm', min: 0, max: most * 1.02, whole: true },
    y: { title: 'Discoveries', min: 0, max: Math.max(found * 1.1, 1), whole: true },
  };
  return plot({ width: 760, height: 330, ...axes, label: 'Discoveries against labels, by arm' }, (scales) => {
    const rate = hitRate(counts);
    const wedge = rate && most > counts.labels ? [rateWedge(rate, { x: most, y: axes.y.max }, scales)] : [];
    const point = (x: number, y: number): Point => ({ x: scales.x(x), y: scales.y(y) });
    const end = (curve: Curve, name: string): Html => {
      const { labels, discoveries } = curve.at(-1) ?? { labels: 0, discoveries: 0 };
      const content = `${name}: ${discoveries} in ${labels}`;
      const fits = labels > most * 0.75;
      const at = fits
        ? { x: scales.x(labels) - 8, y: scales.y(discoveries) - 9 }
        : { x: scales.x(labels) + 8, y: scales.y(discoveries) - 5 };
      return text(at, content, `name ${name}`, fits ? 'end' : 'start');
    };
    return [
      ...wedge,
      line(steps(control, scales), 'control'),
      line(steps(model, scales), 'model'),
      ...(control.length > 1 ? [end(control, 'control')] : []),
      ...(model.length > 1 ? [end(model, 'model')] : []),
      ...(rate && most > counts.labels ? [] : [html`<desc>No control rate to compare with.</desc>`]),
      ...(rate && rate.value > 0
        ? [
            line(
              [point(counts.labels, counts.discoveries), point(most, clip(rate.value * most, axes.y.max))],
              'control dashed',
            ),
          ]
        : []),
    ];
  });
}

function clip(value: number, most: number): number {
  return Math.min(value, most);
}

/** The area between two straight lines from the origin, cut at the top and right of the plot. */
function rateWedge({ low, high }: { low: number; high: number }, limit: Point, scales: Scales): Html {
  const corner = limit.y / high;
  const upper = corner < limit.x ? [{ x: corner, y: limit.y }, limit] : [{ x: limit.x, y: high * limit.x }];
  const lower =
    low * limit.x <= limit.y ? { x: limit.x, y: low * limit.x } : { x: limit.y / low, y: limit.y };
  const corners = [{ x: 0, y: 0 }, ...upper.filter(({ x }) => x <= lower.x || lower.x === limit.x), lower];
  return polygon(
    corners.map(({ x, y }) => ({ x: scales.x(x), y: scales.y(y) })),
    'wedge',
  );
}

function steps(curve: Curve, scales: Scales): Point[] {
  return curve.flatMap(({ labels, discoveries }, i) => {
    const before = curve[i - 1]?.discoveries ?? 0;
    const at = { x: scales.x(labels), y: scales.y(discoveries) };
    // Only the corners of a step need a point.
    if (before !== discoveries) return [{ x: at.x, y: scales.y(before) }, at];
    return i === 0 || i === curve.length - 1 ? [at] : [];
  });
}
