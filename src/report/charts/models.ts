import { hitRate, Z90, type VersionFigures } from '../../campaign/figures.ts';
import { significant } from '../../campaign/number-text.ts';
import type { Html } from '../html.ts';
import { axisTitle } from '../property-name.ts';
import { dot, line, plot, rangeOf, segment, text, type Axis, type Point, type Scales } from '../plot.ts';

export interface ParityPoint {
  readonly value: number;
  readonly mean: number;
  readonly sigma: number;
  readonly className: string;
  readonly title: string;
}

/** Predicted against computed with 90 % bars, on square axes. */
export function parityChart(points: readonly ParityPoint[], target: string): Html {
  const range = rangeOf(points.flatMap(({ value, mean }) => [value, mean]));
  const name = axisTitle(target);
  const lower = name.charAt(0).toLowerCase() + name.slice(1);
  const axes = { x: { title: `Computed ${lower}`, ...range }, y: { title: `Predicted ${lower}`, ...range } };
  return plot(
    { width: 374, height: 340, ...axes, label: `Predicted against computed ${lower}` },
    (scales) => {
      const inside = (y: number): number => scales.y(Math.min(range.max, Math.max(range.min, y)));
      return [
        line(
          [
            { x: scales.x(range.min), y: scales.y(range.min) },
            { x: scales.x(range.max), y: scales.y(range.max) },
          ],
          'zero',
        ),
        ...points.map(({ value, mean, sigma, className }) => {
          const x = scales.x(value);
          return segment(
            { x, y: inside(mean - Z90 * sigma) },
            { x, y: inside(mean + Z90 * sigma) },
            `bar ${className}${points.length > 60 ? ' faint' : ''}`,
          );
        }),
        ...points.map(({ value, mean, className, title }) =>
          dot({ x: scales.x(value), y: scales.y(mean) }, `mark ${className}`, 2.8, title),
        ),
      ];
    },
  );
}

/** Held-out error by model version; the mean and the best of the simple models as dashed lines. */
export function errorChart(versions: readonly VersionFigures[], unit: string): Html {
  const tried = versions.at(-1)?.baselines.toSorted((l, r) => l.mae - r.mae) ?? [];
  const best = tried.find(({ name }) => name !== 'network');
  const baselines = tried.filter((model) => model === best || model.name.startsWith('mean'));
  const most = Math.max(...versions.map(({ heldOut }) => heldOut.mae), ...baselines.map(({ mae }) => mae));
  const y = { title: `Held-out mean absolute error (${unit})`, min: 0, max: most * 1.15 };
  return byVersion(versions, y, (scales, x) => [
    ...baselines.flatMap(({ name, mae }) => [
      segment(
        { x: scales.area.left, y: scales.y(mae) },
        { x: scales.area.right, y: scales.y(mae) },
        'baseline',
      ),
      text({ x: scales.area.right, y: scales.y(mae) - 4 }, name, 'tick', 'end'),
    ]),
    ...trace(
      versions,
      ({ version, heldOut }) => ({ x: x(version), y: scales.y(heldOut.mae) }),
      ({ heldOut }) => `${significant(heldOut.mae, 3)} ${unit}`,
    ),
  ]);
}

/** Share of held-out values inside the 90 % interval by version, with that share's own 90 % interval. */
export function coverageChart(versions: readonly VersionFigures[]): Html {
  const rates = versions.map(({ heldOut }) =>
    hitRate({ labels: heldOut.count, discoveries: heldOut.coverage90 * heldOut.count }),
  );
  const lowest = Math.min(0.6, ...rates.map((rate) => rate?.low ?? 1));
  const y = { title: 'Inside the 90 % interval (share)', min: Math.max(0, lowest - 0.05), max: 1.02 };
  return byVersion(versions, y, (scales, x) => [
    segment({ x: scales.area.left, y: scales.y(0.9) }, { x: scales.area.right, y: scales.y(0.9) }, 'ideal'),
    ...versions.map(({ version }, i) =>
      segment(
        { x: x(version), y: scales.y(rates[i]?.low ?? 0) },
        { x: x(version), y: scales.y(rates[i]?.high ?? 1) },
        'bar model',
      ),
    ),
    ...trace(
      versions,
      ({ version, heldOut }) => ({ x: x(version), y: scales.y(heldOut.coverage90) }),
      ({ heldOut }) => `${significant(heldOut.coverage90 * 100, 3)} % of ${heldOut.count}`,
    ),
  ]);
}

/** Area between nominal and observed coverage by version; 0 is perfect. */
export function miscalibrationChart(versions: readonly VersionFigures[]): Html {
  const most = Math.max(0.1, ...versions.map(({ heldOut }) => heldOut.miscalibrationArea));
  return byVersion(versions, { title: 'Miscalibration area', min: 0, max: most * 1.1 }, (scales, x) =>
    trace(
      versions,
      ({ version, heldOut }) => ({ x: x(version), y: scales.y(heldOut.miscalibrationArea) }),
      ({ heldOut }) => significant(heldOut.miscalibrationArea),
    ),
  );
}

function byVersion(
  versions: readonly VersionFigures[],
  y: Axis,
  draw: (scales: Scales, x: (version: number) => number) => readonly Html[],
): Html {
  const numbers = versions.map(({ version }) => version);
  const x = {
    title: 'Model version',
    min: Math.min(...numbers) - 0.5,
    max: Math.max(...numbers) + 0.5,
    whole: true,
  };
  return plot({ width: 270, height: 260, x, y, label: `${y.title} by model version` }, (scales) =>
    draw(scales, scales.x),
  );
}

/** Versions joined by a line; a rejected one is hollow and the line passes it by. */
function trace(
  versions: readonly VersionFigures[],
  at: (figures: VersionFigures) => Point,
  say: (figures: VersionFigures) => string,
): Html[] {
  return [
    line(versions.filter(({ promoted }) => promoted).map(at), 'model'),
    ...versions.map((figures) => {
      const verdict = figures.promoted ? 'promoted' : 'rejected';
      return dot(
        at(figures),
        `version ${verdict}`,
        3.6,
        `version ${figures.version}, ${verdict}: ${say(figures)}`,
      );
    }),
  ];
}
