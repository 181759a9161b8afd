import { hitRate, type Counts, type Curve } from '../../campaign/figures.ts';
import type { Html } from '../html.ts';
import { line, plot, polygon, text, type Point, type Scales } from '../plot.ts';

/**
 * Discoveries against labels of the same arm, as steps. The wedge is the control arm's hit rate with its 90 % interval,
 * drawn on as far as the model arm went.
 */
export function discoveryChart(model: Curve, control: Curve): Html {
  const modelCounts = endOf(model);
  const controlCounts = endOf(control);
  const most = Math.max(modelCounts.labels, controlCounts.labels, 1);
  const found = Math.max(modelCounts.discoveries, controlCounts.discoveries);
  const x = { title: 'Labels of the arm', min: 0, max: most * 1.02, whole: true };
  const y = { title: 'Discoveries', min: 0, max: Math.max(found * 1.12, 1), whole: true };
  return plot({ width: 760, height: 330, x, y, label: 'Discoveries against labels, by arm' }, (scales) => {
    const rate = hitRate(controlCounts);
    const wedge = rate
      ? [
          polygon(
            wedgeCorners(rate, { x: most, y: y.max }).map((corner) => toPage(corner, scales)),
            'wedge',
          ),
          line(
            ray(rate.value, { x: most, y: y.max }).map((end) => toPage(end, scales)),
            'control dashed',
          ),
        ]
      : [];
    return [
      ...wedge,
      line(steps(control, scales), 'control'),
      line(steps(model, scales), 'model'),
      ...(controlCounts.labels > 0 ? [endText('control', controlCounts, { scales, most })] : []),
      ...(modelCounts.labels > 0 ? [endText('model', modelCounts, { scales, most })] : []),
    ];
  });
}

function endOf(curve: Curve): Counts {
  return curve.at(-1) ?? { labels: 0, discoveries: 0 };
}

/** Beside the curve's end, on the side where there is room. */
function endText(
  arm: string,
  { labels, discoveries }: Counts,
  { scales, most }: { scales: Scales; most: number },
): Html {
  const leftwards = labels > most * 0.75;
  const x = scales.x(labels) + (leftwards ? -8 : 8);
  const y = scales.y(discoveries) + (leftwards ? -9 : -12);
  return text({ x, y }, `${arm}: ${discoveries} in ${labels}`, `name ${arm}`, leftwards ? 'end' : 'start');
}

/** The straight line of a rate from the origin to the right or upper edge. */
function ray(rate: number, limit: Point): [Point, Point] {
  const end =
    rate * limit.x <= limit.y ? { x: limit.x, y: rate * limit.x } : { x: limit.y / rate, y: limit.y };
  return [{ x: 0, y: 0 }, end];
}

/** Between the rays of the lower and the upper rate, with the plot's corner when they end on different edges. */
function wedgeCorners({ low, high }: { low: number; high: number }, limit: Point): Point[] {
  const [origin, upper] = ray(high, limit);
  const [, lower] = ray(low, limit);
  const corner = upper.x < limit.x && lower.x === limit.x ? [limit] : [];
  return [origin, upper, ...corner, lower];
}

/** Only the corners of a step need a point. */
function steps(curve: Curve, scales: Scales): Point[] {
  return curve.flatMap((point, i) => {
    const before = curve[i - 1]?.discoveries ?? 0;
    if (before !== point.discoveries)
      return [toPage({ ...point, discoveries: before }, scales), toPage(point, scales)];
    return i === 0 || i === curve.length - 1 ? [toPage(point, scales)] : [];
  });
}

function toPage(point: Point | Counts, scales: Scales): Point {
  const { x, y } = 'x' in point ? point : { x: point.labels, y: point.discoveries };
  return { x: scales.x(x), y: scales.y(y) };
}
