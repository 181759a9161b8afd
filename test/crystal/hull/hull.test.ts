import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildHull, type HullPhase, STABLE_WITHIN_EV_PER_ATOM } from '../../../src/crystal/hull/hull.ts';
import { parseFormula } from '../../../src/crystal/chemistry/formula.ts';
import { random } from '../../../src/crystal/random.ts';

const phase = (formula: string, energyEvPerAtom: number, id = formula): HullPhase => ({
  id,
  composition: parseFormula(formula),
  energyEvPerAtom,
  method: 'emt 1',
});

const ELEMENTS = [3, 8, 12, 13, 15, 26, 29, 79];

/** The elements and up to 25 compounds; energies in steps of 0.1 eV/atom, so that ties and flat faces are common. */
const phases = fc
  .integer({ min: 2, max: ELEMENTS.length })
  .chain((size) =>
    fc.tuple(
      fc.array(fc.integer({ min: -9, max: 0 }), { minLength: size, maxLength: size }),
      fc.array(
        fc.record({
          counts: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: size, maxLength: size }),
          binding: fc.integer({ min: -8, max: 2 }),
          noise: fc.constantFrom(0, 0, 0.0123, 0.0077),
        }),
        { maxLength: 25 },
      ),
    ),
  )
  .map(([elements, compounds]): HullPhase[] => [
    ...elements.map((energy, k) => ({
      id: `element ${k}`,
      composition: new Map([[ELEMENTS[k] as number, 1]]),
      energyEvPerAtom: energy,
      method: 'emt 1',
    })),
    ...compounds.flatMap(({ counts, binding, noise }, i): HullPhase[] => {
      const total = counts.reduce((sum, count) => sum + count, 0);
      if (total === 0) return [];
      const mean = counts.reduce((sum, count, k) => sum + (count / total) * (elements[k] as number), 0);
      return [
        {
          id: `compound ${i}`,
          composition: new Map(counts.map((count, k) => [ELEMENTS[k] as number, count])),
          energyEvPerAtom: mean + binding / 10 + noise,
          method: 'emt 1',
        },
      ];
    }),
  ]);

/** Runs of each property: enough for every kind of tie, few enough for a second. */
const runs = { numRuns: 60 };
const seeds = fc.integer({ min: 0, max: 1000 });

describe('properties', () => {
  test('the order of the phases does not matter', () => {
    fc.assert(
      fc.property(phases, seeds, (given, seed) => {
        const hull = buildHull(given);
        const shuffled = buildHull(random(seed).shuffle(given));
        expect([...shuffled.stableIds].sort()).toEqual([...hull.stableIds].sort());
        for (const { composition } of given) {
          expect(shuffled.decomposition(composition)).toEqual(hull.decomposition(composition));
        }
      }),
      runs,
    );
  });

  test('phases added one by one, or all at once, give the hull that they give from scratch', () => {
    fc.assert(
      fc.property(phases, seeds, (given, seed) => {
        const later = random(seed).shuffle(given.filter(({ id }) => id.startsWith('compound')));
        const elements = given.filter(({ id }) => id.startsWith('element'));
        const scratch = buildHull([...elements, ...later]);
        const grown = later.reduce((hull, one) => hull.withPhases([one]), buildHull(elements));
        const half = Math.floor(later.length / 2);
        const halves = buildHull([...elements, ...later.slice(0, half)]).withPhases(later.slice(half));
        for (const hull of [grown, halves]) {
          expect(hull.phases).toEqual(scratch.phases);
          expect(hull.stableIds).toEqual(scratch.stableIds);
          for (const { id, composition, energyEvPerAtom } of given) {
            expect(hull.decomposition(composition)).toEqual(scratch.decomposition(composition));
            expect(hull.formationEnergyEvPerAtom(composition, energyEvPerAtom)).toBeCloseTo(
              scratch.formationEnergyEvPerAtom(composition, energyEvPerAtom),
              12,
            );
            expect(hull.decompositionEnergyEvPerAtom(id)).toBeCloseTo(
              scratch.decompositionEnergyEvPerAtom(id),
              12,
            );
          }
        }
      }),
      runs,
    );
  });

  test('another phase never raises the hull', () => {
    fc.assert(
      fc.property(phases, (given) => {
        const elements = given.filter(({ id }) => id.startsWith('element'));
        const before = buildHull(given.slice(0, Math.max(elements.length, given.length - 3)));
        const after = buildHull(given);
        for (const { composition } of given) {
          expect(after.hullEnergyEvPerAtom(composition)).toBeLessThan(
            before.hullEnergyEvPerAtom(composition) + STABLE_WITHIN_EV_PER_ATOM,
          );
        }
      }),
      runs,
    );
  });

  test('the hull is convex, under every phase, and touches the stable ones alone', () => {
    fc.assert(
      fc.property(phases, seeds, (given, seed) => {
        const hull = buildHull(given);
        const source = random(seed);
        for (const { id, composition, energyEvPerAtom } of given) {
          const above = hull.energyAboveHullEvPerAtom(composition, energyEvPerAtom);
          if (hull.stableIds.includes(id)) expect(Math.abs(above)).toBeLessThan(STABLE_WITHIN_EV_PER_ATOM);
          else expect(above).toBeGreaterThan(STABLE_WITHIN_EV_PER_ATOM);
          const other = source.pick(given).composition;
          const mixture = new Map(composition);
          for (const [z, count] of other) mixture.set(z, (mixture.get(z) ?? 0) + count);
          const atoms = (of: ReadonlyMap<number, number>): number =>
            [...of.values()].reduce((sum, count) => sum + count, 0);
          const chord =
            (atoms(composition) * hull.hullEnergyEvPerAtom(composition) +
              atoms(other) * hull.hullEnergyEvPerAtom(other)) /
            atoms(mixture);
          expect(hull.hullEnergyEvPerAtom(mixture)).toBeLessThan(chord + STABLE_WITHIN_EV_PER_ATOM);
        }
      }),
      runs,
    );
  });

  test('a decomposition has the composition and the energy asked for, of stable phases alone', () => {
    fc.assert(
      fc.property(phases, seeds, (given, seed) => {
        const hull = buildHull(given);
        const source = random(seed);
        const held = given.filter(({ id }) => id.startsWith('element')).length;
        const counts = ELEMENTS.slice(0, held).map((z) => [z, 0.1 + source.uniform()] as const);
        const total = counts.reduce((sum, [, count]) => sum + count, 0);
        const products = hull.decomposition(new Map(counts)).map(({ id, fraction }) => {
          const { composition, energyEvPerAtom } = given.find((one) => one.id === id) as HullPhase;
          const atoms = [...composition.values()].reduce((sum, count) => sum + count, 0);
          return { id, fraction, energyEvPerAtom, share: (z: number) => (composition.get(z) ?? 0) / atoms };
        });
        const sum = (of: (product: (typeof products)[number]) => number): number =>
          products.reduce((left, product) => left + product.fraction * of(product), 0);
        expect(products.every(({ id }) => hull.stableIds.includes(id))).toBe(true);
        expect(sum(() => 1)).toBeCloseTo(1, 9);
        for (const [z, count] of counts) expect(sum(({ share }) => share(z))).toBeCloseTo(count / total, 9);
        expect(sum((product) => product.energyEvPerAtom)).toBeCloseTo(
          hull.hullEnergyEvPerAtom(new Map(counts)),
          8,
        );
      }),
      runs,
    );
  });

  test('a stable phase lies below the hull of the others, an unstable one above', () => {
    fc.assert(
      fc.property(phases, (given) => {
        const hull = buildHull(given);
        for (const { id, composition } of given) {
          const energy = hull.decompositionEnergyEvPerAtom(id);
          if (!hull.stableIds.includes(id)) continue;
          expect(energy).toBeLessThan(STABLE_WITHIN_EV_PER_ATOM);
          // Phases that are not stable compete as well, so that it can only be nearer.
          if ([...composition.values()].filter((count) => count > 0).length > 1) {
            expect(hull.equilibriumReactionEnergyEvPerAtom(id)).toBeLessThan(
              energy + STABLE_WITHIN_EV_PER_ATOM,
            );
          }
        }
      }),
      runs,
    );
  });
});

test('a phase under the hull has a negative energy above it; formation energies count from the lowest elements', () => {
  const hull = buildHull([phase('Cu', 0.2, 'bcc'), phase('Cu', 0, 'fcc'), phase('Au', 1)]);
  expect(hull.energyAboveHullEvPerAtom(parseFormula('Cu2Au2'), 0.4)).toBeCloseTo(-0.1, 12);
  expect(hull.formationEnergyEvPerAtom(parseFormula('Cu2Au2'), 0.4)).toBeCloseTo(-0.1, 12);
  expect(hull.stableIds).toEqual(['fcc', 'Au']);
});

test('of polymorphs the lowest is stable, and all that tie with it', () => {
  const hull = buildHull([
    ...[phase('Cu', 0), phase('Au', 0), phase('CuAu', -0.1, 'L10'), phase('Cu2Au2', -0.1, 'twin')],
    phase('CuAu', -0.05, 'B2'),
  ]);
  expect(hull.stableIds).toEqual(['Cu', 'Au', 'L10', 'twin']);
  expect(hull.energyAboveHullEvPerAtom(parseFormula('CuAu'), -0.05)).toBeCloseTo(0.05, 12);
  expect(hull.decomposition(parseFormula('CuAu'))).toEqual([{ id: 'L10', fraction: 1 }]);
  expect(hull.equilibriumReactionEnergyEvPerAtom('twin')).toBeCloseTo(-0.1, 12);
  expect(hull.decompositionEnergyEvPerAtom('B2')).toBeCloseTo(-0.05, 12);
});

test('fractions are shares of the atoms', () => {
  const hull = buildHull([phase('Li', -1.9), phase('O', -4.9), phase('Li2O', -4.8)]);
  const products = hull.decomposition(parseFormula('Li2O2'));
  expect(products.map(({ id }) => id)).toEqual(['Li2O', 'O']);
  expect(products.map(({ fraction }) => fraction)).toEqual([
    expect.closeTo(3 / 4, 12),
    expect.closeTo(1 / 4, 12),
  ]);
});

test('a lower element, or a new one, moves what was measured from it', () => {
  const hull = buildHull([phase('Cu', 0), phase('Au', 0), phase('CuAu', -0.1)]);
  const lower = hull.withPhases([phase('Cu', -0.3, 'lower Cu'), phase('Al', -1)]);
  expect(lower.stableIds).toEqual(['Au', 'lower Cu', 'Al']);
  expect(lower.energyAboveHullEvPerAtom(parseFormula('CuAu'), -0.1)).toBeCloseTo(0.05, 12);
  expect(lower.formationEnergyEvPerAtom(parseFormula('CuAu'), -0.1)).toBeCloseTo(0.05, 12);
  expect(hull.stableIds).toEqual(['Cu', 'Au', 'CuAu']);
});

test('a trace of an element below the resolution of shares is none', () => {
  const trace = new Map([
    [29, 1],
    [79, 1e-12],
  ]);
  const hull = buildHull([
    phase('Cu', 0),
    phase('Au', 0),
    { ...phase('Cu', -0.1, 'trace'), composition: trace },
  ]);
  expect(hull.stableIds).toEqual(['Au', 'trace']);
  expect(hull.hullEnergyEvPerAtom(parseFormula('CuAu'))).toBeCloseTo(-0.05, 12);
  expect(hull.decomposition(trace)).toEqual([{ id: 'trace', fraction: 1 }]);
});

test('compositions a thousandth apart with unlike energies, whose facets are steep, neither stall nor mislead', () => {
  for (let seed = 0; seed < 200; seed++) {
    const source = random('steep', seed);
    const held = ELEMENTS.slice(0, 2 + source.integer(4));
    const given = held.map((z): HullPhase => ({
      ...phase('Cu', 0, `element ${z}`),
      composition: new Map([[z, 1]]),
    }));
    for (let i = 0; i < 30; i++) {
      const counts = held.map((_, k) => 1000 * (1 + ((i + k) % 3)) + source.integer(3));
      const composition = new Map(held.map((z, k) => [z, counts[k] as number]));
      given.push({ ...phase('Cu', -source.uniform(), `phase ${i}`), composition });
    }
    const hull = buildHull(given);
    for (const { composition, energyEvPerAtom } of given) {
      expect(hull.energyAboveHullEvPerAtom(composition, energyEvPerAtom)).toBeGreaterThan(
        -STABLE_WITHIN_EV_PER_ATOM,
      );
    }
  }
});

test('total energies of any size keep the digits of small differences', () => {
  // All-electron energies of gold and copper are of this size, eV/atom.
  const shift = 5.2e5;
  const hull = buildHull([phase('Cu', -shift), phase('Au', -2 * shift), phase('CuAu', -1.5 * shift - 1e-6)]);
  expect(hull.stableIds).toHaveLength(3);
  expect(hull.equilibriumReactionEnergyEvPerAtom('CuAu')).toBeCloseTo(-1e-6, 9);
});

describe('errors say what is wrong and what to do', () => {
  const copper = phase('Cu', 0);
  const hull = buildHull([copper, phase('Au', 0), phase('CuAu', 0.2)]);
  const cases: [string, () => unknown, string][] = [
    ['no phases', () => buildHull([]), 'a hull of no phases: give at least one phase of each element'],
    [
      'a missing element',
      () => buildHull([copper, phase('CuAu', -1)]),
      'no phase of pure Au: the hull needs one of each element as reference, evaluate it with the same method',
    ],
    [
      'an energy',
      () => buildHull([phase('Cu', NaN)]),
      'phase Cu has the energy NaN: give a finite one in eV/atom',
    ],
    [
      'negative amounts',
      () => buildHull([copper, { ...copper, id: 'x', composition: new Map([[29, -1]]) }]),
      'has -1 of Cu: counts must be 0 or more, and finite',
    ],
    [
      'no amounts',
      () => buildHull([copper, { ...copper, id: 'x', composition: new Map([[29, 0]]) }]),
      'the composition is empty: give at least one element',
    ],
    [
      'an id twice',
      () => hull.withPhases([copper]),
      'two phases are called Cu: give each phase of a hull an id',
    ],
    [
      'another element',
      () => hull.hullEnergyEvPerAtom(parseFormula('CuAl')),
      'the hull has no Al: it was built from phases of Cu, Au',
    ],
    [
      'an unstable phase',
      () => hull.equilibriumReactionEnergyEvPerAtom('CuAu'),
      'phase CuAu is 0.200 eV/atom above the hull: only a stable phase has an equilibrium reaction energy, ask for its',
    ],
    ['an id', () => hull.decompositionEnergyEvPerAtom('x'), 'the hull has no phase called x'],
    [
      'an energy asked about',
      () => hull.energyAboveHullEvPerAtom(parseFormula('CuAu'), Infinity),
      'CuAu has the energy Infinity: give a finite one in eV/atom',
    ],
  ];
  test.each(cases)('%s', (_, act, message) => {
    expect(act).toThrow(RangeError);
    expect(act).toThrow(message);
  });

  test('energies of different methods refuse to mix', () => {
    const other = { ...phase('Al', 0), method: 'vasp 6.4' };
    const message =
      "the energy of phase Cu is of the method 'emt 1', that of phase Al of 'vasp 6.4': they cannot be compared. " +
      'Evaluate both with one executor, version and settings, or build one hull for each';
    expect(() => buildHull([copper, other])).toThrow(message);
    expect(() => hull.withPhases([other])).toThrow(message);
  });
});
