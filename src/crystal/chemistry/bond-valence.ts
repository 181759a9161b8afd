import type { Crystal } from '../crystal.ts';
import { type Neighbours, neighboursWithin } from '../geometry/neighbours.ts';
import { findSymmetry } from '../symmetry/symmetry.ts';
import table from './bond-valence.json' with { type: 'json' };
import { atomicNumberOf, elementOf, symbolOf } from './elements.ts';

/** pymatgen's defaults, for crystals relaxed with PBE, whose bonds are a little long. */
const CUTOFF_ANGSTROM = 4;
const DISTANCE_SCALE = 1.015;
const SYMMETRY_TOLERANCE_ANGSTROM = 0.1;
/** States less likely than this, relative to the likeliest, are not tried. */
const LEAST_RELATIVE_PROBABILITY = 0.01;
/** The constant of Brown and Altermatt, Å. */
const SOFTNESS_ANGSTROM = 0.31;
/** One of two bonded elements must be among these. */
const ANIONS = new Set('H B C Si N P As Sb O S Se Te F Cl Br I'.split(' ').map(atomicNumberOf));

/**
 * The likeliest oxidation state of each atom by its bond valence sum, or null when no choice balances the charge. The
 * meaning is pymatgen's BVAnalyzer: sums by O'Keeffe and Brese's element parameters (J. Am. Chem. Soc. 113, 3226 (1991))
 * compared with those in the ICSD; equivalent atoms have one state, an element's states differ by at most 1.
 * The best choice is found for any number of atoms, where pymatgen stops after 100,000 tries.
 * Needs the symmetry finder; throws as findSymmetry does, and a RangeError for an element without parameters.
 */
export function bondValenceStates(crystal: Crystal): number[] | null {
  const { latticeAngstrom, fractionalCoordinates, atomicNumbers, chargeE = 0 } = crystal;
  // Equivalent by place and element alone, whatever states the crystal had.
  const bare = { latticeAngstrom, fractionalCoordinates, atomicNumbers };
  const { orbits } = findSymmetry(bare, SYMMETRY_TOLERANCE_ANGSTROM);
  const neighbours = neighboursWithin(bare, CUTOFF_ANGSTROM);
  const sitesByElement = new Map<number, Site[]>();
  for (const first of new Set(orbits)) {
    const z = atomicNumbers[first] as number;
    const site: Site = {
      first,
      multiplicity: orbits.filter((orbit) => orbit === first).length,
      candidates: candidatesFor(z, bondValenceSum(bare, neighbours, first)),
    };
    sitesByElement.set(z, [...(sitesByElement.get(z) ?? []), site]);
  }
  let best: ReadonlyMap<number, Assignment | null> = new Map([[0, null]]);
  for (const sites of sitesByElement.values()) best = extend(best, mixturesOf(sites));
  const states = new Map<number, number>();
  let assignment = best.get(chargeE) ?? null;
  if (assignment === null) return null;
  for (; assignment !== null; assignment = assignment.previous)
    states.set(assignment.first, assignment.state);
  return orbits.map((orbit) => states.get(orbit) as number);
}

/** A set of equivalent atoms. */
interface Site {
  /** Its first atom. */
  readonly first: number;
  readonly multiplicity: number;
  readonly candidates: readonly Candidate[];
}

interface Candidate {
  readonly state: number;
  readonly logProbability: number;
}

/** States of some sites, a chain. */
interface Assignment {
  readonly first: number;
  readonly state: number;
  readonly logProbability: number;
  readonly previous: Assignment | null;
}

/** Valence units; positive for the atom that is less electronegative than its neighbours. */
function bondValenceSum(crystal: Crystal, neighbours: Neighbours, atom: number): number {
  const z = crystal.atomicNumbers[atom] as number;
  let sum = 0;
  for (let pair = neighbours.start[atom] as number; pair < (neighbours.start[atom + 1] as number); pair++) {
    const other = crystal.atomicNumbers[neighbours.neighbour[pair] as number] as number;
    if (other === z || !(ANIONS.has(z) || ANIONS.has(other))) continue;
    const distance = (neighbours.distanceAngstrom[pair] as number) * DISTANCE_SCALE;
    const valence = Math.exp((bondLengthAngstrom(z, other) - distance) / SOFTNESS_ANGSTROM);
    const isCation =
      (elementOf(z).electronegativity ?? Infinity) < (elementOf(other).electronegativity ?? Infinity);
    sum += isCation ? valence : -valence;
  }
  return sum;
}

/** Of a bond of valence 1: O'Keeffe and Brese's equation 2. */
function bondLengthAngstrom(l: number, r: number): number {
  const [r1, c1] = parametersOf(l);
  const [r2, c2] = parametersOf(r);
  return r1 + r2 - (r1 * r2 * (Math.sqrt(c1) - Math.sqrt(c2)) ** 2) / (c1 * r1 + c2 * r2);
}

function parametersOf(z: number): readonly [radiusAngstrom: number, electronegativity: number] {
  const [r, c] = table.parameters[z - 1] ?? [];
  if (r === undefined || c === undefined) {
    throw new RangeError(
      `${symbolOf(z)} has no bond valence parameters: guess the states by composition instead (withOxidationStates)`,
    );
  }
  return [r, c];
}

/** States with their posterior probabilities: a normal distribution of sums for each ion, times its occurrence. */
function candidatesFor(z: number, sum: number): Candidate[] {
  parametersOf(z);
  const likelihoods = (table.ions[z - 1] ?? []).map(({ state, mean, deviation, occurrence }) => ({
    state,
    probability: (Math.exp(-((sum - mean) ** 2) / 2 / deviation ** 2) / deviation) * occurrence,
  }));
  const highest = Math.max(...likelihoods.map(({ probability }) => probability));
  return likelihoods
    .filter(({ probability }) => probability > LEAST_RELATIVE_PROBABILITY * highest)
    .map(({ state, probability }) => ({ state, logProbability: Math.log(probability / highest) }));
}

/** The best states of one element's sites for each charge that they can have together, no two further apart than 1. */
function mixturesOf(sites: readonly Site[]): Map<number, Assignment> {
  const states = new Set(sites.flatMap(({ candidates }) => candidates.map(({ state }) => state)));
  const best = new Map<number, Assignment>();
  for (const lower of states) {
    let partial = new Map<number, Assignment | null>([[0, null]]);
    for (const { first, multiplicity, candidates } of sites) {
      const next = new Map<number, Assignment>();
      for (const [charge, previous] of partial) {
        for (const { state, logProbability } of candidates) {
          if (state !== lower && state !== lower + 1) continue;
          const sum = (previous?.logProbability ?? 0) + logProbability;
          keepBest(next, charge + state * multiplicity, { first, state, logProbability: sum, previous });
        }
      }
      partial = next;
    }
    for (const [charge, assignment] of partial) if (assignment !== null) keepBest(best, charge, assignment);
  }
  return best;
}

/** Every assignment so far with every one of another element's. */
function extend(
  best: ReadonlyMap<number, Assignment | null>,
  mixtures: ReadonlyMap<number, Assignment>,
): Map<number, Assignment> {
  const next = new Map<number, Assignment>();
  for (const [charge, previous] of best) {
    for (const [more, assignment] of mixtures) {
      const sum = (previous?.logProbability ?? 0) + assignment.logProbability;
      if (sum > (next.get(charge + more)?.logProbability ?? -Infinity)) {
        next.set(charge + more, onto(previous, assignment));
      }
    }
  }
  return next;
}

/** The chain of one element's sites, put on top of the others'. */
function onto(previous: Assignment | null, added: Assignment): Assignment {
  const below = added.previous === null ? previous : onto(previous, added.previous);
  const logProbability = (previous?.logProbability ?? 0) + added.logProbability;
  return { ...added, previous: below, logProbability };
}

function keepBest(best: Map<number, Assignment>, charge: number, assignment: Assignment): void {
  if (assignment.logProbability > (best.get(charge)?.logProbability ?? -Infinity))
    best.set(charge, assignment);
}
