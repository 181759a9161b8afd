import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';

import { reducedFormula } from '../src/crystal/chemistry/composition.ts';
import { makeCrystal, type Crystal } from '../src/crystal/crystal.ts';
import { atomicNumberOf } from '../src/crystal/chemistry/elements.ts';
import { parseCif } from '../src/crystal/formats/cif.ts';
import { primitiveCell } from '../src/crystal/symmetry/symmetry.ts';
import { loadSymmetryFinder } from '../src/symmetry-finder.ts';

/** A crystal of the training set, in its primitive cell. */
export interface TrainingCrystal {
  readonly id: string;
  readonly formula: string;
  readonly crystal: Crystal;
}

/**
 * The generator's training set: the binary and ternary crystals of MP-20's validation and test parts, the binaries of
 * matcalc's elasticity set and its element references (Materials Project, CC BY 4.0), one of each material, in primitive
 * cells of at most `mostAtoms` atoms.
 */
export function readTrainingCrystals(dataFolder: string, mostAtoms: number): TrainingCrystal[] {
  loadSymmetryFinder();
  const crystals = new Map<string, Crystal>();
  const add = (id: string, crystal: Crystal): void => {
    if (crystals.has(id)) return;
    const primitive = primitiveCell(crystal, 0.01);
    if (primitive.atomicNumbers.length <= mostAtoms) crystals.set(id, primitive);
  };
  for (const part of ['val', 'test']) {
    const rows = parse<Record<string, string>>(unzip(join(dataFolder, 'mp_20_biternary', `${part}.csv.gz`)), {
      columns: true,
    });
    for (const row of rows) add(String(row['material_id']), parseCif(String(row['cif'])));
  }
  const elastic = JSON.parse(
    unzip(join(dataFolder, 'matcalc', 'mp-binary-pbe-elasticity-2025.1.json.gz')),
  ) as { mp_id: string; structure: PymatgenStructure }[];
  for (const row of elastic) add(row.mp_id, crystalOfPymatgen(row.structure));
  const references = JSON.parse(unzip(join(dataFolder, 'matcalc', 'MP-PBE-Element-Refs.json.gz'))) as Record<
    string,
    { structure: PymatgenStructure[] | PymatgenStructure }
  >;
  for (const [symbol, { structure }] of Object.entries(references)) {
    const one = [structure].flat()[0];
    if (one !== undefined && one.sites.length <= 60) add(`reference-${symbol}`, crystalOfPymatgen(one));
  }
  return [...crystals].map(([id, crystal]) => ({ id, formula: reducedFormula(crystal), crystal }));
}

/** sha256 over the ids and cells, for the checkpoint's card. */
export function digestOf(crystals: readonly TrainingCrystal[]): string {
  const hash = createHash('sha256');
  for (const { id, crystal } of crystals) hash.update(JSON.stringify([id, crystal]));
  return hash.digest('hex');
}

interface PymatgenStructure {
  readonly lattice: { readonly matrix: readonly (readonly number[])[] };
  readonly sites: readonly {
    readonly species: readonly { readonly element: string }[];
    readonly abc: readonly number[];
  }[];
}

function crystalOfPymatgen({ lattice, sites }: PymatgenStructure): Crystal {
  return makeCrystal({
    latticeAngstrom: lattice.matrix.flat(),
    fractionalCoordinates: sites.flatMap((site) => site.abc),
    atomicNumbers: sites.map((site) => atomicNumberOf(site.species[0]?.element ?? '')),
  });
}

function unzip(path: string): string {
  return gunzipSync(readFileSync(path)).toString('utf8');
}
