import { type Crystal, volumeAngstrom3 } from '../crystal.ts';
import { elementCounts, reducedFormula } from '../chemistry/composition.ts';
import { symbolOf } from '../chemistry/elements.ts';
import { cellParameters, latticeFromParameters } from '../geometry/lattice.ts';
import type { SpaceGroup } from '../symmetry/symmetry.ts';
import { type CifBlock, type CifLoop, errorAt, isUnknown, loopWith, parseCifBlocks } from './cif-blocks.ts';
import { crystalAxisMoment, momentsByLabel, momentsOfAtoms } from './cif-moments.ts';
import { type CifSites, numberAt, sitesOf } from './cif-sites.ts';
import { type CifOperation, operationsIn } from './cif-symmetry.ts';
import { lineOfToken, textOf } from './cif-tokens.ts';
import { fixed } from './decimal.ts';
import { crystalAt, FormatError, MAX_ATOMS, withLine } from './format-error.ts';
import { OrbitMaker } from './orbit.ts';
import { overlappingAtoms } from './overlap.ts';
import { inRightHandedCell } from './right-handed.ts';

/** Copies of a site that symmetry brings closer than this are one atom; two sites must not come so close, Å. */
const SAME_SITE_ANGSTROM = 0.05;

/**
 * The first block with atoms of a CIF, its symmetry operations applied. Uncertainties in parentheses are dropped,
 * coordinates within 1e-4 of a third are thirds. A space group without its operations needs the symmetry finder.
 * Throws a FormatError with the line for what is missing, unreadable, or only partly occupied.
 */
export function parseCif(text: string): Crystal {
  const [block] = blocksWithAtoms(text);
  return crystalOf(block);
}

export interface NamedCrystal {
  /** As in 'data_NaCl', without 'data_'. */
  readonly name: string;
  readonly crystal: Crystal;
}

/** The crystal of every block with atoms, in their order; see `parseCif`. */
export function parseCifs(text: string): NamedCrystal[] {
  return blocksWithAtoms(text).map((block) => ({ name: block.name, crystal: crystalOf(block) }));
}

function blocksWithAtoms(text: string): [CifBlock, ...CifBlock[]] {
  const blocks = parseCifBlocks(text);
  const [first, ...others] = blocks.filter((block) => loopOfAtoms(block) !== undefined);
  if (first !== undefined) return [first, ...others];
  const line = blocks[0] === undefined ? 1 : lineOfToken(blocks[0].tokens, blocks[0].token);
  throw new FormatError('CIF', line, 'no loop with _atom_site_fract_x: give the atoms of the cell');
}

function crystalOf(block: CifBlock): Crystal {
  const line = (): number => lineOfToken(block.tokens, block.token);
  const loop = loopOfAtoms(block) as CifLoop;
  const latticeAngstrom = latticeOf(block);
  const operations = operationsIn(block, latticeAngstrom);
  const sites = sitesOf(block, loop);
  const moments = momentsByLabel(block);
  if (operations === undefined && moments === undefined) {
    const { atomicNumbers, coordinates, oxidationStates } = sites;
    const parts = { latticeAngstrom, fractionalCoordinates: coordinates, atomicNumbers, oxidationStates };
    return requireApart(crystalAt(parts, 'CIF', line), sites, { block });
  }
  if (moments !== undefined && operations?.some(({ timeReversal }) => timeReversal === undefined)) {
    const advice = 'list _space_group_symop_magn_operation.xyz, or give the crystal in P1';
    throw errorAt(block.tokens, block.token, `magnetic moments need magnetic symmetry operations: ${advice}`);
  }
  return withCopies(block, sites, { latticeAngstrom, operations: operations ?? [], moments });
}

/** The crystal with the copies of its sites, each carrying what its site carries. */
function withCopies(
  block: CifBlock,
  sites: CifSites,
  {
    latticeAngstrom,
    operations,
    moments,
  }: {
    readonly latticeAngstrom: readonly number[];
    readonly operations: readonly CifOperation[];
    readonly moments: ReadonlyMap<string, readonly number[]> | undefined;
  },
): Crystal {
  const fractionalCoordinates: number[] = [];
  const siteOf: number[] = [];
  const operationOf: (CifOperation | undefined)[] = [];
  const maker =
    operations.length === 0
      ? undefined
      : new OrbitMaker(operations, { latticeAngstrom, toleranceAngstrom: SAME_SITE_ANGSTROM });
  for (let site = 0; site < sites.atomicNumbers.length; site++) {
    const [x, y, z] = sites.coordinates.subarray(3 * site, 3 * site + 3) as unknown as [
      number,
      number,
      number,
    ];
    const orbit = maker?.orbitOf(x, y, z) ?? { coordinates: [x, y, z], operations: [0] };
    for (let i = 0; i < orbit.coordinates.length; i++)
      fractionalCoordinates.push(orbit.coordinates[i] as number);
    for (const operation of orbit.operations) {
      siteOf.push(site);
      operationOf.push(operations[operation]);
    }
    if (siteOf.length > MAX_ATOMS) {
      const reason = `symmetry makes more than ${MAX_ATOMS} atoms: give a smaller cell`;
      throw errorAt(block.tokens, sites.labelTokens[site] as number, reason);
    }
  }
  const labelOf = (site: number): string => textOf(block.tokens, sites.labelTokens[site] as number);
  const atomicNumbers = siteOf.map((site) => sites.atomicNumbers[site] as number);
  const states = sites.oxidationStates;
  const parts = {
    latticeAngstrom,
    fractionalCoordinates,
    atomicNumbers,
    oxidationStates: states === undefined ? undefined : siteOf.map((site) => states[site] as number),
    magneticMomentsMuB:
      moments === undefined
        ? undefined
        : momentsOfAtoms(
            siteOf.map((site, i) => ({
              moment: moments.get(labelOf(site)) ?? [0, 0, 0],
              operation: operationOf[i],
            })),
            latticeAngstrom,
          ),
  };
  const crystal = crystalAt(parts, 'CIF', () => lineOfToken(block.tokens, block.token));
  return requireApart(crystal, sites, operations.length === 0 ? { block } : { block, siteOf });
}

function requireApart(
  crystal: Crystal,
  sites: CifSites,
  { block, siteOf }: { readonly block: CifBlock; readonly siteOf?: readonly number[] },
): Crystal {
  const pair = overlappingAtoms(crystal, SAME_SITE_ANGSTROM);
  if (pair === undefined) return crystal;
  const [earlier, later] = pair.map((atom) => siteOf?.[atom] ?? atom) as [number, number];
  const name = (site: number): string =>
    `'${textOf(block.tokens, sites.labelTokens[site] as number).slice(0, 40)}'`;
  const of = siteOf === undefined ? '' : 'a copy of ';
  const advice = 'disorder is not supported; list each site once, and copies that symmetry makes not at all';
  throw errorAt(
    block.tokens,
    sites.labelTokens[later] as number,
    `${of}${name(later)} lies on the place of ${name(earlier)} (line ${lineOfToken(block.tokens, sites.labelTokens[earlier] as number)}): ${advice}`,
  );
}

function latticeOf(block: CifBlock): number[] {
  const length = (axis: string): number => positive(block, `_cell_length_${axis}`);
  const angle = (axis: string): number => positive(block, `_cell_angle_${axis}`, 180);
  const cell = {
    lengthsAngstrom: [length('a'), length('b'), length('c')],
    anglesDegree: [angle('alpha'), angle('beta'), angle('gamma')],
  } as const;
  const token = block.values.get('_cell_angle_gamma') ?? block.token;
  return withLine(
    'CIF',
    () => lineOfToken(block.tokens, token),
    () => latticeFromParameters(cell),
  );
}

function positive(block: CifBlock, name: string, below = Infinity): number {
  const token = block.values.get(name);
  if (token === undefined || isUnknown(block.tokens, token)) {
    throw errorAt(block.tokens, token ?? block.token, `${name} is missing`);
  }
  const number = numberAt(block.tokens, token);
  if (number > 0 && number < below) return number;
  const allowed = below === Infinity ? 'positive' : `positive and below ${below}`;
  throw errorAt(block.tokens, token, `${name} is ${textOf(block.tokens, token)}: it must be ${allowed}`);
}

function loopOfAtoms(block: CifBlock): CifLoop | undefined {
  const loop = loopWith(block, '_atom_site_fract_x');
  return loop !== undefined && loop.rowCount > 0 ? loop : undefined;
}

/**
 * The crystal as CIF in P1, all atoms listed, so that any reader rebuilds it exactly; it is turned (a along x, b in the
 * xy plane), as CIF keeps no orientation. Oxidation states and magnetic moments stand where they are given. A space
 * group, where the caller knows it, stands in a comment.
 */
export function writeCif(crystal: Crystal, group?: SpaceGroup): string {
  const told = inRightHandedCell(crystal);
  const { lengthsAngstrom, anglesDegree } = cellParameters(told.latticeAngstrom);
  const sum = [...elementCounts(told)].map(([z, count]) => `${symbolOf(z)}${count}`).join(' ');
  const types = typeSymbols(told);
  const sites = told.atomicNumbers.map((z, i) => {
    const xyz = told.fractionalCoordinates.slice(3 * i, 3 * i + 3).map((x) => fixed(x, 12));
    return `  ${types[i]} ${symbolOf(z)}${i + 1} 1 ${xyz.join(' ')} 1`;
  });
  return [
    ...(group === undefined ? [] : [`# space group ${group.symbol} (${group.number}); written in P1`]),
    `data_${reducedFormula(told)}`,
    "_symmetry_space_group_name_H-M   'P 1'",
    '_symmetry_Int_Tables_number   1',
    ...['a', 'b', 'c'].map(
      (name, i) => `_cell_length_${name}   ${fixed(lengthsAngstrom[i as 0 | 1 | 2], 12)}`,
    ),
    ...['alpha', 'beta', 'gamma'].map(
      (name, i) => `_cell_angle_${name}   ${fixed(anglesDegree[i as 0 | 1 | 2], 12)}`,
    ),
    `_cell_volume   ${fixed(volumeAngstrom3(told), 8)}`,
    `_chemical_formula_sum   '${sum}'`,
    'loop_',
    ' _symmetry_equiv_pos_site_id',
    ' _symmetry_equiv_pos_as_xyz',
    "  1 'x, y, z'",
    ...oxidationLoop(told, types),
    'loop_',
    ' _atom_site_type_symbol',
    ' _atom_site_label',
    ' _atom_site_symmetry_multiplicity',
    ' _atom_site_fract_x',
    ' _atom_site_fract_y',
    ' _atom_site_fract_z',
    ' _atom_site_occupancy',
    ...sites,
    ...momentLoop(told),
    '',
  ].join('\n');
}

/** 'Fe', or 'Fe3+' where oxidation states are given. */
function typeSymbols({ atomicNumbers, oxidationStates }: Crystal): string[] {
  return atomicNumbers.map((z, i) => {
    const charge = oxidationStates?.[i];
    return charge === undefined ? symbolOf(z) : `${symbolOf(z)}${Math.abs(charge)}${charge < 0 ? '-' : '+'}`;
  });
}

function oxidationLoop({ oxidationStates }: Crystal, types: readonly string[]): string[] {
  if (oxidationStates === undefined) return [];
  const numbers = new Map(types.map((type, i) => [type, oxidationStates[i] as number]));
  return [
    'loop_',
    ' _atom_type_symbol',
    ' _atom_type_oxidation_number',
    ...[...numbers].map(([type, number]) => `  ${type} ${number}`),
  ];
}

function momentLoop(crystal: Crystal): string[] {
  const { atomicNumbers, magneticMomentsMuB, latticeAngstrom } = crystal;
  if (magneticMomentsMuB === undefined) return [];
  return [
    'loop_',
    ' _atom_site_moment_label',
    ...['x', 'y', 'z'].map((axis) => ` _atom_site_moment_crystalaxis_${axis}`),
    ...atomicNumbers.map((z, index) => {
      const atom = { index, count: atomicNumbers.length };
      const moment = crystalAxisMoment(magneticMomentsMuB, atom, latticeAngstrom);
      return `  ${symbolOf(z)}${index + 1} ${moment.map((x) => fixed(x, 12)).join(' ')}`;
    }),
  ];
}
