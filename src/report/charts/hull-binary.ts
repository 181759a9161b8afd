import { elementCounts } from '../../crystal/chemistry/composition.ts';
import { atomicNumberOf } from '../../crystal/chemistry/elements.ts';
import { significant } from '../../campaign/number-text.ts';
import type { Entry } from '../entries.ts';
import { formulaText, html, type Html } from '../html.ts';
import { dot, line, placeTexts, plot, type Point } from '../plot.ts';
import { meetsText, onHull } from './hull-points.ts';

/** Formation energy against the share of the second element, with the lower hull through the phases on it. */
export function binaryHullChart(
  entries: readonly Entry[],
  elements: readonly [string, string],
): { figure: Html; above: number; topEvPerAtom: number } {
  const second = atomicNumberOf(elements[1]);
  const points = entries.flatMap((entry) => {
    const energy = entry.judgement?.formationEnergyEvPerAtom ?? null;
    const share =
      (elementCounts(entry.label.crystal).get(second) ?? 0) / entry.label.crystal.atomicNumbers.length;
    return energy === null ? [] : [{ entry, share, energy }];
  });
  const stable = onHull(points.map(({ entry }) => entry));
  const hull = points
    .filter(({ entry }) => stable.has(entry.label._id))
    .toSorted((a, b) => a.share - b.share);
  const lowest = Math.min(-0.02, ...points.map(({ energy }) => energy));
  const highest = Math.max(0.02, ...points.map(({ energy }) => energy));
  const top = Math.min(highest, Math.abs(lowest) * 0.8);
  const axes = {
    x: {
      title: `Share of ${elements[1]} in ${elements[0]}–${elements[1]} (atomic fraction)`,
      min: -0.02,
      max: 1.02,
    },
    y: { title: 'Formation energy (eV/atom)', min: lowest * 1.18, max: top + 0.04 * (top - lowest) },
  };
  const figure = plot(
    { width: 760, height: 380, ...axes, label: 'Formation energy against composition' },
    (scales) => {
      const at = ({ share, energy }: { share: number; energy: number }): Point => ({
        x: scales.x(share),
        y: scales.y(Math.min(energy, top)),
      });
      const marks = points
        .filter(({ entry }) => !stable.has(entry.label._id))
        .map((point) => {
          const { label } = point.entry;
          const title = `${label.formula}, ${significant(point.energy, 3)} eV/atom, ${label.arm} arm, ${meetsText(point.entry)}`;
          const { x, y } = at(point);
          return point.energy > top
            ? html`<path class="mark ${label.arm}" d="M${x.toFixed(1)} ${(y - 5).toFixed(1)}l3.6 6h-7.2z"
                ><title>${title}</title></path
              >`
            : dot({ x, y }, `mark ${label.arm}`, 3.2, title);
        });
      return [
        line(
          [
            { x: scales.x(0), y: scales.y(0) },
            { x: scales.x(1), y: scales.y(0) },
          ],
          'zero',
        ),
        ...marks,
        line(hull.map(at), 'hull'),
        ...hull.map((point) =>
          dot(
            at(point),
            `stable ${point.entry.label.arm}`,
            5,
            `${point.entry.label.formula}, on the hull, ${significant(point.energy, 3)} eV/atom`,
          ),
        ),
        ...placeTexts(
          hull.map((point) => ({ at: at(point), content: formulaText(point.entry.label.formula) })),
          { ...scales.area, left: scales.area.left - 8, right: scales.area.right + 12 },
        ),
      ];
    },
  );
  return { figure, above: points.filter(({ energy }) => energy > top).length, topEvPerAtom: top };
}
