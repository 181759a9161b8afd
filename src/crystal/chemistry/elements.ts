/**
 * The elements, Z = 1 to 103. Masses (u), Pauling electronegativities and atomic radii (Å; Slater's empirical, else
 * calculated) from pymatgen 2022.11 (MIT); volumes per atom (Å³) of the elements' PBE ground states from the
 * Materials Project (CC BY 4.0) through matcalc's element references (BSD-3). null: not tabulated.
 */
type Row = readonly [
  symbol: string,
  massU: number,
  electronegativity: number | null,
  radiusAngstrom: number | null,
  volumeAngstrom3: number | null,
];

// prettier-ignore
const TABLE: readonly Row[] = [
  ['H', 1.00794, 2.2, 0.25, 13.89],
  ['He', 4.002602, null, 0.31, 15.79],
  ['Li', 6.941, 0.98, 1.45, 20.11],
  ['Be', 9.012182, 1.57, 1.05, 7.89],
  ['B', 10.811, 2.04, 0.85, 7.25],
  ['C', 12.0107, 2.55, 0.7, 10.91],
  ['N', 14.0067, 3.04, 0.65, 25.1],
  ['O', 15.9994, 3.44, 0.6, 13.46],
  ['F', 18.998403, 3.98, 0.5, 19.08],
  ['Ne', 20.1797, null, 0.38, 19.93],
  ['Na', 22.989769, 0.93, 1.8, 38.07],
  ['Mg', 24.305, 1.31, 1.5, 22.87],
  ['Al', 26.981539, 1.61, 1.25, 16.47],
  ['Si', 28.0855, 1.9, 1.1, 20.44],
  ['P', 30.973762, 2.19, 1.0, 26.52],
  ['S', 32.065, 2.58, 1.0, 36.03],
  ['Cl', 35.453, 3.16, 1.0, 35.18],
  ['Ar', 39.948, null, 0.71, 44.87],
  ['K', 39.0983, 0.82, 2.2, 74.76],
  ['Ca', 40.078, 1.0, 1.8, 41.76],
  ['Sc', 44.955912, 1.36, 1.6, 24.69],
  ['Ti', 47.867, 1.54, 1.4, 17.11],
  ['V', 50.9415, 1.63, 1.35, 13.4],
  ['Cr', 51.9961, 1.66, 1.4, 11.87],
  ['Mn', 54.938045, 1.55, 1.4, 11.04],
  ['Fe', 55.845, 1.83, 1.4, 11.45],
  ['Co', 58.933195, 1.88, 1.35, 10.92],
  ['Ni', 58.6934, 1.91, 1.35, 10.77],
  ['Cu', 63.546, 1.9, 1.35, 11.87],
  ['Zn', 65.409, 1.65, 1.35, 15.56],
  ['Ga', 69.723, 1.81, 1.3, 20.16],
  ['Ge', 72.64, 2.01, 1.25, 23.92],
  ['As', 74.9216, 2.18, 1.15, 22.45],
  ['Se', 78.96, 2.55, 1.15, 38.13],
  ['Br', 79.904, 2.96, 1.15, 39.34],
  ['Kr', 83.798, 3.0, 0.88, 68.54],
  ['Rb', 85.4678, 0.82, 2.35, 90.26],
  ['Sr', 87.62, 0.95, 2.0, 54.36],
  ['Y', 88.90585, 1.22, 1.8, 32.47],
  ['Zr', 91.224, 1.33, 1.55, 23.5],
  ['Nb', 92.90638, 1.6, 1.45, 18.31],
  ['Mo', 95.94, 2.16, 1.45, 15.89],
  ['Tc', 98.0, 1.9, 1.35, 14.59],
  ['Ru', 101.07, 2.2, 1.3, 13.95],
  ['Rh', 102.9055, 2.28, 1.35, 14.2],
  ['Pd', 106.42, 2.2, 1.4, 15.49],
  ['Ag', 107.8682, 1.93, 1.6, 18.05],
  ['Cd', 112.411, 1.69, 1.55, 23.25],
  ['In', 114.818, 1.78, 1.55, 27.16],
  ['Sn', 118.71, 1.96, 1.45, 36.7],
  ['Sb', 121.76, 2.05, 1.45, 32.13],
  ['Te', 127.6, 2.1, 1.4, 35.03],
  ['I', 126.90447, 2.66, 1.4, 51.72],
  ['Xe', 131.293, 2.6, 1.08, 85.79],
  ['Cs', 132.905452, 0.79, 2.6, 117.03],
  ['Ba', 137.327, 0.89, 2.15, 63.64],
  ['La', 138.90547, 1.1, 1.95, 37.15],
  ['Ce', 140.116, 1.12, 1.85, 26.09],
  ['Pr', 140.90765, 1.13, 1.85, 36.47],
  ['Nd', 144.242, 1.14, 1.85, 35.44],
  ['Pm', 145.0, 1.13, 1.85, 34.58],
  ['Sm', 150.36, 1.17, 1.85, 33.88],
  ['Eu', 151.964, 1.2, 1.85, 41.97],
  ['Gd', 157.25, 1.2, 1.8, 32.63],
  ['Tb', 158.92535, 1.1, 1.75, 32.08],
  ['Dy', 162.5, 1.22, 1.75, 31.57],
  ['Ho', 164.93032, 1.23, 1.75, 31.04],
  ['Er', 167.259, 1.24, 1.75, 30.73],
  ['Tm', 168.93421, 1.25, 1.75, 29.96],
  ['Yb', 173.04, 1.1, 1.75, null],
  ['Lu', 174.967, 1.27, 1.75, 29.43],
  ['Hf', 178.49, 1.3, 1.55, 22.48],
  ['Ta', 180.94788, 1.5, 1.45, 18.34],
  ['W', 183.84, 2.36, 1.35, 16.19],
  ['Re', 186.207, 1.9, 1.35, 15.06],
  ['Os', 190.23, 2.2, 1.3, 14.36],
  ['Ir', 192.217, 2.2, 1.35, 14.55],
  ['Pt', 195.084, 2.28, 1.35, 15.72],
  ['Au', 196.966569, 2.54, 1.35, 18.14],
  ['Hg', 200.59, 2.0, 1.5, 31.82],
  ['Tl', 204.3833, 1.62, 1.9, 31.71],
  ['Pb', 207.2, 2.33, 1.8, 32.21],
  ['Bi', 208.9804, 2.02, 1.6, 36.73],
  ['Po', 210.0, 2.0, 1.9, null],
  ['At', 210.0, 2.2, null, null],
  ['Rn', 220.0, 2.2, 1.2, null],
  ['Fr', 223.0, 0.7, null, null],
  ['Ra', 226.0, 0.9, 2.15, null],
  ['Ac', 227.0, 1.1, 1.95, 45.52],
  ['Th', 232.03806, 1.3, 1.8, 32.03],
  ['Pa', 231.03588, 1.5, 1.8, 25.21],
  ['U', 238.02891, 1.38, 1.75, 19.99],
  ['Np', 237.0, 1.36, 1.75, 18.43],
  ['Pu', 244.0, 1.28, 1.75, 17.81],
  ['Am', 243.0, 1.3, 1.75, null],
  ['Cm', 247.0, 1.3, null, null],
  ['Bk', 247.0, 1.3, null, null],
  ['Cf', 251.0, 1.3, null, null],
  ['Es', 252.0, 1.3, null, null],
  ['Fm', 257.0, 1.3, null, null],
  ['Md', 258.0, 1.3, null, null],
  ['No', 259.0, 1.3, null, null],
  ['Lr', 262.0, 1.3, null, null],
];

export interface Element {
  readonly atomicNumber: number;
  readonly symbol: string;
  readonly massU: number;
  /** Pauling's scale. */
  readonly electronegativity: number | null;
  readonly radiusAngstrom: number | null;
  /** Volume per atom of the pure element, Å³. */
  readonly volumeAngstrom3: number | null;
}

export const ELEMENTS: readonly Element[] = TABLE.map((row, index) => ({
  atomicNumber: index + 1,
  symbol: row[0],
  massU: row[1],
  electronegativity: row[2],
  radiusAngstrom: row[3],
  volumeAngstrom3: row[4],
}));

const BY_SYMBOL = new Map(ELEMENTS.map((element) => [element.symbol, element]));

/** The element with this atomic number. Throws a RangeError outside 1 to 103. */
export function elementOf(atomicNumber: number): Element {
  const element = ELEMENTS[atomicNumber - 1];
  if (element === undefined) {
    throw new RangeError(
      `unknown atomic number ${atomicNumber}: give an integer from 1 to ${ELEMENTS.length}`,
    );
  }
  return element;
}

/** Chemical symbol of an atomic number. Throws a RangeError outside 1 to 103. */
export function symbolOf(atomicNumber: number): string {
  return elementOf(atomicNumber).symbol;
}

/** Atomic number of a chemical symbol, as in 'Cu'. Throws a RangeError for anything else. */
export function atomicNumberOf(symbol: string): number {
  const element = BY_SYMBOL.get(symbol);
  if (element === undefined)
    throw new RangeError(`unknown element '${symbol}': give a symbol from H to Lr, as in 'Cu'`);
  return element.atomicNumber;
}

const NONMETALS = new Set(
  'H He B C N O F Ne Si P S Cl Ar Ge As Se Br Kr Sb Te I Xe Po At Rn'.split(' ').map(atomicNumberOf),
);

/** Every element but the nonmetals and the metalloids B, Si, Ge, As, Sb, Te, Po, At (pymatgen's Element.is_metal). */
export function isMetal(atomicNumber: number): boolean {
  return !NONMETALS.has(elementOf(atomicNumber).atomicNumber);
}

const NOBLE_GASES = [0, 2, 10, 18, 36, 54, 86, 118];

/** Period (1 to 7), group (1 to 18, null in the f block) and f electrons of an atomic number. */
export function placeInTable(atomicNumber: number): {
  period: number;
  group: number | null;
  fElectrons: number;
} {
  const period = NOBLE_GASES.findIndex((last) => atomicNumber <= last);
  const inPeriod = atomicNumber - (NOBLE_GASES[period - 1] as number);
  const length = (NOBLE_GASES[period] as number) - (NOBLE_GASES[period - 1] as number);
  if (inPeriod <= 2 && !(period === 1 && inPeriod === 2)) return { period, group: inPeriod, fElectrons: 0 };
  const fromEnd = length - inPeriod;
  if (fromEnd < 16) return { period, group: 18 - fromEnd, fElectrons: 0 };
  return { period, group: null, fElectrons: inPeriod - 3 };
}
