// Builds src/crystal/generators/prototypes.json from the data folder: tsc, then `node dist/scripts/build-prototypes.js`.
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { elementCounts } from '../src/crystal/chemistry/composition.ts';
import { atomicNumberOf, elementOf } from '../src/crystal/chemistry/elements.ts';
import { type Crystal, makeCrystal, scaleToVolume, volumeAngstrom3 } from '../src/crystal/crystal.ts';
import { formatPrototype, type Member, type PrototypeParts } from '../src/crystal/generators/prototype.ts';
import {
  expandSites,
  freeCellParameters,
  type Orbit,
  orbitPoints,
  orbitTable,
  type WyckoffSite,
} from '../src/crystal/generators/wyckoff-crystal.ts';
import { cellParameters, inverse, multiplyRows } from '../src/crystal/geometry/lattice.ts';
import { fingerprint, largestDifference } from '../src/crystal/identity/fingerprint.ts';
import { spaceGroupType } from '../src/crystal/symmetry/space-group.ts';
import { applyOperation } from '../src/crystal/symmetry/operation.ts';
import { conventionalCell, primitiveCell, spaceGroup } from '../src/crystal/symmetry/symmetry.ts';
import { loadSymmetryFinder } from '../src/symmetry-finder.ts';
import { readTrainingCrystals } from './training-crystals.ts';

const MOST_ATOMS = 20;
const TOLERANCE_ANGSTROM = 0.05;
/** Crystals with fingerprints this close, in units of the mean distance between atoms, have one type. */
const SAME_TYPE = 0.1;

/** The metals' own types at room conditions (Kittel, Introduction to Solid State Physics, 8th ed., table 3 of chapter 1). */
const ELEMENTAL = [
  ['cF4', 225, 'Fm-3m', [], 'a', 1, 'Cu Al Ca Ni Sr Rh Pd Ag Ce Yb Ir Pt Au Pb Ac Th'],
  ['cI2', 229, 'Im-3m', [], 'a', 1, 'W Li Na K V Cr Fe Rb Nb Mo Cs Ba Eu Ta'],
  [
    'hP2',
    194,
    'P6_3/mmc',
    [1.633],
    'c',
    2,
    'Mg Be Sc Ti Co Zn Y Zr Tc Ru Cd Gd Tb Dy Ho Er Tm Lu Hf Re Os Tl',
  ],
] as const;

interface Type {
  readonly parts: Omit<PrototypeParts, 'members'>;
  readonly fingerprint: Float64Array;
  readonly members: Member[];
}

function main(): void {
  loadSymmetryFinder();
  const folder = process.env.ASSAYER_DATA ?? '../shared/data';
  const validation = gunzipSync(readFileSync(`${folder}/mp_20_biternary/val.csv.gz`));
  const notHeldOut = new Set(
    parse<{ material_id: string }>(validation, { columns: true }).map((row) => row.material_id),
  );
  // Its element references are left out: some are atoms in a box.
  const crystals = readTrainingCrystals(folder, MOST_ATOMS).filter(({ id }) => !id.startsWith('reference-'));
  const types = new Map<string, Type[]>();
  let untold = 0;
  for (const { id, crystal: told } of crystals) {
    const heldOut = !notHeldOut.has(id);
    const crystal = primitiveCell(told, TOLERANCE_ANGSTROM);
    const group = spaceGroup(crystal, TOLERANCE_ANGSTROM);
    const labelings = labelingsOf(crystal);
    const first = labelings[0] as Labeling;
    const { counts } = first;
    const key = `${counts.join('-')} ${group.number}`;
    const known = types.get(key) ?? [];
    types.set(key, known);
    const match = closest(known, labelings);
    const { elements } = match?.labeling ?? first;
    const volumePerAtomAngstrom3 = volumeAngstrom3(crystal) / crystal.atomicNumbers.length;
    const member = { elements, volumePerAtomAngstrom3, heldOut };
    if (match === null) {
      const sites = sitesOf(first.crystal, group.number);
      if (sites === null) {
        untold++;
        continue;
      }
      const parts = {
        pearsonSymbol: group.pearsonSymbol,
        spaceGroupSymbol: spaceGroupType(group.number).symbol,
        wyckoff: { spaceGroup: group.number, ...sites },
        counts,
      };
      known.push({ parts, fingerprint: fingerprint(first.crystal), members: [member] });
    } else if (!match.type.members.some((other) => sameElements(other, member))) {
      match.type.members.push(member);
    }
  }
  const found = [...types.values()].flat().sort((l, r) => r.members.length - l.members.length);
  const lines = [...elemental(), ...found.map(({ parts, members }) => ({ ...parts, members }))].map(
    formatPrototype,
  );
  write(lines);
  console.log(
    `${crystals.length} crystals, ${lines.length} types, ${untold} could not be told by Wyckoff positions`,
  );
}

function elemental(): PrototypeParts[] {
  return ELEMENTAL.map(([pearsonSymbol, spaceGroup, spaceGroupSymbol, cell, letter, count, metals]) => ({
    pearsonSymbol,
    spaceGroupSymbol,
    wyckoff: { spaceGroup, cell, sites: [{ species: 0, letter, parameters: [] }] },
    counts: [count],
    members: metals.split(' ').flatMap((symbol): Member[] => {
      const { atomicNumber, volumeAngstrom3 } = elementOf(atomicNumberOf(symbol));
      if (volumeAngstrom3 === null) return [];
      return [{ elements: [atomicNumber], volumePerAtomAngstrom3: volumeAngstrom3, heldOut: false }];
    }),
  }));
}

function write(prototypes: readonly string[]): void {
  const library = {
    source:
      'Materials Project (CC BY 4.0; Jain et al., APL Materials 1, 011002 (2013)): the binary and ternary rows of MP-20 validation and test, and the elasticity binaries of matcalc (BSD-3); the elements fcc, bcc and hcp added',
    method: `at most ${MOST_ATOMS} atoms in the primitive cell, symmetrised within ${TOLERANCE_ANGSTROM} Å, elements replaced by labels, volume 1 per atom, one type where space group, counts and fingerprints within ${SAME_TYPE} agree`,
    format:
      'Pearson symbol, space group | free cell parameters, a = 1 | atoms on each label | sites: label, Wyckoff letter, free coordinates in 1/10000 | members of MP-20 validation with Å³ per atom | other members',
    prototypes,
  };
  writeFileSync('src/crystal/generators/prototypes.json', `${JSON.stringify(library, null, 2)}\n`);
}

interface Labeling {
  /** Volume 1 per atom, label k written as atomic number k + 1. */
  readonly crystal: Crystal;
  /** The atomic number on each label. */
  readonly elements: readonly number[];
  readonly counts: readonly number[];
}

/** Labels by rising count; of equal counts in every order, that by rising electronegativity first. */
function labelingsOf(crystal: Crystal): Labeling[] {
  const electronegativity = (z: number): number => elementOf(z).electronegativity ?? 10;
  const counted = [...elementCounts(crystal)].sort(
    (l, r) => l[1] - r[1] || electronegativity(l[0]) - electronegativity(r[0]),
  );
  const counts = counted.map(([, count]) => count);
  const scaled = scaleToVolume(crystal, crystal.atomicNumbers.length);
  return permutations(counted)
    .filter((order) => order.every(([, count], i) => count === counts[i]))
    .map((order) => {
      const label = new Map(order.map(([z], i) => [z, i + 1]));
      const atomicNumbers = scaled.atomicNumbers.map((z) => label.get(z) as number);
      return { crystal: { ...scaled, atomicNumbers }, elements: order.map(([z]) => z), counts };
    });
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

/** Of labelings that fit alike (labels that symmetry makes equal), the first: rising electronegativity. */
function closest(
  known: readonly Type[],
  labelings: readonly Labeling[],
): { type: Type; labeling: Labeling } | null {
  let best: { type: Type; labeling: Labeling; distance: number } | null = null;
  for (const labeling of labelings) {
    const print = fingerprint(labeling.crystal);
    for (const type of known) {
      const distance = largestDifference(type.fingerprint, print);
      if (distance < Math.min(SAME_TYPE, (best?.distance ?? Infinity) - 1e-6)) {
        best = { type, labeling, distance };
      }
    }
  }
  return best;
}

function sameElements(l: Member, r: Member): boolean {
  return l.elements.every((z, i) => z === r.elements[i]);
}

/**
 * The crystal's free cell parameters and Wyckoff positions, rounded as the library keeps them; null when they do not
 * tell the crystal again.
 */
function sitesOf(labelled: Crystal, group: number): { cell: number[]; sites: WyckoffSite[] } | null {
  const conventional = conventionalCell(labelled, TOLERANCE_ANGSTROM / 4);
  const { crystalSystem, orbits, primitiveRows } = orbitTable(group);
  const toPrimitive = inverse(primitiveRows);
  const atoms = conventional.atomicNumbers.map((z, i) => ({
    label: z - 1,
    place: conventional.fractionalCoordinates.slice(3 * i, 3 * i + 3),
    taken: false,
  }));
  const sites: WyckoffSite[] = [];
  for (const orbit of orbits) {
    for (const atom of atoms) {
      if (atom.taken) continue;
      const parameters = parametersOf(orbit, atom.place);
      if (parameters === null) continue;
      const points = orbitPoints(orbit, parameters);
      for (const other of atoms) {
        const place = multiplyRows(other.place, toPrimitive);
        for (let p = 0; p < orbit.points; p++) {
          if (onLattice(points.slice(3 * p, 3 * p + 3), place, 1e-4)) other.taken = true;
        }
      }
      const rounded = parameters.map((p) => (Math.round((p - Math.floor(p)) * 1e4) % 1e4) / 1e4);
      sites.push({ species: atom.label, letter: orbit.letter, parameters: rounded });
    }
  }
  sites.sort((l, r) => l.species - r.species);
  const cell = freeCellParameters(crystalSystem, cellParameters(conventional.latticeAngstrom)).map((x) =>
    Number(x.toFixed(x > 20 ? 2 : 4)),
  );
  const { lattice, fractionalCoordinates, species } = expandSites({ spaceGroup: group, cell, sites });
  if (species.length !== labelled.atomicNumbers.length) return null;
  const again = makeCrystal({
    latticeAngstrom: lattice,
    fractionalCoordinates,
    atomicNumbers: species.map((label) => label + 1),
  });
  const difference = largestDifference(
    fingerprint(scaleToVolume(again, species.length)),
    fingerprint(labelled),
  );
  return difference < SAME_TYPE / 5 ? { cell, sites } : null;
}

/** The free coordinates that put the orbit's first point on this place of the conventional cell; null when none do. */
function parametersOf({ freeAxes, representative }: Orbit, place: readonly number[]): number[] | null {
  const rows = representative.transposedRotation;
  const parameters = freeAxes.map((axis) => {
    // Every free coordinate stands alone in some column, with a coefficient of 1 or -1.
    const column = [0, 1, 2].find((k) =>
      [0, 1, 2].every((other) => Math.abs(rows[3 * other + k] as number) === (other === axis ? 1 : 0)),
    ) as number;
    const offset = (place[column] as number) - (representative.translation[column] as number);
    return offset / (rows[3 * axis + column] as number);
  });
  const xyz = [0, 0, 0];
  freeAxes.forEach((axis, f) => (xyz[axis] = parameters[f] as number));
  return onLattice(applyOperation(representative, xyz), place, 1e-4) ? parameters : null;
}

function onLattice(l: readonly number[], r: readonly number[], tolerance: number): boolean {
  return l.every((x, k) => Math.abs(x - (r[k] as number) - Math.round(x - (r[k] as number))) < tolerance);
}

main();
