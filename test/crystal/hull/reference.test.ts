import { describe, expect, test } from 'vitest';
import { buildHull, type Hull, type HullPhase } from '../../../src/crystal/hull/hull.ts';
import { readReference } from '../reference.ts';

/** One of the 50 systems with what pymatgen says of each phase; those are numbered in their order. */
interface System {
  readonly name: string;
  readonly kind: 'mp_20_biternary' | 'random' | 'collinear' | 'ties' | 'duplicates' | 'positive';
  readonly atomicNumbers: readonly number[];
  readonly counts: readonly (readonly number[])[];
  readonly energiesEvPerAtom: readonly number[];
  readonly stable: readonly number[];
  readonly aboveEvPerAtom: readonly number[];
  readonly decompositions: readonly (readonly (readonly [phase: number, share: number])[])[];
  readonly reactionEvPerAtom: Readonly<Record<string, number>>;
  readonly separationEvPerAtom: Readonly<Record<string, number>>;
}

/** Made so that many phases lie on edges and faces of the hull, or tie with another of their composition. */
const DEGENERATE = ['collinear', 'ties', 'duplicates'];

const { systems } = readReference<{ systems: readonly System[] }>('hulls');

const phasesOf = (system: System): HullPhase[] =>
  system.counts.map((counts, i) => ({
    id: String(i),
    composition: new Map(system.atomicNumbers.map((z, axis) => [z, counts[axis] as number])),
    energyEvPerAtom: system.energiesEvPerAtom[i] as number,
    method: 'reference',
  }));

interface Row {
  readonly system: System;
  readonly hull: Hull;
  readonly phase: HullPhase;
  readonly i: number;
}
const rows = systems.flatMap((system): Row[] => {
  const phases = phasesOf(system);
  const hull = buildHull(phases);
  return phases.map((phase, i) => ({ system, hull, phase, i }));
});
const isStable = ({ hull, phase }: Row): boolean => hull.stableIds.includes(phase.id);
const isStableThere = ({ system, i }: Row): boolean => system.stable.includes(i);
const aboveThere = ({ system, i }: Row): number => system.aboveEvPerAtom[i] as number;
const largest = (numbers: readonly number[]): number => Math.max(...numbers.map(Math.abs));

test('50 systems of 2 to 6 elements, 25 of them real', () => {
  expect(systems).toHaveLength(50);
  expect([...new Set(systems.map(({ atomicNumbers }) => atomicNumbers.length))]).toEqual([2, 3, 4, 5, 6]);
  expect(systems.filter(({ kind }) => kind === 'mp_20_biternary')).toHaveLength(25);
  expect(rows).toHaveLength(6028);
});

test('distances above the hull are those of pymatgen to the 12 digits it was asked for', () => {
  const differences = rows.map(
    (row) =>
      row.hull.energyAboveHullEvPerAtom(row.phase.composition, row.phase.energyEvPerAtom) - aboveThere(row),
  );
  expect(largest(differences)).toBeLessThan(6e-13);
});

test('the stable phases are those of pymatgen, and those on faces and ties that it leaves out', () => {
  const ordinary = rows.filter(({ system }) => !DEGENERATE.includes(system.kind));
  expect(ordinary).toHaveLength(4768);
  expect(ordinary.filter((row) => isStable(row) !== isStableThere(row))).toEqual([]);
  const degenerate = rows.filter(({ system }) => DEGENERATE.includes(system.kind));
  const onlyHere = degenerate.filter((row) => isStable(row) && !isStableThere(row));
  expect(degenerate.filter((row) => !isStable(row) && isStableThere(row))).toEqual([]);
  // pymatgen counts the corners of Qhull's facets; a phase on a face or edge, or one that ties, is no corner.
  expect([degenerate.length, onlyHere.length]).toEqual([1260, 354]);
  expect(largest(onlyHere.map(aboveThere))).toBeLessThan(1e-12);
});

describe('decompositions', () => {
  const energyOf = (system: System, parts: readonly (readonly [number, number])[]): number =>
    parts.reduce((sum, [phase, share]) => sum + share * (system.energiesEvPerAtom[phase] as number), 0);
  const compared = rows.map((row) => {
    const here = row.hull
      .decomposition(row.phase.composition)
      .map(({ id, fraction }): [number, number] => [Number(id), fraction])
      .sort(([l], [r]) => l - r);
    const there = row.system.decompositions[row.i] as System['decompositions'][number];
    const same =
      here.length === there.length &&
      here.every(([phase, share], k) => {
        const [otherPhase, otherShare] = there[k] as readonly [number, number];
        return phase === otherPhase && Math.abs(share - otherShare) < 1e-6;
      });
    return { row, here, there, same };
  });

  test('have the same energy', () => {
    const differences = compared.map(
      ({ row, here, there }) => energyOf(row.system, here) - energyOf(row.system, there),
    );
    // Shares of 12 digits times energies of up to 10 eV/atom.
    expect(largest(differences)).toBeLessThan(2e-11);
  });

  test('have the same products but where several of one energy exist', () => {
    const differing = compared.filter(({ same }) => !same);
    expect(differing.filter(({ row }) => !DEGENERATE.includes(row.system.kind))).toEqual([]);
    // Either a product lies on a face or ties, which pymatgen leaves out, or the face has more corners than a simplex
    // and both ways to divide it are right.
    const leftOut = differing.filter(({ row, here }) =>
      here.some(([product]) => !row.system.stable.includes(product)),
    );
    expect([compared.length, differing.length, leftOut.length]).toEqual([6028, 451, 340]);
  });
});

test('stable phases lie as far below the hull of the others as in pymatgen', () => {
  const asked = rows.filter(isStableThere).map((row) => ({
    row,
    here: row.hull.equilibriumReactionEnergyEvPerAtom(row.phase.id),
    there: row.system.reactionEvPerAtom[row.phase.id] as number,
  }));
  const differing = asked.filter(({ here, there }) => Math.abs(here - there) > 1e-12);
  expect([asked.length, differing.length]).toEqual([1353, 24]);
  // These compete with phases on faces, which pymatgen leaves out: with its stable phases alone they are the same.
  for (const { row, there } of differing) {
    const phases = phasesOf(row.system).filter((_, i) => row.system.stable.includes(i));
    const alone = buildHull(phases).equilibriumReactionEnergyEvPerAtom(row.phase.id);
    expect(Math.abs(alone - there)).toBeLessThan(1e-12);
  }
});

test('decomposition energies of the real systems’ stable phases are pymatgen’s phase separation energies', () => {
  const differences = rows
    .filter(({ system, phase }) => phase.id in system.separationEvPerAtom)
    .map(
      ({ system, hull, phase }) =>
        hull.decompositionEnergyEvPerAtom(phase.id) - (system.separationEvPerAtom[phase.id] as number),
    );
  expect(differences).toHaveLength(787);
  expect(largest(differences)).toBeLessThan(2e-12);
});
