import { buildHull, type Hull, type HullPhase } from '../../src/crystal/hull/hull.ts';
import { type Random, random } from '../../src/crystal/random.ts';
import { type Figure, figureOf } from '../figure.ts';
import { raceAgainst } from './side-by-side.ts';

/** Li, Mn, Co, Ni and O: a battery cathode's system. */
const ELEMENTS = [3, 25, 27, 28, 8];
const PHASES = 1000;

/** The hull of 1,000 phases of five elements with the distance of every phase above it, and one more phase added. */
export async function run({ quick }: { readonly quick: boolean }): Promise<readonly Figure[]> {
  const phases = cathodePhases(random('bench', 'hull'), PHASES);
  let stable = 0;
  const { figure, answer } = await raceAgainst(
    {
      figure: 'hull of 5 elements and 1,000 phases, distance of each',
      goal: 'at least 5 times pymatgen',
      count: 1,
      unit: 'hulls per core-second',
      repetitions: quick ? 2 : 8,
      script: 'hull.py',
      job: {
        phases: phases.map(({ composition, energyEvPerAtom }) => ({
          composition: [...composition],
          energyEvPerAtom,
        })),
      },
    },
    () => {
      const hull = buildHull(phases);
      stable = phases.filter(
        ({ composition, energyEvPerAtom }) =>
          hull.energyAboveHullEvPerAtom(composition, energyEvPerAtom) < 1e-8,
      ).length;
    },
  );
  if (stable !== answer.stable) {
    throw new Error(`${stable} phases are stable here, ${String(answer.stable)} with ${answer.peer}`);
  }
  return [figure, ...growth(quick ? 5 : 20)];
}

/** Phases added to a hull of 1,000, one each time: any phase, and those made to lie on the hull. */
function growth(seeds: number): Figure[] {
  const any: number[] = [];
  const stable: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const phases = cathodePhases(random('bench', 'hull', seed), PHASES + 200);
    const hull = buildHull(phases.slice(0, PHASES));
    const added = phases.slice(PHASES);
    const lowered = added.map((phase) => ({
      ...phase,
      energyEvPerAtom: hull.hullEnergyEvPerAtom(phase.composition) - 0.01,
    }));
    any.push(microsecondsToAdd(hull, added));
    stable.push(microsecondsToAdd(hull, lowered));
  }
  return [
    figureOf('adding a phase to a hull of 1,000', any, 'core-µs'),
    figureOf('adding a stable phase to a hull of 1,000', stable, 'core-µs'),
  ];
}

function microsecondsToAdd(hull: Hull, phases: readonly HullPhase[]): number {
  const before = process.cpuUsage();
  for (const phase of phases) hull.withPhases([phase]);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / phases.length;
}

/** Compounds of 2 to 5 of the elements with small counts, bound by 0 to 2 eV/atom, and the elements themselves. */
function cathodePhases(source: Random, count: number): HullPhase[] {
  const elements = ELEMENTS.map((z): HullPhase => ({
    id: String(z),
    composition: new Map([[z, 1]]),
    energyEvPerAtom: 0,
    method: 'synthetic',
  }));
  const compounds = Array.from({ length: count - ELEMENTS.length }, (_, i): HullPhase => {
    const held = source.shuffle(ELEMENTS).slice(0, 2 + source.integer(4));
    const counts = held.map(() => 1 + source.integer(6));
    const total = counts.reduce((sum, count) => sum + count, 0);
    // A regular solution is convex in composition; the noise decides which phases reach the hull.
    const mixing = counts.reduce((sum, count) => sum + (count / total) * (1 - count / total), 0);
    return {
      id: `phase ${i}`,
      composition: new Map(held.map((z, k) => [z, counts[k] as number])),
      energyEvPerAtom: -2 * mixing + 0.15 * source.normal(),
      method: 'synthetic',
    };
  });
  return [...elements, ...compounds];
}
