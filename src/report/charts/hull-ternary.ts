import { elementCounts } from '../../crystal/chemistry/composition.ts';
import { atomicNumberOf } from '../../crystal/chemistry/elements.ts';
import type { Entry } from '../entries.ts';
import { formulaText, html, type Html } from '../html.ts';
import { dot, placeTexts, polygon, segment, svg, text, type Point } from '../plot.ts';
import { meetsText, onHull } from './hull-points.ts';

/** Upper ends of the colour classes of energy above the hull, meV/atom; the last class is open. */
const CLASSES_MEV_PER_ATOM = [0, 10, 25, 50, 100] as const;
const SIDE = 520;
const HEIGHT = (SIDE * Math.sqrt(3)) / 2;
const [LEFT, TOP] = [120, 34];

type Triple = readonly [number, number, number];

/** Compositions in a Gibbs triangle, coloured by energy above the hull, with tie-lines between phases in equilibrium. */
export function ternaryHullChart(
  entries: readonly Entry[],
  elements: readonly [string, string, string],
): Html {
  const numbers = elements.map(atomicNumberOf);
  const points = entries.flatMap((entry) => {
    if (!entry.judgement) return [];
    const counts = elementCounts(entry.label.crystal);
    const shares = numbers.map((z) => (counts.get(z) ?? 0) / entry.label.crystal.atomicNumbers.length);
    return [{ entry, shares: shares as unknown as Triple, distance: entry.judgement.distance }];
  });
  const stableKeys = onHull(points.map(({ entry }) => entry));
  const stable = points.filter(({ entry }) => stableKeys.has(entry.label._id));
  const ties = tieLines(
    stable.map(({ shares, entry }) => ({ shares, energy: entry.judgement?.formationEnergyEvPerAtom ?? 0 })),
  );
  // The best are drawn last, over worse ones of the same composition.
  const others = points
    .filter(({ entry }) => !stableKeys.has(entry.label._id))
    .toSorted((a, b) => b.distance - a.distance);
  const inside = stable.filter(({ shares }) => Math.max(...shares) < 1);
  return svg(760, 524, 'Gibbs triangle coloured by energy above the hull', [
    polygon([place([1, 0, 0]), place([0, 1, 0]), place([0, 0, 1])], 'triangle'),
    ...gridLines(),
    ...ties.map(([i, j]) =>
      segment(place(stable[i]?.shares ?? [1, 0, 0]), place(stable[j]?.shares ?? [1, 0, 0]), 'tie'),
    ),
    ...others.map(({ entry, shares, distance }) =>
      dot(
        place(shares),
        `energy ${classOf(distance)}`,
        4,
        `${entry.label.formula}, ${meetsText(entry)}, ${entry.label.arm} arm`,
      ),
    ),
    ...stable.map(({ entry, shares }) =>
      dot(place(shares), 'energy e0 on', 6, `${entry.label.formula}, on the hull`),
    ),
    ...placeTexts(
      inside.map(({ entry, shares }) => ({ at: place(shares), content: formulaText(entry.label.formula) })),
      { left: 4, right: 756, top: 4, bottom: 522 },
    ),
    text({ x: LEFT + SIDE / 2, y: TOP - 12 }, elements[0], 'corner', 'middle'),
    text({ x: LEFT - 12, y: TOP + HEIGHT + 8 }, elements[1], 'corner', 'end'),
    text({ x: LEFT + SIDE + 12, y: TOP + HEIGHT + 8 }, elements[2], 'corner', 'start'),
    ...legend(),
  ]);
}

/** First element at the top, second at the lower left, third at the lower right. */
function place([top, , right]: Triple): Point {
  return { x: LEFT + SIDE * (right + top / 2), y: TOP + HEIGHT * (1 - top) };
}

function classOf(distanceEvPerAtom: number): string {
  const found = CLASSES_MEV_PER_ATOM.findIndex((end) => distanceEvPerAtom * 1000 <= end + 1e-5);
  return `e${found < 0 ? CLASSES_MEV_PER_ATOM.length : found}`;
}

function gridLines(): Html[] {
  return [0.25, 0.5, 0.75].flatMap((share) => {
    const rest = 1 - share;
    return [
      segment(place([share, rest, 0]), place([share, 0, rest]), 'grid'),
      segment(place([rest, share, 0]), place([0, share, rest]), 'grid'),
      segment(place([rest, 0, share]), place([0, rest, share]), 'grid'),
    ];
  });
}

/**
 * Pairs of phases that share a facet of the lower hull. Every facet is tried: with n phases on a hull that is n⁴ work,
 * which for the few dozen phases of one system is nothing.
 */
export function tieLines(
  phases: readonly { readonly shares: Triple; readonly energy: number }[],
): [number, number][] {
  const pairs = new Map<string, [number, number]>();
  const add = (i: number, j: number): void => void pairs.set(`${i}-${j}`, [i, j]);
  for (let i = 0; i < phases.length; i++)
    for (let j = i + 1; j < phases.length; j++)
      for (let k = j + 1; k < phases.length; k++) {
        const corners = [phases[i], phases[j], phases[k]].flatMap((phase) => phase ?? []);
        if (!isFacet(corners, phases)) continue;
        add(i, j);
        add(j, k);
        add(i, k);
      }
  return [...pairs.values()];
}

/** True when no phase lies below the plane through the three, or inside the triangle on it. */
function isFacet(
  corners: readonly { readonly shares: Triple; readonly energy: number }[],
  phases: readonly { readonly shares: Triple; readonly energy: number }[],
): boolean {
  const [a, b, c] = corners;
  if (!a || !b || !c) return false;
  const area = cross(a.shares, b.shares, c.shares);
  if (Math.abs(area) < 1e-9) return false;
  return phases.every((phase) => {
    if (corners.includes(phase)) return true;
    const u = cross(phase.shares, b.shares, c.shares) / area;
    const v = cross(a.shares, phase.shares, c.shares) / area;
    const w = 1 - u - v;
    const above = phase.energy - (u * a.energy + v * b.energy + w * c.energy);
    return above > 1e-9 || (above > -1e-9 && Math.min(u, v, w) < -1e-9);
  });
}

/** Twice the signed area of the triangle in the plane of the first two shares. */
function cross(p: Triple, q: Triple, r: Triple): number {
  return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
}

function legend(): Html[] {
  const names = [
    'on the hull',
    ...CLASSES_MEV_PER_ATOM.slice(1).map((end) => `to ${end}`),
    `above ${CLASSES_MEV_PER_ATOM.at(-1)}`,
  ];
  return [
    text({ x: 566, y: 42 }, 'Energy above the hull', 'title'),
    text({ x: 566, y: 57 }, '(meV/atom)', 'title'),
    ...names.flatMap((name, i) => [
      dot({ x: 573, y: 76 + 20 * i }, `energy e${i} ${i === 0 ? 'on' : ''}`, i === 0 ? 6 : 4.5),
      html`<text class="tick" x="588" y="${80 + 20 * i}">${name}</text>`,
    ]),
  ];
}
