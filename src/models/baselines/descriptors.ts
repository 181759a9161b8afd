import { elementCounts } from '../../crystal/chemistry/composition.ts';
import { elementOf, ELEMENTS } from '../../crystal/chemistry/elements.ts';
import { MAGPIE_LENGTH, MAGPIE_NAMES, magpieDescriptorsOf } from '../../crystal/chemistry/magpie.ts';
import type { Crystal } from '../../crystal/crystal.ts';
import { densityGramPerCm3, volumeAngstrom3 } from '../../crystal/crystal.ts';
import { growUntil, neighboursWithin } from '../../crystal/geometry/neighbours.ts';
import type { Neighbours } from '../../crystal/geometry/neighbours.ts';
import type { Table } from './table.ts';

/** Magpie's element properties, as its columns of means name them. */
const MEANS = MAGPIE_NAMES.flatMap((name, column) => (name.includes(' mean ') ? [column] : []));
const PROPERTIES = MEANS.map((column) => (MAGPIE_NAMES[column] as string).replace(/^.* mean /, ''));

const STRUCTURE_NAMES = [
  'log volume per atom',
  'density',
  'packing fraction',
  'shortest distance',
  'mean nearest distance',
  'longest nearest distance',
  'least nearest distance over radii',
  'mean nearest distance over radii',
  'mean coordination',
  'least coordination',
  'greatest coordination',
] as const;

const LOCAL_STATISTICS = ['mean', 'least', 'greatest'] as const;

/** Names of the descriptors, in their order: composition (Magpie), structure, local differences. */
export const DESCRIPTOR_NAMES: readonly string[] = [
  ...MAGPIE_NAMES,
  ...STRUCTURE_NAMES,
  ...PROPERTIES.flatMap((name) => LOCAL_STATISTICS.map((of) => `${of} local difference ${name}`)),
];

/**
 * Crystals as tables of descriptors, [n, DESCRIPTOR_NAMES.length]: Magpie's of the composition; volume, density,
 * distances and coordination; and of each of Magpie's element properties, how much an atom differs from its
 * neighbours (as Ward et al., Phys. Rev. B 96, 024104 (2017), but with weights that fall with distance instead of
 * Voronoi facets). Invariant to rotation, translation, permutation and the choice of cell.
 */
export function describeCrystals(crystals: readonly Crystal[]): Table {
  const width = DESCRIPTOR_NAMES.length;
  const values = new Float32Array(crystals.length * width);
  const magpie = magpieDescriptorsOf(crystals.map(elementCounts));
  crystals.forEach((crystal, row) => {
    values.set(magpie.subarray(row * MAGPIE_LENGTH, (row + 1) * MAGPIE_LENGTH), row * width);
    writeStructure(crystal, values.subarray(row * width + MAGPIE_LENGTH, (row + 1) * width));
  });
  return { rows: crystals.length, width, values };
}

/** Neighbours count up to twice an atom's nearest distance, where their weight has fallen to nothing. */
const REACH = 2;

function writeStructure(crystal: Crystal, into: Float32Array): void {
  const { atomicNumbers } = crystal;
  const n = atomicNumbers.length;
  const nearest = nearestDistances(crystal);
  const list = neighboursWithin(
    crystal,
    REACH * nearest.reduce((most, d) => Math.max(most, d), 0) * (1 + 1e-9),
  );
  const radii = atomicNumbers.map(radiusAngstrom);
  const coordination = new Float64Array(n);
  const radiusRatio = new Float64Array(n).fill(Infinity);
  const difference = new Float64Array(n * PROPERTIES.length);
  const properties = elementProperties();
  for (let i = 0; i < n; i++) {
    const own = (atomicNumbers[i] as number) * PROPERTIES.length;
    for (let pair = list.start[i] as number; pair < (list.start[i + 1] as number); pair++) {
      const distance = list.distanceAngstrom[pair] as number;
      const j = list.neighbour[pair] as number;
      const ratio = distance / ((radii[i] as number) + (radii[j] as number));
      radiusRatio[i] = Math.min(radiusRatio[i] as number, ratio);
      const weight = ((nearest[i] as number) / distance) ** 6 - REACH ** -6;
      if (weight <= 0) continue;
      coordination[i] = (coordination[i] as number) + weight;
      const other = (atomicNumbers[j] as number) * PROPERTIES.length;
      for (let k = 0; k < PROPERTIES.length; k++) {
        const at = i * PROPERTIES.length + k;
        const apart = Math.abs((properties[own + k] as number) - (properties[other + k] as number));
        difference[at] = (difference[at] as number) + weight * apart;
      }
    }
  }
  const volume = volumeAngstrom3(crystal);
  const spheres = radii.reduce((sum, radius) => sum + (4 / 3) * Math.PI * radius ** 3, 0);
  into.set([
    Math.log(volume / n),
    densityGramPerCm3(crystal),
    spheres / volume,
    ...[least(nearest), mean(nearest), greatest(nearest)],
    ...[least(radiusRatio), mean(radiusRatio)],
    ...[mean(coordination), least(coordination), greatest(coordination)],
  ]);
  const ofAtoms = new Float64Array(n);
  for (let k = 0; k < PROPERTIES.length; k++) {
    for (let i = 0; i < n; i++) {
      ofAtoms[i] = (difference[i * PROPERTIES.length + k] as number) / (coordination[i] as number);
    }
    const at = STRUCTURE_NAMES.length + LOCAL_STATISTICS.length * k;
    into.set([mean(ofAtoms), least(ofAtoms), greatest(ofAtoms)], at);
  }
}

/** [n], Å; an atom's own images count. */
function nearestDistances(crystal: Crystal): Float64Array {
  const n = crystal.atomicNumbers.length;
  const all = (list: Neighbours): boolean => {
    for (let i = 0; i < n; i++) if (list.start[i + 1] === list.start[i]) return false;
    return true;
  };
  const list = growUntil(crystal, 1, all);
  const nearest = new Float64Array(n).fill(Infinity);
  list.centre.forEach((i, pair) => {
    nearest[i] = Math.min(nearest[i] as number, list.distanceAngstrom[pair] as number);
  });
  return nearest;
}

const TYPICAL_RADIUS_ANGSTROM = 1.5;

function radiusAngstrom(atomicNumber: number): number {
  return elementOf(atomicNumber).radiusAngstrom ?? TYPICAL_RADIUS_ANGSTROM;
}

let properties: Float64Array | null = null;

/** [Z, property] flat, row 0 unused: the mean over one element alone is that element's value. */
function elementProperties(): Float64Array {
  if (properties) return properties;
  const magpie = magpieDescriptorsOf(ELEMENTS.map((_, index) => new Map([[index + 1, 1]])));
  properties = new Float64Array((ELEMENTS.length + 1) * MEANS.length);
  for (let z = 1; z <= ELEMENTS.length; z++) {
    for (const [k, column] of MEANS.entries()) {
      properties[z * MEANS.length + k] = magpie[(z - 1) * MAGPIE_LENGTH + column] as number;
    }
  }
  return properties;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function least(values: Float64Array): number {
  return values.reduce((low, value) => Math.min(low, value), Infinity);
}

function greatest(values: Float64Array): number {
  return values.reduce((high, value) => Math.max(high, value), -Infinity);
}
