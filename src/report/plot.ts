import { fixed, significant } from '../campaign/number-text.ts';
import { html, nothing, type Html } from './html.ts';

/** Figures are plain SVG drawn with the page's classes, so that they follow its light, dark and printed colours. */

export interface Axis {
  readonly title: string;
  readonly min: number;
  readonly max: number;
  /** Ticks at whole numbers only. */
  readonly whole?: boolean;
  /** Where the ticks are, instead of at round values. */
  readonly at?: readonly number[];
  readonly text?: (value: number) => string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Maps values to drawing units; y grows upwards in values and downwards on the page. */
export interface Scales {
  x(value: number): number;
  y(value: number): number;
  /** The plot area in drawing units. */
  readonly area: {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  };
}

export interface PlotOptions {
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
  /** What the figure shows, for readers who cannot see it. */
  readonly label: string;
}

/** Axes, a light grid and what `draw` puts between them. */
export function plot(
  { width, height, x, y, label }: PlotOptions,
  draw: (scales: Scales) => readonly Html[],
): Html {
  const yTicks = y.at ?? ticks(y, Math.max(3, Math.round(height / 65)));
  const xTicks = x.at ?? ticks(x, Math.max(3, Math.round(width / 85)));
  const yTexts = tickTexts(y, yTicks);
  const area = {
    left: 30 + 6.2 * Math.max(...yTexts.map((text) => text.length)),
    right: width - 14,
    top: 12,
    bottom: height - 42,
  };
  const scales: Scales = {
    x: (value) => area.left + ((value - x.min) / (x.max - x.min)) * (area.right - area.left),
    y: (value) => area.bottom - ((value - y.min) / (y.max - y.min)) * (area.bottom - area.top),
    area,
  };
  const grid = yTicks.map((tick, i) => {
    const at = round(scales.y(tick));
    return html`<line class="grid" x1="${round(area.left)}" x2="${area.right}" y1="${at}" y2="${at}" /><text
        class="tick"
        x="${round(area.left - 6)}"
        y="${round(at + 4)}"
        text-anchor="end"
        >${yTexts[i] ?? ''}</text
      >`;
  });
  const xTexts = tickTexts(x, xTicks);
  const bottom = xTicks.map((tick, i) => {
    const at = round(scales.x(tick));
    return html`<line class="axis" x1="${at}" x2="${at}" y1="${area.bottom}" y2="${area.bottom + 4}" /><text
        class="tick"
        x="${at}"
        y="${area.bottom + 17}"
        text-anchor="middle"
        >${xTexts[i] ?? ''}</text
      >`;
  });
  const middle = (area.top + area.bottom) / 2;
  return svg(width, height, label, [
    ...grid,
    ...bottom,
    html`<line
      class="axis"
      x1="${round(area.left)}"
      x2="${area.right}"
      y1="${area.bottom}"
      y2="${area.bottom}"
    />`,
    html`<text class="title" x="${round((area.left + area.right) / 2)}" y="${height - 7}" text-anchor="middle"
      >${x.title}</text
    >`,
    html`<text class="title" transform="translate(12 ${round(middle)}) rotate(-90)" text-anchor="middle"
      >${y.title}</text
    >`,
    ...draw(scales),
  ]);
}

export function svg(width: number, height: number, label: string, content: readonly Html[]): Html {
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${content}</svg>`;
}

/** A polyline through points in drawing units. */
export function line(points: readonly Point[], className: string): Html {
  return points.length < 2
    ? nothing
    : html`<polyline class="line ${className}" points="${pointList(points)}" />`;
}

export function polygon(points: readonly Point[], className: string): Html {
  return html`<polygon class="${className}" points="${pointList(points)}" />`;
}

export function dot({ x, y }: Point, className: string, radius = 3, title = ''): Html {
  return html`<circle class="${className}" cx="${round(x)}" cy="${round(y)}" r="${radius}"
    >${title ? html`<title>${title}</title>` : null}</circle
  >`;
}

export function segment(from: Point, to: Point, className: string): Html {
  return html`<line
    class="${className}"
    x1="${round(from.x)}"
    y1="${round(from.y)}"
    x2="${round(to.x)}"
    y2="${round(to.y)}"
  />`;
}

export function text(
  { x, y }: Point,
  content: string,
  className = '',
  anchor: 'start' | 'middle' | 'end' = 'start',
): Html {
  return html`<text class="${className}" x="${round(x)}" y="${round(y)}" text-anchor="${anchor}"
    >${content}</text
  >`;
}

/** The range of the values with a margin, and never empty. */
export function rangeOf(
  values: readonly number[],
  { margin = 0.05, include = [] as readonly number[] } = {},
): { min: number; max: number } {
  const all = [...values, ...include];
  const [min, max] = [
    all.reduce((l, r) => Math.min(l, r), Infinity),
    all.reduce((l, r) => Math.max(l, r), -Infinity),
  ];
  if (all.length === 0) return { min: 0, max: 1 };
  // Values that differ by rounding alone are one value.
  const width = max - min > 1e-9 * Math.abs(max) ? max - min : 0;
  const pad = width * margin || Math.max(Math.abs(max) * 0.1, 0.01);
  return { min: min - pad, max: max + pad };
}

/** About `count` round values inside the axis. */
export function ticks({ min, max, whole }: Axis, count: number): number[] {
  const rough = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    whole ? 1 : 0,
    ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power,
  );
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

function tickTexts({ text: format }: Axis, values: readonly number[]): string[] {
  const [first = 0, second = first] = values;
  // A lone tick has no step to tell its decimals.
  const decimals = second > first ? Math.max(0, -Math.floor(Math.log10(second - first) + 1e-9)) : null;
  return values.map(
    (value) => format?.(value) ?? (decimals === null ? significant(value) : fixed(value, decimals)),
  );
}

/**
 * Texts beside their points, none over another nor over `other` points: the first free place of several is taken, and
 * none means no text.
 */
export function placeTexts(
  items: readonly { readonly at: Point; readonly content: string }[],
  bounds: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number },
  other: readonly Point[] = [],
): Html[] {
  interface Box {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
  }
  const taken: Box[] = [...items.map(({ at }) => at), ...other].map((at) => ({
    left: at.x - 4,
    right: at.x + 4,
    top: at.y - 4,
    bottom: at.y + 4,
  }));
  return items.map(({ at, content }) => {
    const width = content.length * 6.6;
    const places = [
      { x: at.x, y: at.y + 17, anchor: 'middle' as const },
      { x: at.x, y: at.y - 8, anchor: 'middle' as const },
      { x: at.x + 8, y: at.y + 4, anchor: 'start' as const },
      { x: at.x - 8, y: at.y + 4, anchor: 'end' as const },
      { x: at.x + 6, y: at.y + 15, anchor: 'start' as const },
      { x: at.x - 6, y: at.y + 15, anchor: 'end' as const },
    ];
    for (const place of places) {
      const left = place.x - (place.anchor === 'middle' ? width / 2 : place.anchor === 'end' ? width : 0);
      const box = { left, right: left + width, top: place.y - 10, bottom: place.y + 3 };
      const inside =
        box.left >= bounds.left &&
        box.right <= bounds.right &&
        box.top >= bounds.top &&
        box.bottom <= bounds.bottom;
      const free = taken.every(
        (o) => box.right < o.left || box.left > o.right || box.bottom < o.top || box.top > o.bottom,
      );
      if (!inside || !free) continue;
      taken.push(box);
      return text(place, content, 'name', place.anchor);
    }
    return nothing;
  });
}

function pointList(points: readonly Point[]): string {
  return points.map(({ x, y }) => `${round(x)},${round(y)}`).join(' ');
}

/** A tenth of a drawing unit is finer than any screen shows, and keeps the file small. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
