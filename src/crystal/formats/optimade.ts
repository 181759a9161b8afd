import { elementCounts, reduceComposition } from '../chemistry/composition.ts';
import { atomicNumberOf, symbolOf } from '../chemistry/elements.ts';
import { cartesianAngstrom, type Crystal } from '../crystal.ts';
import { inverse, multiplyRows } from '../geometry/lattice.ts';
import { crystalAt, MAX_ATOMS, withLine } from './format-error.ts';
import { inTriples, type JsonPlace, readJson } from './json-source.ts';

const FORMAT = 'OPTIMADE';

/** Fields of our own carry this prefix, as the specification wants it. */
const PREFIX = '_assayer_';

/** The attributes of an OPTIMADE structure (specification 1.2), Å, for JSON.stringify. */
export function toOptimadeAttributes(crystal: Crystal): object {
  const { latticeAngstrom, atomicNumbers, chargeE, oxidationStates, magneticMomentsMuB } = crystal;
  const composition = elementCounts(crystal);
  const reduced = reduceComposition(composition);
  const atomicNumbersBySymbol = [...composition.keys()].sort((l, r) => (symbolOf(l) < symbolOf(r) ? -1 : 1));
  const symbols = atomicNumbersBySymbol.map(symbolOf);
  const countsIn = (counts: ReadonlyMap<number, number>): number[] =>
    atomicNumbersBySymbol.map((z) => counts.get(z) as number);
  return {
    elements: symbols,
    nelements: symbols.length,
    elements_ratios: countsIn(composition).map((count) => count / atomicNumbers.length),
    chemical_formula_descriptive: formula(symbols, countsIn(composition)),
    chemical_formula_reduced: formula(symbols, countsIn(reduced)),
    chemical_formula_anonymous: anonymous(countsIn(reduced)),
    dimension_types: [1, 1, 1],
    nperiodic_dimensions: 3,
    lattice_vectors: inTriples(latticeAngstrom),
    cartesian_site_positions: inTriples(cartesianAngstrom(crystal)),
    nsites: atomicNumbers.length,
    species: symbols.map((symbol) => ({ name: symbol, chemical_symbols: [symbol], concentration: [1] })),
    species_at_sites: atomicNumbers.map(symbolOf),
    structure_features: [],
    immutable_id: null,
    last_modified: null,
    ...(chargeE === undefined ? {} : { [`${PREFIX}charge`]: chargeE }),
    ...(oxidationStates === undefined ? {} : { [`${PREFIX}oxidation_states`]: oxidationStates }),
    ...(magneticMomentsMuB === undefined ? {} : { [`${PREFIX}magnetic_moments`]: magneticMomentsMuB }),
  };
}

/** Crystals as an OPTIMADE response of structures, ids counted from 1. */
export function writeOptimade(crystals: readonly Crystal[]): string {
  const data = crystals.map((crystal, i) => ({
    id: String(i + 1),
    type: 'structures',
    attributes: toOptimadeAttributes(crystal),
  }));
  const meta = {
    query: { representation: '/structures' },
    api_version: '1.2.0',
    more_data_available: false,
    data_returned: data.length,
  };
  return `${JSON.stringify({ data, meta })}\n`;
}

/**
 * The crystals of an OPTIMADE response of structures, of one entry, or of its attributes. Throws a FormatError that
 * names the place and its line; also for disorder, vacancies, and what is not periodic in three directions.
 */
export function parseOptimade(text: string): Crystal[] {
  return fromOptimade(readJson(text, FORMAT));
}

export function fromOptimade(whole: JsonPlace): Crystal[] {
  const place = whole.as(FORMAT);
  const data = place.has('data') ? place.get('data') : place;
  const entries = Array.isArray(data.value) ? data.items() : [data];
  if (entries.length === 0) throw data.fail('holds no structure: the query found none');
  return entries.map((entry) => structureAt(entry.has('attributes') ? entry.get('attributes') : entry));
}

function structureAt(place: JsonPlace): Crystal {
  const features = place.has('structure_features') ? place.get('structure_features').items() : [];
  const disorder = features.find(({ value }) => value === 'disorder' || value === 'unknown_positions');
  if (disorder !== undefined)
    throw disorder.fail(`is '${String(disorder.value)}', which is not supported: ${ORDERED}`);
  const dimensions = place.get('dimension_types');
  if (place.has('dimension_types') && dimensions.numbers(3).some((periodic) => periodic !== 1)) {
    throw dimensions.fail('must be [1, 1, 1]: only crystals periodic in three directions are read');
  }
  const elements = elementsByName(place);
  const names = place.get('species_at_sites').items();
  if (names.length > MAX_ATOMS)
    throw place.get('species_at_sites').fail(`holds more than ${MAX_ATOMS} atoms`);
  const atomicNumbers = names.map((name) => {
    const z = elements.get(name.string());
    if (z === undefined) throw name.fail('names none of the species');
    return z;
  });
  const lattice = place.get('lattice_vectors').triples(3);
  const positions = place.get('cartesian_site_positions').triples(names.length);
  const line = (): number => place.line();
  const optional = (name: string): JsonPlace | undefined =>
    place.has(PREFIX + name) ? place.get(PREFIX + name) : undefined;
  const fractionalCoordinates = withLine(FORMAT, line, () => multiplyRows(positions, inverse(lattice)));
  return crystalAt(
    {
      latticeAngstrom: lattice,
      fractionalCoordinates,
      atomicNumbers,
      chargeE: optional('charge')?.number(),
      oxidationStates: optional('oxidation_states')?.numbers(),
      magneticMomentsMuB: optional('magnetic_moments')?.numbers(),
    },
    FORMAT,
    line,
  );
}

const ORDERED = 'give an ordered structure, each site fully occupied by one element';

/** Atomic number of each species by its name. */
function elementsByName(place: JsonPlace): Map<string, number> {
  const elements = new Map<string, number>();
  for (const species of place.get('species').items()) {
    const [symbol, ...others] = species.get('chemical_symbols').items();
    if (symbol === undefined || others.length > 0) {
      throw species.get('chemical_symbols').fail(`must hold one element: ${ORDERED}`);
    }
    if (
      species.has('concentration') &&
      Math.abs((species.get('concentration').numbers(1)[0] as number) - 1) > 1e-3
    ) {
      throw species.get('concentration').fail(`must be [1]: ${ORDERED}`);
    }
    if (symbol.value === 'vacancy' || symbol.value === 'X') throw symbol.fail(`is no element: ${ORDERED}`);
    const z = withLine(
      FORMAT,
      () => symbol.line(),
      () => atomicNumberOf(symbol.string()),
    );
    elements.set(species.get('name').string(), z);
  }
  return elements;
}

function formula(symbols: readonly string[], counts: readonly number[]): string {
  return symbols.map((symbol, i) => `${symbol}${counts[i] === 1 ? '' : counts[i]}`).join('');
}

/** The specification's order: A for the most frequent element, Aa after Z. */
function anonymous(counts: readonly number[]): string {
  const letters = counts.map((_, i) => String.fromCodePoint(65 + (i % 26)) + 'a'.repeat(Math.floor(i / 26)));
  return formula(
    letters,
    [...counts].sort((l, r) => r - l),
  );
}
