import type { AttributionTerm } from '../../campaign/facts.ts';
import { fixed, significant } from '../../campaign/number-text.ts';
import { html, type Html } from '../html.ts';
import { svg, text } from '../plot.ts';

const ROW = 22;
/** Below this a term raises about as often as it lowers. */
const MIXED = 0.3;

/** One bar a term: how far it moves predictions; its colour and arrow say which way. */
export function attributionChart(
  terms: readonly AttributionTerm[],
  { width, names, label }: { width: number; names: number; label: string },
): Html {
  const most = Math.max(...terms.map(({ meanAbsolute }) => meanAbsolute));
  const full = width - names - 64;
  return svg(width, terms.length * ROW + 4, label, [
    ...terms.flatMap(({ name, labels, meanAbsolute, direction }, row) => {
      const y = row * ROW + 3;
      const long = most > 0 ? (full * meanAbsolute) / most : 0;
      const way = Math.abs(direction) < MIXED ? 'mixed' : direction > 0 ? 'up' : 'down';
      return [
        text({ x: names - 7, y: y + 12.5 }, name, '', 'end'),
        html`<rect class="amount ${way}" x="${names}" y="${y}" width="${long.toFixed(1)}" height="${ROW - 6}"
          ><title>${name}: mean over ${labels} labels, direction ${fixed(direction, 2)}</title></rect
        >`,
        text({ x: names + long + 6, y: y + 12.5 }, `${significant(meanAbsolute)} ${ARROWS[way]}`, 'tick'),
      ];
    }),
  ]);
}

const ARROWS = { up: '↑', down: '↓', mixed: '↕' } as const;
