import { atomicNumberOf, symbolOf } from '../chemistry/elements.ts';
import { cartesianAngstrom, type Crystal, volumeAngstrom3 } from '../crystal.ts';
import { cellParameters } from '../geometry/lattice.ts';
import { crystalAt, MAX_ATOMS, withLine } from './format-error.ts';
import { inTriples, type JsonPlace, readJson } from './json-source.ts';

const FORMAT = 'pymatgen JSON';

/** A crystal as pymatgen's Structure.as_dict(), which Structure.from_dict reads: a plain object, for JSON.stringify. */
export function toPymatgen(crystal: Crystal): object {
  const { latticeAngstrom, fractionalCoordinates, atomicNumbers, oxidationStates, chargeE } = crystal;
  const { lengthsAngstrom, anglesDegree } = cellParameters(latticeAngstrom);
  const cartesian = cartesianAngstrom(crystal);
  const moments = crystal.magneticMomentsMuB;
  return {
    '@module': 'pymatgen.core.structure',
    '@class': 'Structure',
    charge: chargeE ?? null,
    lattice: {
      matrix: inTriples(latticeAngstrom),
      pbc: [true, true, true],
      a: lengthsAngstrom[0],
      b: lengthsAngstrom[1],
      c: lengthsAngstrom[2],
      alpha: anglesDegree[0],
      beta: anglesDegree[1],
      gamma: anglesDegree[2],
      volume: volumeAngstrom3(crystal),
    },
    properties: {},
    sites: atomicNumbers.map((z, i) => {
      const state = oxidationStates?.[i];
      const element = symbolOf(z);
      const species =
        state === undefined ? { element, occu: 1 } : { element, oxidation_state: state, spin: null, occu: 1 };
      return {
        species: [species],
        abc: fractionalCoordinates.slice(3 * i, 3 * i + 3),
        properties: moments === undefined ? {} : { magmom: momentOf(moments, i, atomicNumbers.length) },
        label: element,
        xyz: cartesian.slice(3 * i, 3 * i + 3),
      };
    }),
  };
}

export function writePymatgen(crystals: readonly Crystal[]): string {
  const [only] = crystals;
  const told = crystals.length === 1 && only !== undefined ? toPymatgen(only) : crystals.map(toPymatgen);
  return `${JSON.stringify(told)}\n`;
}

/**
 * The structures of a pymatgen JSON text: a Structure, a list of them, or objects that hold one as their `structure`
 * (entries, data sets). Throws a FormatError that names the place and its line; also for disorder and for molecules.
 */
export function parsePymatgen(text: string): Crystal[] {
  return fromPymatgen(readJson(text, FORMAT));
}

export function fromPymatgen(place: JsonPlace): Crystal[] {
  if (!Array.isArray(place.value)) return [structureAt(place.as(FORMAT))];
  const items = place.as(FORMAT).items();
  if (items.length === 0) throw place.as(FORMAT).fail('holds no structure');
  return items.map(structureAt);
}

function structureAt(whole: JsonPlace): Crystal {
  const place = !whole.has('sites') && whole.has('structure') ? whole.get('structure') : whole;
  const kind = place.get('@class').value;
  if (typeof kind === 'string' && /molecule/i.test(kind)) {
    throw place.fail('is a molecule: give a Structure, with a lattice');
  }
  const lattice = place.get('lattice');
  if (
    lattice.has('pbc') &&
    lattice
      .get('pbc')
      .items()
      .some(({ value }) => value !== true)
  ) {
    throw lattice
      .get('pbc')
      .fail('must be true three times: only crystals periodic in three directions are read');
  }
  const sites = place.get('sites').items();
  if (sites.length > MAX_ATOMS) throw place.get('sites').fail(`hold more than ${MAX_ATOMS} atoms`);
  const species = sites.map(speciesOf);
  const states = species.map(({ oxidationState }) => oxidationState);
  const moments = sites.map(momentAt);
  const isVector = moments.some((moment) => Array.isArray(moment));
  return crystalAt(
    {
      latticeAngstrom: lattice.get('matrix').triples(3),
      fractionalCoordinates: sites.flatMap((site) => site.get('abc').numbers(3)),
      atomicNumbers: species.map(({ atomicNumber }) => atomicNumber),
      chargeE: place.has('charge') ? place.get('charge').number() : undefined,
      oxidationStates: states.every((state) => state !== undefined) ? states : undefined,
      magneticMomentsMuB: moments.every((moment) => moment !== undefined)
        ? moments.flatMap((moment) => (isVector && typeof moment === 'number' ? [0, 0, moment] : moment))
        : undefined,
    },
    FORMAT,
    () => place.line(),
  );
}

function speciesOf(site: JsonPlace): { atomicNumber: number; oxidationState: number | undefined } {
  const [only, ...others] = site.get('species').items();
  const advice = 'disorder is not supported; give an ordered structure';
  if (only === undefined || others.length > 0) {
    throw site.get('species').fail(`must hold one element, fully present: ${advice}`);
  }
  if (only.has('occu') && Math.abs(only.get('occu').number() - 1) > 1e-3) {
    throw only.get('occu').fail(`must be 1: ${advice}`);
  }
  const symbol = only.get('element');
  // Deuterium and tritium are hydrogen here, as in pymatgen.
  const element = symbol.string() === 'D' || symbol.value === 'T' ? 'H' : symbol.string();
  const atomicNumber = withLine(
    FORMAT,
    () => symbol.line(),
    () => atomicNumberOf(element),
  );
  const state = only.get('oxidation_state');
  return { atomicNumber, oxidationState: only.has('oxidation_state') ? state.number() : undefined };
}

/** A number, a vector, or pymatgen's Magmom. */
function momentAt(site: JsonPlace): number | number[] | undefined {
  if (!site.has('properties') || !site.get('properties').has('magmom')) return undefined;
  const magmom = site.get('properties').get('magmom');
  const moment = magmom.has('moment') ? magmom.get('moment') : magmom;
  if (!Array.isArray(moment.value)) return moment.number();
  if (magmom.has('saxis') && magmom.get('saxis').numbers(3).join() !== '0,0,1') {
    throw magmom.get('saxis').fail('must be [0, 0, 1]: give moments along x, y and z');
  }
  return moment.numbers(3);
}

function momentOf(moments: readonly number[], atom: number, atoms: number): number | readonly number[] {
  return moments.length === atoms ? (moments[atom] as number) : moments.slice(3 * atom, 3 * atom + 3);
}
