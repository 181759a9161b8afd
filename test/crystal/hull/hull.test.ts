import { describe, expect, test } from 'vitest';
import { buildHull, type Hull } from '../../../src/crystal/hull/hull.ts';
import reference from '../../fixtures/crystal/scipy-hulls.json' with { type: 'json' };

type Case = (typeof reference.hulls)[number];

const composition = (numbers: readonly number[], counts: readonly number[]): Map<number, number> =>
  new Map(numbers.flatMap((z, i) => (counts[i] === 0 ? [] : [[z, counts[i] as number] as const])));

function hullOf(which: Case): Hull {
  return buildHull(
    which.phases.map((phase, i) => ({
      id: String(i),
      composition: composition(which.atomicNumbers, phase.counts),
      energyEvPerAtom: phase.energyEvPerAtom,
      method: 'one',
    })),
  );
}

describe.each(reference.hulls.map((which) => [which.atomicNumbers.length, which] as const))(
  '%i elements',
  (_, which) => {
    const hull = hullOf(which);

    test('energies of the hull are those of scipy', () => {
      for (const query of which.queries) {
        const found = hull.hullEnergyEvPerAtom(composition(which.atomicNumbers, query.counts));
        expect(found).toBeCloseTo(query.hullEnergyEvPerAtom, 7);
      }
    });

    test('no phase lies below, stable phases lie on it and fall apart into themselves', () => {
      which.phases.forEach((phase, i) => {
        const of = composition(which.atomicNumbers, phase.counts);
        const above = hull.energyAboveHullEvPerAtom(of, phase.energyEvPerAtom);
        expect(above).toBeGreaterThan(-1e-8);
        expect(hull.stableIds.includes(String(i))).toBe(above < 1e-8);
      });
    });

    test('a decomposition has the composition and the energy of the hull', () => {
      for (const query of which.queries) {
        const target = composition(which.atomicNumbers, query.counts);
        const total = query.counts.reduce((sum, count) => sum + count, 0);
        const parts = hull.decomposition(target);
        expect(parts.reduce((sum, part) => sum + part.fraction, 0)).toBeCloseTo(1, 9);
        which.atomicNumbers.forEach((_z, axis) => {
          const share = parts.reduce((sum, part) => {
            const { counts } = which.phases[Number(part.id)] as Case['phases'][number];
            return sum + (part.fraction * (counts[axis] as number)) / counts.reduce((l, r) => l + r, 0);
          }, 0);
          expect(share).toBeCloseTo((query.counts[axis] as number) / total, 8);
        });
        const energy = parts.reduce(
          (sum, part) =>
            sum + part.fraction * (which.phases[Number(part.id)] as Case['phases'][number]).energyEvPerAtom,
          0,
        );
        expect(energy).toBeCloseTo(query.hullEnergyEvPerAtom, 7);
      }
    });
  },
);

const pure = (z: number, energyEvPerAtom: number) => ({
  id: `pure ${z}`,
  composition: new Map([[z, 1]]),
  energyEvPerAtom,
  method: 'one',
});

test('a phase under the hull has a negative energy above it; formation energies count from the lowest elements', () => {
  const hull = buildHull([pure(29, 0.2), { ...pure(29, 0), id: 'fcc' }, pure(79, 1)]);
  const half = new Map([
    [29, 2],
    [79, 2],
  ]);
  expect(hull.energyAboveHullEvPerAtom(half, 0.4)).toBeCloseTo(-0.1, 12);
  expect(hull.formationEnergyEvPerAtom(half, 0.4)).toBeCloseTo(-0.1, 12);
  expect(hull.stableIds).toEqual(['fcc', 'pure 79']);
});

test('errors say what is missing', () => {
  const compound = {
    id: 'x',
    composition: new Map([
      [29, 1],
      [79, 1],
    ]),
    energyEvPerAtom: -1,
    method: 'one',
  };
  expect(() => buildHull([pure(29, 0), compound])).toThrow(
    'no phase of pure Au: the hull needs one of each element',
  );
  expect(() => buildHull([pure(29, NaN)])).toThrow('phase pure 29 has the energy NaN');
  expect(() => buildHull([pure(29, 0)]).hullEnergyEvPerAtom(new Map([[13, 1]]))).toThrow(
    'the hull has no Al: it was built from phases of Cu',
  );
});
