import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { Crystal } from '../../src/crystal/crystal.ts';
import { parseCif } from '../../src/crystal/formats/cif.ts';
import { parsePoscar, writePoscar } from '../../src/crystal/formats/poscar.ts';
import { cellParameters } from '../../src/crystal/geometry/lattice.ts';
import { shortest } from '../../src/crystal/geometry/torus.ts';
import { type Figure, mean, spread } from '../figure.ts';
import { askPeer } from '../peer.ts';
import { crystalPeers, raceAgainst } from './side-by-side.ts';

const FIXTURES = 'test/fixtures/crystal/reference';
const DATA = process.env.ASSAYER_DATA ?? '../shared/data';
const TABLES = {
  'mp_20 (binary and ternary)': ['mp_20_biternary/val', 'mp_20_biternary/test'],
  perov_5: ['perov_5/train', 'perov_5/val', 'perov_5/test'],
};

/** Lengths (Å), angles (degrees) and fractions that differ by less are equal: far below the 8 digits of the files. */
const TOLERANCE = 1e-9;

/**
 * Reading CIF and POSCAR beside pymatgen; how many rows of the two data sets both read alike, in every number; and a
 * CIF of 50 MB. Without the data folder, what needs it is left out.
 */
export async function run({ quick }: { readonly quick: boolean }): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  const repetitions = quick ? 2 : 5;
  const race = async (
    figure: string,
    format: 'cif' | 'poscar',
    texts: readonly string[],
    goal: string | null,
  ): Promise<void> => {
    const read = format === 'cif' ? parseCif : parsePoscar;
    const job = { task: 'race', format, texts };
    // One repetition of ours takes milliseconds: let the compiler finish before.
    for (const start = process.cpuUsage(); process.cpuUsage(start).user < 1e6;) {
      for (const text of texts) read(text);
    }
    const unit = 'files per core-second';
    const raced = await raceAgainst(
      { figure, goal: goal ?? '', count: texts.length, unit, repetitions, script: 'formats.py', job },
      () => {
        for (const text of texts) read(text);
      },
    );
    figures.push({ ...raced.figure, goal });
  };
  const goal = 'at least 20 times pymatgen';
  if (existsSync(DATA)) {
    const cifs = cifsOf('mp_20_biternary/test').filter((_, i) => i % (quick ? 40 : 14) === 0);
    await race('reading CIF, mp_20, all atoms listed', 'cif', cifs, goal);
  }
  const symmetric = symmetrisedCifs().filter((_, i) => i % (quick ? 6 : 3) === 0);
  await race('reading CIF with symmetry operations', 'cif', symmetric, goal);
  const poscars = variedCrystals()
    .filter((_, i) => i % (quick ? 10 : 4) === 0)
    .map(writePoscar);
  await race('reading POSCAR', 'poscar', poscars, null);
  if (existsSync(DATA)) {
    for (const [name, tables] of Object.entries(TABLES))
      figures.push(agreement(name, tables, quick ? 40 : 1));
  }
  figures.push(largeFile(quick ? 1 : 3));
  return figures;
}

function cifsOf(table: string): string[] {
  const text = gunzipSync(readFileSync(`${DATA}/${table}.csv.gz`));
  return parse<{ cif: string }>(text, { columns: true }).map(({ cif }) => cif);
}

function symmetrisedCifs(): string[] {
  const fixture = gunzipSync(readFileSync(`${FIXTURES}/formats.json.gz`)).toString();
  return (JSON.parse(fixture) as { symmetrised: { cif: string }[] }).symmetrised.map(({ cif }) => cif);
}

function variedCrystals(): Crystal[] {
  const fixture = gunzipSync(readFileSync(`${FIXTURES}/crystals.json.gz`)).toString();
  return (JSON.parse(fixture) as { crystals: Crystal[] }).crystals;
}

/** a, b, c, α, β, γ, atomic numbers, fractional coordinates. */
type PeerCrystal = readonly [
  a: number,
  b: number,
  c: number,
  alpha: number,
  beta: number,
  gamma: number,
  numbers: readonly number[],
  fractional: readonly number[],
];

/** Share of the rows from which pymatgen and we read the same cell and the same atoms. */
function agreement(name: string, tables: readonly string[], every: number): Figure {
  const paths = tables.map((table) => resolve(DATA, `${table}.csv.gz`));
  const answer = askPeer(crystalPeers(), 'bench/peers/crystal/formats.py', {
    task: 'read',
    tables: paths,
    every,
  }) as { readonly peer: string; readonly crystals: readonly PeerCrystal[] };
  const ours = tables.flatMap((table) => cifsOf(table).filter((_, i) => i % every === 0));
  const agreeing = ours.filter((cif, i) => isSame(parseCif(cif), answer.crystals[i] as PeerCrystal)).length;
  return {
    figure: `rows of ${name} read as pymatgen does, of ${ours.length}`,
    value: agreeing,
    unit: 'rows',
    goal: 'all',
    peer: answer.peer,
    peerValue: answer.crystals.length,
    ratio: agreeing / answer.crystals.length,
    seeds: 1,
    spread: null,
  };
}

/** pymatgen sorts the atoms, so each of ours must find one of its own. */
function isSame(crystal: Crystal, peer: PeerCrystal): boolean {
  const [numbers, fractional] = [peer[6], peer[7]];
  const { lengthsAngstrom, anglesDegree } = cellParameters(crystal.latticeAngstrom);
  const cell = [...lengthsAngstrom, ...anglesDegree];
  if (numbers.length !== crystal.atomicNumbers.length) return false;
  if (cell.some((x, i) => Math.abs(x - (peer[i] as number)) > TOLERANCE * x)) return false;
  const free = new Set(numbers.keys());
  return crystal.atomicNumbers.every((z, atom) => {
    for (const other of free) {
      const isThere = [0, 1, 2].every((axis) => {
        const x = crystal.fractionalCoordinates[3 * atom + axis] as number;
        return Math.abs(shortest(x - (fractional[3 * other + axis] as number))) < TOLERANCE;
      });
      if (numbers[other] === z && isThere) return free.delete(other);
    }
    return false;
  });
}

/** A CIF of 50 MB: 800,000 copper atoms on a grid. */
function largeFile(seeds: number): Figure {
  const lines = Array.from({ length: 800_000 }, (_, i) => {
    const xyz = [i % 100, Math.floor(i / 100) % 100, Math.floor(i / 10_000)].map((k) =>
      (k / 100).toFixed(12),
    );
    return `  Cu Cu${String(i).padStart(8, '0')} 1 ${xyz.join(' ')} 1\n`;
  });
  const cell = ['a', 'b', 'c'].map((axis) => `_cell_length_${axis} 300\n`);
  const angles = ['alpha', 'beta', 'gamma'].map((angle) => `_cell_angle_${angle} 90\n`);
  const names = ['type_symbol', 'label', 'multiplicity', 'fract_x', 'fract_y', 'fract_z', 'occupancy'];
  const columns = names.map((name) => `_atom_site_${name}\n`);
  const text = ['data_large\n', ...cell, ...angles, 'loop_\n', ...columns, ...lines].join('');
  const seconds = Array.from({ length: seeds }, () => {
    const before = process.cpuUsage();
    parseCif(text);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1e6;
  });
  return {
    figure: `reading a CIF of ${Math.round(text.length / 1e6)} MB, 800,000 atoms`,
    value: mean(seconds),
    unit: 'core-seconds',
    goal: 'a few seconds',
    peer: null,
    peerValue: null,
    ratio: null,
    seeds,
    spread: spread(seconds),
  };
}
