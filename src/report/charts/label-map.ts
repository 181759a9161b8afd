import { fixed } from '../../campaign/number-text.ts';
import { html, type Html } from '../html.ts';
import { dot, placeTexts, rangeOf, svg, text } from '../plot.ts';

/** A label on a map. */
export interface MappedLabel {
  readonly x: number;
  readonly y: number;
  /** Class of its value, from `valueClasses`. */
  readonly className: string;
  readonly outlier: boolean;
  readonly title: string;
  /** Written beside the mark where there is room; empty for none. */
  readonly name: string;
}

/** A letter over one of a map's labels. */
export interface MapMark {
  readonly x: number;
  readonly y: number;
  readonly content: string;
}

const WIDTH = 374;
const HEIGHT = 330;
const FRAME = { left: 24, right: WIDTH - 2, top: 4, bottom: HEIGHT - 24 };
const INSET = 10;

/** Labels on a plane without ticks: only what lies near what can be read from it. Outliers are ringed. */
export function labelMap(
  labels: readonly MappedLabel[],
  { x, y, label, marks }: { x: string; y: string; label: string; marks: readonly MapMark[] },
): Html {
  const [across, up] = [rangeOf(labels.map((point) => point.x)), rangeOf(labels.map((point) => point.y))];
  const place = (point: { readonly x: number; readonly y: number }): { x: number; y: number } => ({
    x: between(FRAME.left + INSET, FRAME.right - INSET, (point.x - across.min) / (across.max - across.min)),
    y: between(FRAME.bottom - INSET, FRAME.top + INSET, (point.y - up.min) / (up.max - up.min)),
  });
  const letters = marks.map((mark) => {
    const at = place(mark);
    return { x: at.x, y: at.y - 11, content: mark.content };
  });
  const outliers = labels.filter(({ outlier }) => outlier);
  const middle = (FRAME.top + FRAME.bottom) / 2;
  return svg(WIDTH, HEIGHT, label, [
    html`<rect
      class="frame"
      x="${FRAME.left}"
      y="${FRAME.top}"
      width="${FRAME.right - FRAME.left}"
      height="${FRAME.bottom - FRAME.top}"
    />`,
    text({ x: (FRAME.left + FRAME.right) / 2, y: HEIGHT - 8 }, x, 'title', 'middle'),
    html`<text class="title" transform="translate(14 ${middle}) rotate(-90)" text-anchor="middle"
      >${y}</text
    >`,
    ...labels.map((point) => dot(place(point), `seen ${point.className}`, 3.6, point.title)),
    ...outliers.map((point) => dot(place(point), 'outlier', 5.6)),
    ...placeTexts(
      outliers.flatMap((point) => (point.name ? [{ at: place(point), content: point.name }] : [])),
      FRAME,
      letters,
    ),
    ...letters.map(({ x, y, content }) => text({ x, y: y + 5 }, content, 'name corner', 'middle')),
  ]);
}

/** Fifths of the values: each with its class and the values that it holds. */
export interface ValueClasses {
  readonly classes: readonly { readonly className: string; readonly from: number; readonly to: number }[];
  classOf(value: number | null): string;
}

const UNKNOWN = 'e5';
const CLASSES = 5;

/** Divides values into fifths of equal counts; equal values stand together, so that there may be fewer. */
export function valueClasses(values: readonly number[]): ValueClasses {
  const sorted = values.toSorted((l, r) => l - r);
  const ends = new Set(
    Array.from({ length: CLASSES }, (_, i) => sorted[Math.ceil(((i + 1) * sorted.length) / CLASSES) - 1]),
  );
  const tops = [...ends].filter((end) => end !== undefined);
  const classes = tops.map((to, i) => ({
    className: `e${i}`,
    from: i === 0 ? (sorted[0] ?? to) : (tops[i - 1] ?? to),
    to,
  }));
  return {
    classes,
    classOf: (value) =>
      (value === null ? undefined : classes.find(({ to }) => value <= to)?.className) ?? UNKNOWN,
  };
}

/** The key to a map's colours and rings, in one line. */
export function valueLegend(
  title: string,
  { classes }: ValueClasses,
  { unknown }: { unknown: boolean },
): Html {
  const range = (classes.at(-1)?.to ?? 0) - (classes[0]?.from ?? 0);
  const decimals = range > 0 ? Math.max(0, 1 - Math.floor(Math.log10(range / CLASSES))) : 3;
  const entries = [
    ...classes.map(({ className, from, to }) => ({
      className: `seen ${className}`,
      content: from === to ? fixed(to, decimals) : `${fixed(from, decimals)} to ${fixed(to, decimals)}`,
    })),
    ...(unknown ? [{ className: `seen ${UNKNOWN}`, content: 'not known' }] : []),
    { className: 'outlier', content: 'outlier' },
  ];
  const step = (760 - FRAME.left) / Math.max(6, entries.length);
  return svg(760, 44, `Colours: ${title}`, [
    text({ x: FRAME.left, y: 14 }, title, 'title'),
    ...entries.flatMap(({ className, content }, i) => [
      dot({ x: FRAME.left + 6 + i * step, y: 32 }, className, 5),
      text({ x: FRAME.left + 17 + i * step, y: 36 }, content, 'tick'),
    ]),
  ]);
}

function between(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
