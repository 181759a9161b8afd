import { anonymousFormula, formulaOf, reduceComposition } from '../chemistry/composition.ts';
import { atomicNumberOf, symbolOf } from '../chemistry/elements.ts';
import { determinant } from '../geometry/lattice.ts';
import { expandSites, type WyckoffCrystal, type WyckoffSite } from './wyckoff-crystal.ts';

/**
 * A structure type: a crystal whose sites hold labels 0, 1, 2, … (by rising count) in place of elements.
 */
export interface Prototype {
  /** Anonymous formula, Pearson symbol, space group and an example, as in 'AB3 cP4 Pm-3m (AlNi3)'. */
  readonly name: string;
  readonly pearsonSymbol: string;
  readonly wyckoff: WyckoffCrystal;
  /** Known crystals of this type. */
  readonly members: readonly Member[];
  /** One for each atom of `unitCell`. */
  readonly labels: readonly number[];
  /** How many labels there are. */
  readonly labelCount: number;
}

export interface Member {
  /** The atomic number on each label. */
  readonly elements: readonly number[];
  /** Å³ per atom. */
  readonly volumePerAtomAngstrom3: number;
  /** Comes from another part of the source than MP-20's validation part: left out by whoever tests on those. */
  readonly heldOut: boolean;
}

/** What scripts/build-prototypes.ts knows of a type. */
export interface PrototypeParts {
  readonly pearsonSymbol: string;
  /** Hermann-Mauguin. */
  readonly spaceGroupSymbol: string;
  readonly wyckoff: WyckoffCrystal;
  /** Atoms in the primitive cell on each label. */
  readonly counts: readonly number[];
  readonly members: readonly Member[];
}

/**
 * One line of the library: `Pearson group symbol|free cell parameters|counts|sites|members|held-out members`, as in
 * 'cF8 225 Fm-3m||1 1|Aa Bb|NaCl22.4|KBr36.1'. A site is its label, Wyckoff letter and parameters in 1/10,000.
 */
export function formatPrototype(parts: PrototypeParts): string {
  const { pearsonSymbol, spaceGroupSymbol, wyckoff, counts, members } = parts;
  const list = (heldOut: boolean): string =>
    members
      .filter((member) => member.heldOut === heldOut)
      .map((m) => `${m.elements.map(symbolOf).join('')}${Number(m.volumePerAtomAngstrom3.toPrecision(4))}`)
      .join(' ');
  return [
    `${pearsonSymbol} ${wyckoff.spaceGroup} ${spaceGroupSymbol}`,
    wyckoff.cell.join(' '),
    counts.join(' '),
    wyckoff.sites
      .map(
        ({ species, letter, parameters }) =>
          `${'ABC'[species]}${letter}${parameters.map((x) => Math.round(x * 1e4) % 1e4).join()}`,
      )
      .join(' '),
    list(false),
    list(true),
  ].join('|');
}

/** Reads what `formatPrototype` wrote; the members when first asked for: there are many, and most callers need few. */
export function parsePrototype(line: string): Prototype {
  const [title = '', cell = '', counts = '', sites = '', ...members] = line.split('|');
  const [pearsonSymbol = '', spaceGroup = '', symbol = ''] = title.split(' ');
  let known: Member[] | undefined;
  const read = (): Member[] => (known ??= members.flatMap((list, part) => parseMembers(list, part > 0)));
  const perLabel = numbers(counts);
  const wyckoff: WyckoffCrystal = {
    spaceGroup: Number(spaceGroup),
    cell: numbers(cell),
    sites: sites.split(' ').map(parseSite),
  };
  const labels = perLabel.flatMap((count, label) => new Array<number>(count).fill(label));
  return {
    get name() {
      const formula = anonymousFormula(new Map(perLabel.entries()));
      return `${formula} ${pearsonSymbol} ${symbol} (${exampleOf(read(), perLabel)})`;
    },
    get members() {
      return read();
    },
    pearsonSymbol,
    wyckoff,
    labels,
    labelCount: perLabel.length,
  };
}

export interface UnitCell {
  /** Rows a, b, c, flat, of a primitive cell with a volume of 1 per atom. */
  readonly lattice: readonly number[];
  readonly fractionalCoordinates: readonly number[];
}

const unitCells = new WeakMap<WyckoffCrystal, UnitCell>();

/** Where the atoms of a prototype are, worked out when first asked for; needs the symmetry finder. */
export function unitCell({ wyckoff }: Prototype): UnitCell {
  const cell = unitCells.get(wyckoff) ?? expandUnitCell(wyckoff);
  unitCells.set(wyckoff, cell);
  return cell;
}

/** The sites stand by label, so that the atoms do. */
function expandUnitCell(wyckoff: WyckoffCrystal): UnitCell {
  const { lattice, fractionalCoordinates, species } = expandSites(wyckoff);
  const scale = Math.cbrt(species.length / Math.abs(determinant(lattice)));
  return { lattice: lattice.map((x) => x * scale), fractionalCoordinates };
}

function parseSite(text: string): WyckoffSite {
  const parameters = text.slice(2);
  return {
    species: 'ABC'.indexOf(text.charAt(0)),
    letter: text.charAt(1),
    parameters: parameters === '' ? [] : parameters.split(',').map((x) => Number(x) / 1e4),
  };
}

function parseMembers(list: string, heldOut: boolean): Member[] {
  return [...list.matchAll(/((?:[A-Z][a-z]?)+)([\d.]+)/g)].map(([, symbols = '', volume]) => ({
    elements: (symbols.match(/[A-Z][a-z]?/g) ?? []).map(atomicNumberOf),
    volumePerAtomAngstrom3: Number(volume),
    heldOut,
  }));
}

/** The formula of the first member. */
function exampleOf([first]: readonly Member[], counts: readonly number[]): string {
  return formulaOf(reduceComposition(new Map(first?.elements.map((z, label) => [z, counts[label] ?? 0]))));
}

function numbers(text: string): number[] {
  return text === '' ? [] : text.split(' ').map(Number);
}
