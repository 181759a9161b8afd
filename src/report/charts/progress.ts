import { fixed, significant } from '../../campaign/number-text.ts';
import type { Entry } from '../entries.ts';
import { html, type Html } from '../html.ts';
import { dot, line, plot, segment } from '../plot.ts';

/** Every label's distance from the objective in the order they came, on a root scale so that small ones stay apart. */
export function progressChart(
  entries: readonly Entry[],
  { title, factor, limit }: { title: string; factor: number; limit: number | null },
): Html {
  const points = entries.flatMap(({ label, judgement, number }) =>
    number > 0 && judgement
      ? [{ label, number, distance: judgement.distance * factor, discovery: judgement.discovery }]
      : [],
  );
  const most = Math.max(...points.map(({ distance }) => distance), (limit ?? 0) * 2, 1e-6);
  const root = Math.sqrt;
  const axes = {
    x: { title: 'Label', min: 0, max: Math.max(2, points.length * 1.02), whole: true },
    y: {
      title,
      min: 0,
      max: root(most) * 1.05,
      text: (value: number) => (value ** 2 < 10 ? significant(value ** 2) : fixed(value ** 2, 0)),
    },
  };
  return plot({ width: 760, height: 300, ...axes, label: `${title} by label` }, (scales) => {
    const ends = { left: scales.area.left, right: scales.area.right };
    const limitLine =
      limit === null
        ? null
        : segment(
            { x: ends.left, y: scales.y(root(limit)) },
            { x: ends.right, y: scales.y(root(limit)) },
            'ideal',
          );
    const at = ({ number, distance }: { number: number; distance: number }) => ({
      x: scales.x(number),
      y: scales.y(root(distance)),
    });
    const best: { number: number; distance: number }[] = [];
    for (const { number, distance } of points) {
      const before = best.at(-1)?.distance ?? Infinity;
      if (before !== Infinity) best.push({ number, distance: before });
      best.push({ number, distance: Math.min(before, distance) });
    }
    return [
      ...(limitLine ? [limitLine] : []),
      line(best.map(at), 'best'),
      ...points.map((point) => {
        const said = `label ${point.number}: ${point.label.formula}, ${significant(point.distance, 3)}, ${point.label.arm} arm`;
        return dot(
          at(point),
          `mark ${point.label.arm}${point.discovery ? ' found' : ''}`,
          point.discovery ? 4.4 : 3,
          said,
        );
      }),
      ...(points.length === 0 ? [html`<desc>No labels.</desc>`] : []),
    ];
  });
}
