import { elementCounts } from '../chemistry/composition.ts';
import type { Crystal } from '../crystal.ts';
import { determinant, inverse, multiplyRows } from '../geometry/lattice.ts';
import { niggliCell } from '../geometry/niggli.ts';
import { primitiveByTranslation } from '../geometry/primitive.ts';
import { supercell } from '../geometry/supercell.ts';
import { type CellTolerance, latticeMappings } from './lattice-mappings.ts';
import { isExact, matchSites, type SiteGoal, type SiteMatch } from './site-matching.ts';

export interface MatchTolerance extends CellTolerance {
  /** How far an atom may be off, in parts of (V/N)^(1/3). */
  readonly siteFraction: number;
}

export interface MatchOptions extends Partial<MatchTolerance> {
  /** Compare primitive cells (averaged over translations within 0.25 Å). */
  readonly primitive?: boolean;
  /** Scale both cells to one volume per atom first. */
  readonly scale?: boolean;
  /** Repeat the smaller cell where the other has a multiple of its atoms. */
  readonly supercell?: boolean;
}

/** Some seconds of work: a few hundred atoms, or more where the rarest element has few. */
const MOST_COMPARISONS = 500_000_000;

/** The defaults of pymatgen's StructureMatcher. */
const DEFAULTS = {
  lengthFraction: 0.2,
  siteFraction: 0.3,
  angleDegree: 5,
  primitive: true,
  scale: true,
  supercell: false,
} as const satisfies Required<MatchOptions>;

/** The tolerances by which predicted crystal structures are usually counted as found, with `rmsDistance`. */
export const PREDICTION_TOLERANCE: MatchTolerance = {
  lengthFraction: 0.3,
  siteFraction: 0.5,
  angleDegree: 10,
};

/**
 * Whether two crystals are the same phase, with the meaning of pymatgen's StructureMatcher.fit (Ong et al., Comput.
 * Mater. Sci. 68, 314 (2013)): some cell of the first's lattice has the lengths and angles of the second's reduced
 * cell, and there every atom has its own partner of its element nearer than the site tolerance. Mirror images are
 * the same. As there, the cell of the second leads, so that borderline pairs may differ by which stands first, or by
 * which of several equivalent Niggli cells a telling leads to.
 * Throws a RangeError for cells too large to try every way: 5·10⁸ comparisons of atoms.
 */
export function fit(a: Crystal, b: Crystal, options: MatchOptions = {}): boolean {
  return match(a, b, options, 'any') !== null;
}

/**
 * The least root mean square displacement over all ways to lay two crystals onto each other, and its largest
 * displacement, in parts of (V/N)^(1/3); null when none is within the tolerances. StructureMatcher.get_rms_dist.
 */
export function rmsDistance(a: Crystal, b: Crystal, options: MatchOptions = {}): SiteMatch | null {
  return match(a, b, options, 'least rms');
}

/** Whether the crystals are the same once the elements of the first are renamed. StructureMatcher.fit_anonymous. */
export function fitAnonymous(a: Crystal, b: Crystal, options: MatchOptions = {}): boolean {
  const settings = { ...DEFAULTS, ...options };
  const [first, second] = [reduced(a, settings.primitive), reduced(b, settings.primitive)];
  for (const names of renamings(first, second)) {
    const renamed = { ...first, atomicNumbers: first.atomicNumbers.map((z) => names.get(z) as number) };
    if (matchReduced(renamed, second, settings, 'any') !== null) return true;
  }
  return false;
}

function match(a: Crystal, b: Crystal, options: MatchOptions, search: SiteGoal['search']): SiteMatch | null {
  const settings = { ...DEFAULTS, ...options };
  if (!haveOneComposition(a, b)) return null;
  return matchReduced(reduced(a, settings.primitive), reduced(b, settings.primitive), settings, search);
}

function reduced(crystal: Crystal, primitive: boolean): Crystal {
  const niggli = niggliCell(crystal);
  if (!primitive) return niggli;
  const smaller = primitiveByTranslation(niggli);
  return smaller === niggli ? niggli : niggliCell(smaller);
}

function matchReduced(
  a: Crystal,
  b: Crystal,
  settings: Required<MatchOptions>,
  search: SiteGoal['search'],
): SiteMatch | null {
  const isLarger = settings.supercell && a.atomicNumbers.length > 1.5 * b.atomicNumbers.length;
  const [mapped, leading] = isLarger ? [b, a] : [a, b];
  const index = settings.supercell
    ? Math.round(leading.atomicNumbers.length / mapped.atomicNumbers.length)
    : 1;
  if (mapped.atomicNumbers.length * index !== leading.atomicNumbers.length) return null;
  const elements = rarestFirst(leading);
  const first = byElement(mapped, elements);
  const second = byElement(leading, elements);
  const start = second.start;
  if (!first.start.every((atoms, e) => atoms * index === start[e])) return null;

  const ratio = settings.scale
    ? (volume(leading.latticeAngstrom) / (index * volume(mapped.latticeAngstrom))) ** (1 / 6)
    : 1;
  const lattice = mapped.latticeAngstrom.map((x) => x * ratio);
  const target = leading.latticeAngstrom.map((x) => x / ratio);
  const goal = { siteFraction: settings.siteFraction, search };
  const mappings = latticeMappings(lattice, target, settings, index);
  requireFewComparisons(mappings.length, start);
  let best: SiteMatch | null = null;
  for (const { rows, meanLatticeAngstrom } of mappings) {
    const pair = {
      first:
        index === 1
          ? Float64Array.from(multiplyRows(first.fractional, inverse(rows)))
          : byElement(supercell(mapped, rows), elements).fractional,
      second: second.fractional,
      start,
      latticeAngstrom: meanLatticeAngstrom,
    };
    const found = matchSites(pair, goal);
    if (found === null) continue;
    if (search === 'any' || isExact(found)) return found;
    if (best === null || found.rms < best.rms) best = found;
  }
  return best;
}

interface Sites {
  /** Atoms start[e] to start[e + 1] are of the e-th element. */
  readonly start: readonly number[];
  /** Flat, 3 per atom, in that order. */
  readonly fractional: Float64Array;
}

/** The elements by rising number of atoms, then as they stand in the crystal. */
function rarestFirst(crystal: Crystal): number[] {
  const counts = elementCounts(crystal);
  const elements = [...new Set(crystal.atomicNumbers)];
  return elements.sort((l, r) => (counts.get(l) as number) - (counts.get(r) as number));
}

function byElement(crystal: Crystal, elements: readonly number[]): Sites {
  const start = [0];
  const fractional: number[] = [];
  for (const element of elements) {
    crystal.atomicNumbers.forEach((z, i) => {
      if (z === element) fractional.push(...crystal.fractionalCoordinates.slice(3 * i, 3 * i + 3));
    });
    start.push(fractional.length / 3);
  }
  return { start, fractional: Float64Array.from(fractional) };
}

function requireFewComparisons(mappings: number, start: readonly number[]): void {
  const pairs = start.reduce((sum, end, e) => sum + (end - (start[e - 1] ?? 0)) ** 2, 0);
  const comparisons = mappings * (start[1] as number) * pairs;
  if (comparisons > MOST_COMPARISONS) {
    throw new RangeError(
      `matching these cells of ${start.at(-1)} atoms may take ${comparisons.toExponential(1)} comparisons of atoms, ` +
        `more than ${MOST_COMPARISONS}: compare their fingerprints instead (sameCrystal)`,
    );
  }
}

function haveOneComposition(a: Crystal, b: Crystal): boolean {
  const [counts, others] = [elementCounts(a), elementCounts(b)];
  if (counts.size !== others.size) return false;
  const [n, m] = [a.atomicNumbers.length, b.atomicNumbers.length];
  return [...counts].every(([z, count]) => count * m === (others.get(z) ?? 0) * n);
}

/** Every way to rename the elements of a as those of b so that the compositions agree. */
function* renamings(a: Crystal, b: Crystal): Generator<ReadonlyMap<number, number>> {
  const [counts, others] = [elementCounts(a), elementCounts(b)];
  if (counts.size !== others.size) return;
  const [n, m] = [a.atomicNumbers.length, b.atomicNumbers.length];
  const elements = [...counts.keys()];
  function* extend(names: ReadonlyMap<number, number>): Generator<ReadonlyMap<number, number>> {
    const element = elements[names.size];
    if (element === undefined) {
      yield names;
      return;
    }
    const used = new Set(names.values());
    for (const [z, count] of others) {
      if (used.has(z) || (counts.get(element) as number) * m !== count * n) continue;
      yield* extend(new Map([...names, [element, z]]));
    }
  }
  yield* extend(new Map());
}

function volume(lattice: readonly number[]): number {
  return Math.abs(determinant(lattice));
}
