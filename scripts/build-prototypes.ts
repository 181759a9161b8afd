// Builds src/crystal/generators/prototypes.json from mp_20_biternary: tsc, then `node dist/scripts/build-prototypes.js`.
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { type Crystal, makeCrystal, scaleToVolume } from '../src/crystal/crystal.ts';
import { elementCounts } from '../src/crystal/chemistry/composition.ts';
import { ELEMENTS } from '../src/crystal/chemistry/elements.ts';
import { fingerprint, largestDifference } from '../src/crystal/identity/fingerprint.ts';
import { parseCif } from '../src/crystal/formats/cif.ts';
import type { Prototype } from '../src/crystal/generators/prototypes.ts';
import { primitiveCell, spaceGroup } from '../src/crystal/symmetry/symmetry.ts';
import { loadSymmetryFinder } from '../src/symmetry-finder.ts';

const MAX_ATOMS = 8;
const MAX_TYPES = 400;
/** Of the mean distance between atoms. */
const SAME_TYPE = 0.06;
const NON_METALS = new Set('H He B C N O F Ne Si P S Cl Ar Ge As Se Br Kr Te I Xe At Rn'.split(' '));
const METALS = new Set(ELEMENTS.filter((e) => !NON_METALS.has(e.symbol)).map((e) => e.atomicNumber));

interface Row {
  readonly material_id: string;
  readonly pretty_formula: string;
  readonly cif: string;
}

interface Type {
  readonly crystal: Crystal;
  readonly example: string;
  readonly symbol: string;
  readonly fingerprints: readonly Float64Array[];
  weight: number;
}

function main(): void {
  loadSymmetryFinder();
  const folder = process.env.ASSAYER_DATA ?? '../shared/data';
  const rows = ['val', 'test'].flatMap((part) =>
    parse<Row>(gunzipSync(readFileSync(`${folder}/mp_20_biternary/${part}.csv.gz`)), { columns: true }),
  );
  const types = new Map<string, Type[]>();
  let found = 0;
  for (const row of rows) {
    const crystal = parseCif(row.cif);
    if (!crystal.atomicNumbers.every((z) => METALS.has(z))) continue;
    const primitive = primitiveCell(crystal, 0.05);
    if (primitive.atomicNumbers.length > MAX_ATOMS) continue;
    found++;
    const labelings = anonymise(primitive);
    const first = labelings[0] as Crystal;
    const group = spaceGroup(primitive, 0.05);
    const key = `${[...elementCounts(first).values()].join('-')} ${group.number}`;
    const known = types.get(key) ?? types.set(key, []).get(key) ?? [];
    const print = fingerprint(first);
    const same = known.find((type) =>
      type.fingerprints.some((other) => largestDifference(other, print) < SAME_TYPE),
    );
    if (same !== undefined) same.weight++;
    else {
      const symbol = `${group.pearsonSymbol} ${group.symbol}`;
      const fingerprints = labelings.map(fingerprint);
      known.push({ crystal: first, example: row.pretty_formula, symbol, fingerprints, weight: 1 });
    }
  }

  const prototypes = [...types.values()]
    .flat()
    .sort((l, r) => r.weight - l.weight)
    .map(describe);
  const kept = [...elementary(), ...prototypes.slice(0, MAX_TYPES)];
  const header = {
    source:
      'Materials Project (CC BY 4.0; Jain et al., APL Materials 1, 011002 (2013)), the binary and ternary rows of MP-20 validation and test',
    method: `all-metal crystals, at most ${MAX_ATOMS} atoms in the primitive cell, elements replaced by labels, volume 1 per atom, deduplicated by fingerprint within ${SAME_TYPE}`,
  };
  const body = kept.map((prototype) => JSON.stringify(prototype)).join(',\n');
  writeFileSync(
    'src/crystal/generators/prototypes.json',
    `{${JSON.stringify(header).slice(1, -1)},"prototypes":[\n${body}\n]}\n`,
  );
  console.log(`${found} crystals, ${prototypes.length} types, ${kept.length} kept`);
}

/** Volume 1 per atom and labels (as atomic numbers 1, 2, 3) by rising count; every order of labels with equal counts. */
function anonymise(crystal: Crystal): Crystal[] {
  const counts = [...elementCounts(crystal)].sort((l, r) => l[1] - r[1]);
  const scaled = scaleToVolume(crystal, crystal.atomicNumbers.length);
  return permutations(counts)
    .filter((order) => order.every(([, count], i) => count === counts[i]?.[1]))
    .map((order) => {
      const label = new Map(order.map(([z], i) => [z, i + 1]));
      return { ...scaled, atomicNumbers: scaled.atomicNumbers.map((z) => label.get(z) as number) };
    });
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

function describe({ crystal, example, symbol, weight }: Type): Prototype {
  const round = (x: number): number => Number(x.toFixed(10));
  const counts = [...elementCounts(crystal).values()];
  const divisor = counts.reduce((l, r) =>
    (function gcd(a: number, b: number): number {
      return b === 0 ? a : gcd(b, a % b);
    })(l, r),
  );
  const formula = counts.map((count, i) => `${'ABC'[i]}${count === divisor ? '' : count / divisor}`).join('');
  return {
    name: `${formula} ${symbol} (${example})`,
    weight,
    lattice: crystal.latticeAngstrom.map(round),
    fractionalCoordinates: crystal.fractionalCoordinates.map(round),
    labels: crystal.atomicNumbers.map((z) => z - 1),
  };
}

function elementary(): Prototype[] {
  const cell = (example: string, latticeAngstrom: number[], fractionalCoordinates: number[]): Prototype => {
    const atomicNumbers = fractionalCoordinates.slice(0, fractionalCoordinates.length / 3).map(() => 1);
    const crystal = makeCrystal({ latticeAngstrom, fractionalCoordinates, atomicNumbers });
    const { pearsonSymbol, symbol } = spaceGroup(crystal, 0.01);
    const scaled = scaleToVolume(crystal, atomicNumbers.length);
    return describe({
      crystal: scaled,
      example,
      symbol: `${pearsonSymbol} ${symbol}`,
      fingerprints: [],
      weight: 1,
    });
  };
  return [
    cell('fcc', [0, 1, 1, 1, 0, 1, 1, 1, 0], [0, 0, 0]),
    cell('bcc', [-1, 1, 1, 1, -1, 1, 1, 1, -1], [0, 0, 0]),
    cell('hcp', [1, 0, 0, -0.5, Math.sqrt(0.75), 0, 0, 0, Math.sqrt(8 / 3)], [0, 0, 0, 1 / 3, 2 / 3, 1 / 2]),
  ];
}

main();
