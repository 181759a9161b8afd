import { type CellParameters, inverse, latticeFromParameters, multiplyRows } from '../geometry/lattice.ts';
import { wrap } from '../geometry/torus.ts';
import { applyOperation, type SymmetryOperation } from '../symmetry/operation.ts';
import {
  type CrystalSystem,
  spaceGroupType,
  symmetryOperations,
  wyckoffPositions,
} from '../symmetry/space-group.ts';

/** A crystal told by its symmetry, in the standard setting of the International Tables. */
export interface WyckoffCrystal {
  /** 1 to 230. */
  readonly spaceGroup: number;
  /** What the crystal system leaves free of the conventional cell with a = 1: see `freeCellParameters`. */
  readonly cell: readonly number[];
  readonly sites: readonly WyckoffSite[];
}

export interface WyckoffSite {
  /** Whatever stands there: an atomic number, or a label. */
  readonly species: number;
  readonly letter: string;
  /** The free ones of x, y and z, in this order. */
  readonly parameters: readonly number[];
}

/** One Wyckoff position, ready to be filled in a primitive cell. */
export interface Orbit {
  readonly letter: string;
  /** Points in the primitive cell. */
  readonly points: number;
  /** Which of x, y, z (0, 1, 2) are free. */
  readonly freeAxes: readonly number[];
  /** From x, y, z to the first point, in the conventional cell. */
  readonly representative: SymmetryOperation;
  /** For each point 12 numbers: x, y and z's rows to primitive fractional coordinates, and the constant. */
  readonly maps: Float64Array;
}

export interface OrbitTable {
  /** The general position last: most special first. */
  readonly orbits: readonly Orbit[];
  readonly crystalSystem: CrystalSystem;
  /** Rows: the primitive cell's vectors in the conventional cell's. */
  readonly primitiveRows: readonly number[];
}

/** Primitive cells of the centrings (International Tables A, 1.5.1; R in obverse setting): rows in the conventional cell. */
const PRIMITIVE_ROWS: Readonly<Record<string, readonly number[]>> = {
  P: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  A: [1, 0, 0, 0, 1 / 2, -1 / 2, 0, 1 / 2, 1 / 2],
  C: [1 / 2, -1 / 2, 0, 1 / 2, 1 / 2, 0, 0, 0, 1],
  I: [-1 / 2, 1 / 2, 1 / 2, 1 / 2, -1 / 2, 1 / 2, 1 / 2, 1 / 2, -1 / 2],
  F: [0, 1 / 2, 1 / 2, 1 / 2, 0, 1 / 2, 1 / 2, 1 / 2, 0],
  R: [2 / 3, 1 / 3, 1 / 3, -1 / 3, 1 / 3, 1 / 3, -1 / 3, -2 / 3, 1 / 3],
};

const tables = new Map<number, OrbitTable>();

/** The Wyckoff positions of a space group. Throws a RangeError outside 1 to 230; needs the symmetry finder. */
export function orbitTable(spaceGroup: number): OrbitTable {
  const table = tables.get(spaceGroup) ?? makeTable(spaceGroup);
  tables.set(spaceGroup, table);
  return table;
}

/** The orbit of a letter. Throws a RangeError that names the letters there are. */
export function orbitOf(spaceGroup: number, letter: string): Orbit {
  const { orbits } = orbitTable(spaceGroup);
  const orbit = orbits.find((candidate) => candidate.letter === letter);
  if (orbit === undefined) {
    const letters = orbits.map((candidate) => candidate.letter).join(', ');
    throw new RangeError(`space group ${spaceGroup} has no Wyckoff position '${letter}': it has ${letters}`);
  }
  return orbit;
}

/** Fractional coordinates of an orbit's points in the primitive cell, flat; `parameters` in the order of its free axes. */
export function orbitPoints({ freeAxes, maps, points }: Orbit, parameters: readonly number[]): number[] {
  if (parameters.length !== freeAxes.length) {
    throw new RangeError(
      `${parameters.length} parameters for a position with ${freeAxes.length} free: give one for each`,
    );
  }
  const coordinates = new Array<number>(3 * points);
  for (let p = 0; p < points; p++) {
    for (let k = 0; k < 3; k++) {
      let x = maps[12 * p + 9 + k] as number;
      for (let f = 0; f < freeAxes.length; f++) {
        x += (parameters[f] as number) * (maps[12 * p + 3 * (freeAxes[f] as number) + k] as number);
      }
      coordinates[3 * p + k] = wrap(x);
    }
  }
  return coordinates;
}

/** Lattice rows of the primitive cell (unit: the conventional a), fractional coordinates and the species of each atom. */
export function expandSites({ spaceGroup, cell, sites }: WyckoffCrystal): {
  lattice: number[];
  fractionalCoordinates: number[];
  species: number[];
} {
  const { crystalSystem, primitiveRows } = orbitTable(spaceGroup);
  const conventional = latticeFromParameters(cellOfFree(crystalSystem, cell));
  const fractionalCoordinates: number[] = [];
  const species: number[] = [];
  for (const site of sites) {
    const orbit = orbitOf(spaceGroup, site.letter);
    fractionalCoordinates.push(...orbitPoints(orbit, site.parameters));
    for (let p = 0; p < orbit.points; p++) species.push(site.species);
  }
  return { lattice: multiplyRows(primitiveRows, conventional), fractionalCoordinates, species };
}

/**
 * What a crystal system leaves free of a conventional cell, lengths in units of a: triclinic b, c, α, β, γ; monoclinic
 * b, c, β; orthorhombic b, c; tetragonal, trigonal and hexagonal c; cubic nothing. Angles in degrees.
 */
export function freeCellParameters(system: CrystalSystem, cell: CellParameters): number[] {
  const [a, b, c] = cell.lengthsAngstrom;
  const [alpha, beta, gamma] = cell.anglesDegree;
  switch (system) {
    case 'triclinic':
      return [b / a, c / a, alpha, beta, gamma];
    case 'monoclinic':
      return [b / a, c / a, beta];
    case 'orthorhombic':
      return [b / a, c / a];
    case 'tetragonal':
    case 'trigonal':
    case 'hexagonal':
      return [c / a];
    case 'cubic':
      return [];
  }
}

/** The conventional cell with a = 1 that has these free parameters. */
export function cellOfFree(system: CrystalSystem, free: readonly number[]): CellParameters {
  const [p = 1, q = 1, alpha = 90, beta = 90, gamma = 90] = free;
  switch (system) {
    case 'triclinic':
      return { lengthsAngstrom: [1, p, q], anglesDegree: [alpha, beta, gamma] };
    case 'monoclinic':
      return { lengthsAngstrom: [1, p, q], anglesDegree: [90, alpha, 90] };
    case 'orthorhombic':
      return { lengthsAngstrom: [1, p, q], anglesDegree: [90, 90, 90] };
    case 'tetragonal':
      return { lengthsAngstrom: [1, 1, p], anglesDegree: [90, 90, 90] };
    case 'trigonal':
    case 'hexagonal':
      return { lengthsAngstrom: [1, 1, p], anglesDegree: [90, 90, 120] };
    case 'cubic':
      return { lengthsAngstrom: [1, 1, 1], anglesDegree: [90, 90, 90] };
  }
}

function makeTable(spaceGroup: number): OrbitTable {
  const { crystalSystem, symbol } = spaceGroupType(spaceGroup);
  const primitiveRows = PRIMITIVE_ROWS[symbol.charAt(0)];
  if (primitiveRows === undefined)
    throw new Error(`no primitive cell is known for the centring of ${symbol}`);
  const toPrimitive = inverse(primitiveRows);
  // One operation of each rotation: the others differ by a lattice translation.
  const operations = [
    ...new Map(
      symmetryOperations(spaceGroup).map((operation) => [operation.transposedRotation.join(), operation]),
    ).values(),
  ];
  const orbits = wyckoffPositions(spaceGroup).map(({ letter, representative }): Orbit => {
    const rows = representative.transposedRotation;
    const freeAxes = [0, 1, 2].filter((axis) => rows.slice(3 * axis, 3 * axis + 3).some((x) => x !== 0));
    const maps: number[] = [];
    const seen: number[][] = [];
    for (const operation of operations) {
      const turned = multiplyRows(multiplyRows(rows, operation.transposedRotation), toPrimitive);
      const constant = multiplyRows(applyOperation(operation, representative.translation), toPrimitive);
      const point = multiplyRows(GENERIC_POINT, turned).map((x, k) => x + (constant[k] as number));
      if (seen.some((other) => isLatticeVector(other, point))) continue;
      seen.push(point);
      maps.push(...turned, ...constant);
    }
    return { letter, points: seen.length, freeAxes, representative, maps: Float64Array.from(maps) };
  });
  return { orbits: orbits.toReversed(), crystalSystem, primitiveRows };
}

/** Lies on no special position: its coordinates have no simple relation. */
const GENERIC_POINT = [0.137254, 0.281903, 0.423811];

function isLatticeVector(l: readonly number[], r: readonly number[]): boolean {
  return l.every((x, k) => Math.abs(x - (r[k] as number) - Math.round(x - (r[k] as number))) < 1e-6);
}
