import { fixed, significant } from '../../campaign/number-text.ts';
import type { Entry } from '../entries.ts';
import type { Html } from '../html.ts';
import { dot, line, plot, segment, type Point, type Scales } from '../plot.ts';

export interface ProgressOptions {
  readonly title: string;
  /** From a judgement's distance to the axis' unit. */
  readonly factor: number;
  /** Distance that still meets the objective, in the axis' unit; null when it must be 0. */
  readonly limit: number | null;
}

interface Step {
  readonly number: number;
  readonly distance: number;
}

/** Every label's distance from the objective, in order, on a root scale so that small ones stay apart. */
export function progressChart(entries: readonly Entry[], { title, factor, limit }: ProgressOptions): Html {
  const points = entries.flatMap(({ label, judgement, number }) =>
    number > 0 && judgement
      ? [{ label, number, distance: judgement.distance * factor, discovery: judgement.discovery }]
      : [],
  );
  const most = Math.max(...points.map(({ distance }) => distance), (limit ?? 0) * 2, 1e-3);
  const x = { title: 'Label', min: 0, max: Math.max(2, points.length * 1.02), whole: true };
  const y = {
    title,
    min: 0,
    max: Math.sqrt(most) * 1.04,
    at: rootTicks(most),
    text: (root: number) =>
      root ** 2 < 10 ? String(Number((root ** 2).toPrecision(2))) : fixed(root ** 2, 0),
  };
  return plot({ width: 760, height: 300, x, y, label: `${title} by label` }, (scales) => {
    const at = ({ number, distance }: Step): Point => ({
      x: scales.x(number),
      y: scales.y(Math.sqrt(distance)),
    });
    return [
      ...(limit === null ? [] : [limitLine(limit, scales)]),
      line(bestSoFar(points).map(at), 'best'),
      ...points.map((point) => {
        const { label, number, distance, discovery } = point;
        const said = `label ${number}: ${label.formula}, ${significant(distance, 3)}, ${label.arm} arm`;
        return dot(at(point), `mark ${label.arm}${discovery ? ' found' : ''}`, discovery ? 4.4 : 3, said);
      }),
    ];
  });
}

/** Corners of the falling staircase of the least distance so far. */
function bestSoFar(points: readonly Step[]): Step[] {
  const corners: Step[] = [];
  for (const { number, distance } of points) {
    const best = corners.at(-1)?.distance ?? Infinity;
    if (distance < best && corners.length > 0) corners.push({ number, distance: best });
    if (distance < best) corners.push({ number, distance });
  }
  const last = corners.at(-1);
  return last ? [...corners, { number: points.length, distance: last.distance }] : [];
}

/** Roots of 0 and of a round 1–2–5 ladder below the largest distance, not too close together. */
function rootTicks(most: number): number[] {
  const power = 10 ** Math.floor(Math.log10(most));
  const ladder = [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]
    .map((step) => step * power)
    .filter((value) => value <= most);
  const spaced = ladder.filter((value) => Math.sqrt(value) > Math.sqrt(most) * 0.12);
  return [0, ...spaced].map(Math.sqrt);
}

function limitLine(limit: number, scales: Scales): Html {
  const y = scales.y(Math.sqrt(limit));
  return segment({ x: scales.area.left, y }, { x: scales.area.right, y }, 'ideal');
}
