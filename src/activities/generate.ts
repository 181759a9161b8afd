import { isInSpace } from '../campaign/space.ts';
import type { CampaignSpec } from '../campaign/spec.ts';
import type { Crystal } from '../crystal/crystal.ts';
import { atomicNumberOf } from '../crystal/chemistry/elements.ts';
import { identity } from '../crystal/identity/fingerprint.ts';
import { PROTOTYPES } from '../crystal/generators/prototypes.ts';
import { randomCrystals } from '../crystal/generators/random-crystals.ts';
import { random } from '../crystal/random.ts';
import { substitute } from '../crystal/generators/substitution.ts';
import { isValid } from '../crystal/validity.ts';
import { readTable, tableSettingsSchema } from '../executors/table/table.ts';
import type { TableRow } from '../executors/table/table.ts';
import type { ModelService } from '../models/service.ts';
import { loadSymmetryFinder } from '../symmetry-finder.ts';

export interface Proposal {
  readonly crystal: Crystal;
  readonly identity: string;
  readonly generator: string;
  readonly generatorVersion: number;
}

export interface GeneratorJob {
  readonly spec: CampaignSpec;
  /** Which proposal this is: with the campaign's seed it fixes what is generated. */
  readonly proposal: number;
  readonly generator: { readonly version: number; readonly checkpoint: string };
  /** How many candidates will be chosen: each generator makes some multiple of it to choose from. */
  readonly wanted: number;
}

/** Asks every generator of the spec, and keeps what is valid, lies in the space, and is not a repeat. */
export async function generateProposals(job: GeneratorJob, models: ModelService): Promise<Proposal[]> {
  const made: Proposal[] = [];
  for (const name of job.spec.generators) made.push(...(await GENERATORS[name](job, models)));
  const seen = new Set<string>();
  return made.filter((proposal) => {
    if (seen.has(proposal.identity) || !isInSpace(proposal.crystal, job.spec.space)) return false;
    seen.add(proposal.identity);
    return true;
  });
}

/** A diffused crystal costs some 30 ms, a random one 1 to 20 ms, a substituted one less than 1 ms. */
const DIFFUSED_PER_WANTED = 4;
const RANDOM_PER_WANTED = 4;
const SUBSTITUTED_PER_WANTED = 16;

/** Rows of a table looked at in one proposal: as many as are scored in a few seconds. */
const LARGEST_DRAW = 4000;

type Generate = (job: GeneratorJob, models: ModelService) => Promise<Proposal[]>;

const GENERATORS: Readonly<Record<CampaignSpec['generators'][number], Generate>> = {
  async diffusion({ spec, proposal, generator, wanted }, models) {
    const { crystals } = await models.generate({
      checkpoint: generator.checkpoint,
      count: DIFFUSED_PER_WANTED * wanted,
      ...spaceOf(spec),
      seed: seedOf(spec, 'diffusion', proposal),
    });
    return checked(crystals, { name: 'diffusion', version: generator.version });
  },

  async substitution({ spec, proposal, wanted }) {
    loadSymmetryFinder();
    const draws = substitute({
      prototypes: PROTOTYPES,
      ...spaceOf(spec),
      count: SUBSTITUTED_PER_WANTED * wanted,
      random: random(spec.seed, 'substitution', proposal),
    });
    return checked(
      [...draws].map(({ crystal }) => crystal),
      { name: 'substitution', version: 0 },
    );
  },

  async random({ spec, proposal, wanted }) {
    loadSymmetryFinder();
    const crystals = randomCrystals({
      ...spaceOf(spec),
      count: RANDOM_PER_WANTED * wanted,
      random: random(spec.seed, 'random', proposal),
    });
    return checked([...crystals], { name: 'random', version: 0 });
  },

  async table({ spec, proposal }) {
    return random(spec.seed, 'table', proposal)
      .shuffle(await rowsOf(spec))
      .slice(0, LARGEST_DRAW)
      .map(({ crystal, identity: name }) => ({
        crystal,
        identity: name,
        generator: 'table',
        generatorVersion: 0,
      }));
  },
};

function spaceOf({ space }: CampaignSpec) {
  return {
    allowedAtomicNumbers: space.elements.map(atomicNumberOf),
    minAtoms: space.atoms.min,
    maxAtoms: space.atoms.max,
    minElements: space.elementsPerCrystal.min,
    maxElements: Math.min(space.elementsPerCrystal.max, space.elements.length),
  };
}

/** A 31-bit seed for whoever takes a number. */
export function seedOf(spec: CampaignSpec, purpose: string, round: number): number {
  return random(spec.seed, purpose, round).integer(2 ** 31);
}

function checked(
  crystals: readonly Crystal[],
  { name, version }: { name: string; version: number },
): Proposal[] {
  return crystals
    .filter(isValid)
    .map((crystal) => ({ crystal, identity: identity(crystal), generator: name, generatorVersion: version }));
}

/** A table is read once per process: it is the same file for every proposal. */
const tables = new Map<string, Promise<TableRow[]>>();

async function rowsOf({ executor }: CampaignSpec): Promise<TableRow[]> {
  const id = JSON.stringify(executor.settings);
  const rows = tables.get(id) ?? readTable(tableSettingsSchema.parse(executor.settings));
  tables.set(id, rows);
  rows.catch(() => tables.delete(id));
  return rows;
}
