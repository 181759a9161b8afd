import { type Composition, reduceComposition, requireWholeCounts } from './composition.ts';
import { elementOf, symbolOf } from './elements.ts';
import table from './smact.json' with { type: 'json' };

/**
 * Which oxidation states an element may have. The choice moves the share of valid compositions more than any model does:
 * - 'smact14': SMACT's list of 2014, which the published validity metrics of generators (CDVAE, DiffCSP) use;
 * - 'icsd24': states with more than five reports in the ICSD of 2024, smact_validity's oxidation_states_set='icsd24';
 * - 'icsd24-consensus': at least three reports, smact_validity's default since SMACT 4.
 */
export type SmactList = 'smact14' | 'icsd24' | 'icsd24-consensus';

export interface SmactRules {
  readonly list: SmactList;
  /** Compositions of metals alone are valid (true where left out). */
  readonly includeAlloys?: boolean;
  /** No cation may be as electronegative as an anion, or more (true where left out). */
  readonly usePaulingTest?: boolean;
}

const METALS = new Set(table.metals);

/**
 * Is the composition valid by SMACT's rules (Davies et al., Chem 1, 617 (2016)): a pure element, an alloy, or some
 * choice of one oxidation state for each element is neutral and passes Pauling's test? As smact_validity of SMACT 4
 * decides it: an element without listed states makes the composition invalid, one without electronegativity fails
 * Pauling's test. Throws a RangeError for counts that are not whole.
 */
export function isSmactValid(composition: Composition, rules: SmactRules): boolean {
  const { list, includeAlloys = true, usePaulingTest = true } = rules;
  requireWholeCounts(composition);
  const ions = [...reduceComposition(composition)].map(([z, count]) => ionOf(z, count, list));
  if (ions.length === 1) return true;
  if (includeAlloys && ions.every((ion) => ion.isMetal)) return true;
  return usePaulingTest ? hasElectronegativeAnions(ions) : isNeutral(ions);
}

interface Ion {
  readonly isMetal: boolean;
  readonly electronegativity: number | null;
  /** The charges, in elementary charges, that all the atoms of this element together may have. */
  readonly charges: readonly number[];
}

function ionOf(z: number, count: number, list: SmactList): Ion {
  const index = elementOf(z).atomicNumber - 1;
  return {
    isMetal: METALS.has(symbolOf(z)),
    electronegativity: table.electronegativity[index] as number | null,
    charges: (table[list][index] as readonly number[]).map((state) => state * count),
  };
}

/** Can one charge for each ion sum to zero? The sums reached so far are the set bits of an integer. */
function isNeutral(ions: readonly Ion[]): boolean {
  let reached = 1n;
  let lowest = 0;
  for (const { charges } of ions) {
    const least = Math.min(...charges);
    reached = reach(
      reached,
      charges.map((charge) => charge - least),
    );
    if (reached === 0n) return false;
    lowest += least;
  }
  return lowest <= 0 && ((reached >> BigInt(-lowest)) & 1n) === 1n;
}

/**
 * The same where every cation is less electronegative than every anion: with the ions by rising electronegativity, the
 * first ones are cations (or neutral) and all after them anions (or neutral), so only the place of the change is open.
 */
function hasElectronegativeAnions(ions: readonly Ion[]): boolean {
  const known: (Ion & { readonly electronegativity: number })[] = [];
  for (const { electronegativity, ...ion } of ions) {
    if (electronegativity === null) return false;
    known.push({ ...ion, electronegativity });
  }
  known.sort((l, r) => l.electronegativity - r.electronegativity);
  const cations = [1n];
  for (const { charges } of known) {
    const positive = charges.filter((charge) => charge >= 0);
    cations.push(reach(cations.at(-1) as bigint, positive));
  }
  let anions = 1n;
  for (let first = known.length; first > 0; first--) {
    const last = known[first - 1] as (typeof known)[number];
    const separates = last.electronegativity !== known[first]?.electronegativity;
    if (separates && ((cations[first] as bigint) & anions) !== 0n) return true;
    const negative = last.charges.filter((charge) => charge <= 0).map(Math.abs);
    anions = reach(anions, negative);
  }
  return (anions & 1n) === 1n;
}

/** Each reached sum plus each of the charges, which must not be negative. */
function reach(reached: bigint, charges: readonly number[]): bigint {
  return charges.reduce((next, charge) => next | (reached << BigInt(charge)), 0n);
}
