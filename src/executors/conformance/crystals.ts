import { atomicNumberOf, elementOf, symbolOf } from '../../crystal/chemistry/elements.ts';
import { type Crystal, makeCrystal, scaleToVolume } from '../../crystal/crystal.ts';
import { supercell } from '../../crystal/geometry/supercell.ts';
import type { ExecutorDescription } from '../contract.ts';

/** A small crystal that exists, and what is known of it. */
export interface Sample {
  readonly name: string;
  readonly crystal: Crystal;
  /** At room temperature; null where it is not used. */
  readonly bulkModulusGpa: number | null;
}

const FCC = [0, 0.5, 0.5, 0.5, 0, 0.5, 0.5, 0.5, 0];
const BCC = [-0.5, 0.5, 0.5, 0.5, -0.5, 0.5, 0.5, 0.5, -0.5];
const SITES = {
  fcc: { rows: FCC, coordinates: [0, 0, 0] },
  bcc: { rows: BCC, coordinates: [0, 0, 0] },
  'simple cubic': { rows: [1, 0, 0, 0, 1, 0, 0, 0, 1], coordinates: [0, 0, 0] },
  diamond: { rows: FCC, coordinates: [0, 0, 0, 0.25, 0.25, 0.25] },
  rocksalt: { rows: FCC, coordinates: [0, 0, 0, 0.5, 0.5, 0.5] },
  CsCl: { rows: [1, 0, 0, 0, 1, 0, 0, 0, 1], coordinates: [0, 0, 0, 0.5, 0.5, 0.5] },
} as const;
type Structure = keyof typeof SITES;

/** Lattice constants (Å) and bulk moduli (GPa): Kittel, Introduction to Solid State Physics, 8th edition, chapters 1 and 3. */
const KNOWN: readonly (readonly [string, Structure, readonly string[], number, number | null])[] = [
  ['Cu', 'fcc', ['Cu'], 3.61, 137],
  ['Si', 'diamond', ['Si', 'Si'], 5.43, 98.8],
  ['NaCl', 'rocksalt', ['Na', 'Cl'], 5.64, 24],
  ['Al', 'fcc', ['Al'], 4.05, 72.2],
  ['Ag', 'fcc', ['Ag'], 4.09, 100.7],
  ['Fe', 'bcc', ['Fe'], 2.87, 168.3],
  ['MgO', 'rocksalt', ['Mg', 'O'], 4.2, null],
  ['Ni', 'fcc', ['Ni'], 3.52, 186],
  ['W', 'bcc', ['W'], 3.16, 323.2],
  ['Pd', 'fcc', ['Pd'], 3.89, 180.8],
  ['Pt', 'fcc', ['Pt'], 3.92, 278.3],
  ['Au', 'fcc', ['Au'], 4.08, 173.2],
  ['C', 'diamond', ['C', 'C'], 3.57, 443],
];
const MOST_SAMPLES = 3;

/** Real crystals of the elements that an executor takes; of elements that stand nowhere here, plausible ones. */
export function samplesFor({
  elements,
  maxAtoms,
}: Pick<ExecutorDescription, 'elements' | 'maxAtoms'>): Sample[] {
  const takes = (symbol: string): boolean => elements === null || elements.includes(symbol);
  const known = KNOWN.filter(([, , symbols]) => symbols.every(takes)).map(
    ([name, structure, symbols, latticeAngstrom, bulkModulusGpa]): Sample => ({
      name,
      bulkModulusGpa,
      crystal: build(structure, symbols, latticeAngstrom),
    }),
  );
  const [first = 'Cu', second] = elements ?? [];
  const plausible = [
    atTabulatedVolume('fcc', [first]),
    ...(second === undefined ? [] : [atTabulatedVolume('CsCl', [first, second])]),
  ].map((crystal): Sample => ({
    name: crystal.atomicNumbers.map(symbolOf).join(''),
    crystal,
    bulkModulusGpa: null,
  }));
  return [...known, ...(known.length === 0 ? plausible : [])]
    .filter(({ crystal }) => crystal.atomicNumbers.length <= maxAtoms)
    .slice(0, MOST_SAMPLES);
}

/** The same element in a structure that it does not take by itself, at the same volume per atom. */
export function asSimpleCubic({ atomicNumbers }: Crystal): Crystal {
  return atTabulatedVolume('simple cubic', [symbolOf(atomicNumbers[0] as number)]);
}

export interface BadCrystal {
  readonly name: string;
  readonly crystal: Crystal;
  readonly remedy: string;
}

/** Crystals that no executor should answer with a value. */
export function badCrystalsFor({ elements, maxAtoms }: ExecutorDescription, sample: Crystal): BadCrystal[] {
  const [first = 29] = sample.atomicNumbers;
  const on = { ...sample, atomicNumbers: [first, first], fractionalCoordinates: [0, 0, 0, 0, 0, 0] };
  const bad: BadCrystal[] = [
    { name: 'two atoms on one place', crystal: on, remedy: 'check the shortest distance first' },
    {
      name: 'a cell without volume',
      crystal: { ...sample, latticeAngstrom: [3, 0, 0, 0, 3, 0, 3, 3, 0] },
      remedy: 'check the volume of the cell first',
    },
  ];
  const strange = ['Fe', 'He', 'U', 'Cs'].find((symbol) => elements !== null && !elements.includes(symbol));
  if (strange !== undefined) {
    const atomicNumbers = sample.atomicNumbers.map(() => atomicNumberOf(strange));
    const remedy = 'check the elements first, or declare them';
    bad.push({
      name: `an element that it does not take (${strange})`,
      crystal: { ...sample, atomicNumbers },
      remedy,
    });
  }
  const copies = Math.ceil((maxAtoms + 1) / sample.atomicNumbers.length);
  if (maxAtoms <= 1000) {
    const remedy = 'check the number of atoms first, or declare a larger maxAtoms';
    const crystal = supercell(sample, [copies, 1, 1]);
    bad.push({ name: `${crystal.atomicNumbers.length} atoms, more than its ${maxAtoms}`, crystal, remedy });
  }
  return bad;
}

function build(structure: Structure, symbols: readonly string[], latticeAngstrom: number): Crystal {
  const { rows, coordinates } = SITES[structure];
  return makeCrystal({
    latticeAngstrom: rows.map((x) => x * latticeAngstrom),
    fractionalCoordinates: coordinates,
    atomicNumbers: symbols.map(atomicNumberOf),
  });
}

function atTabulatedVolume(structure: Structure, symbols: readonly string[]): Crystal {
  const volumes = symbols.map((symbol) => elementOf(atomicNumberOf(symbol)).volumeAngstrom3 ?? 20);
  const volumeAngstrom3 = volumes.reduce((sum, volume) => sum + volume, 0);
  return scaleToVolume(build(structure, symbols, 1), volumeAngstrom3);
}
