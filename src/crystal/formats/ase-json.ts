import { cartesianAngstrom, type Crystal } from '../crystal.ts';
import { inverse, multiplyRows } from '../geometry/lattice.ts';
import { crystalAt, MAX_ATOMS, withLine } from './format-error.ts';
import { type JsonPlace, readJson } from './json-source.ts';

const FORMAT = 'ASE JSON';

/**
 * Crystals as the JSON that ase.io reads and writes, a database with one row each. Moments are initial_magmoms; charge
 * and oxidation states, which ASE has no place for, stand in the row's data.
 */
export function writeAse(crystals: readonly Crystal[]): string {
  const ids = crystals.map((_, i) => i + 1);
  const rows = crystals.map((crystal, i) => [String(i + 1), rowOf(crystal, i + 1)] as const);
  return `${JSON.stringify({ ...Object.fromEntries(rows), ids, nextid: ids.length + 1 })}\n`;
}

function rowOf(crystal: Crystal, id: number): object {
  const { latticeAngstrom, atomicNumbers, chargeE, oxidationStates, magneticMomentsMuB } = crystal;
  const n = atomicNumbers.length;
  const moments = magneticMomentsMuB;
  const data = {
    ...(chargeE === undefined ? {} : { charge: chargeE }),
    ...(oxidationStates === undefined ? {} : { oxi_states: oxidationStates }),
  };
  return {
    cell: { array: array('float64', [3, 3], latticeAngstrom), __ase_objtype__: 'cell' },
    // Years since 2000 in ASE's count: nothing here knows the time.
    ctime: 0,
    mtime: 0,
    ...(Object.keys(data).length === 0 ? {} : { data }),
    ...(moments === undefined
      ? {}
      : { initial_magmoms: array('float64', moments.length === n ? [n] : [n, 3], moments) }),
    numbers: array('int64', [n], atomicNumbers),
    pbc: array('bool', [3], [true, true, true]),
    positions: array('float64', [n, 3], cartesianAngstrom(crystal)),
    unique_id: id.toString(16).padStart(32, '0'),
    user: null,
  };
}

function array(type: string, shape: readonly number[], values: readonly (number | boolean)[]): object {
  return { __ndarray__: [shape, type, values] };
}

/**
 * The crystals of an ASE JSON text: a database as ase.io.write makes it, or atoms as ase.io.jsonio encodes them, alone
 * or in a list. Throws a FormatError that names the place and its line; also for atoms that are not periodic.
 */
export function parseAse(text: string): Crystal[] {
  return fromAse(readJson(text, FORMAT));
}

export function fromAse(whole: JsonPlace): Crystal[] {
  const place = whole.as(FORMAT);
  const atoms = Array.isArray(place.value)
    ? place.items()
    : place.has('numbers')
      ? [place]
      : (place.has('ids') ? arrayAt(place.get('ids'), 'numbers') : rowNames(place)).map((id) =>
          place.get(String(id)),
        );
  if (atoms.length === 0) throw place.fail('holds no atoms');
  return atoms.map(atomsAt);
}

function rowNames(place: JsonPlace): string[] {
  return place.names().filter((name) => /^\d+$/.test(name));
}

function atomsAt(place: JsonPlace): Crystal {
  const pbc = place.get('pbc');
  const periodic = place.has('pbc') ? flatValues(pbc) : [];
  if (periodic.length !== 3 || periodic.some((along) => along !== true && along !== 1)) {
    throw pbc.fail('must be true three times: only crystals periodic in three directions are read');
  }
  const atomicNumbers = arrayAt(place.get('numbers'), 'numbers');
  if (atomicNumbers.length > MAX_ATOMS) throw place.get('numbers').fail(`hold more than ${MAX_ATOMS} atoms`);
  const cell = place.get('cell');
  const lattice = arrayAt(cell.has('array') ? cell.get('array') : cell, 'triples');
  if (lattice.length !== 9) throw cell.fail(`holds ${lattice.length} numbers where 9 are needed`);
  const positions = arrayAt(place.get('positions'), 'triples');
  // Atoms as encoded carry arrays of any name; a database row keeps others in its data.
  const data = place.has('data') ? place.get('data') : place;
  const charge = (place.has('info') ? place.get('info') : data).get('charge');
  const oxidation = data.get('oxi_states');
  const moments = ['magmoms', 'initial_magmoms']
    .map((name) => place.get(name))
    .find(({ value }) => value != null);
  const line = (): number => place.line();
  const fractionalCoordinates = withLine(FORMAT, line, () => multiplyRows(positions, inverse(lattice)));
  return crystalAt(
    {
      latticeAngstrom: lattice,
      fractionalCoordinates,
      atomicNumbers,
      chargeE: typeof charge.value === 'number' ? charge.number() : undefined,
      oxidationStates: oxidation.value == null ? undefined : arrayAt(oxidation, 'numbers'),
      magneticMomentsMuB: moments === undefined ? undefined : momentsAt(moments),
    },
    FORMAT,
    line,
  );
}

function momentsAt(place: JsonPlace): number[] {
  const nested = Array.isArray(place.value) && Array.isArray(place.value[0]);
  return arrayAt(place, nested ? 'triples' : 'numbers');
}

/** Numbers of a plain (nested) list or of an encoded array, flat. */
function arrayAt(place: JsonPlace, kind: 'numbers' | 'triples'): number[] {
  if (place.has('__ndarray__')) {
    const parts = place.get('__ndarray__').items();
    const [shape, , values] = parts;
    if (shape === undefined || values === undefined || parts.length !== 3) {
      throw place.get('__ndarray__').fail('must be [shape, type, values]');
    }
    const size = shape.numbers().reduce((product, n) => product * n, 1);
    return values.numbers(size);
  }
  if (kind === 'numbers') return place.numbers();
  return Array.isArray(place.value) && typeof place.value[0] === 'number' ? place.numbers() : place.triples();
}

function flatValues(place: JsonPlace): unknown[] {
  const values = place.has('__ndarray__') ? place.get('__ndarray__').items()[2] : place;
  return values === undefined ? [] : values.items().map(({ value }) => value);
}
