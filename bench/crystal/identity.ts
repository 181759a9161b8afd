import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzipSync } from 'node:zlib';
import { type Crystal, makeCrystal, scaleToVolume } from '../../src/crystal/crystal.ts';
import { PhaseCatalogue } from '../../src/crystal/identity/catalogue.ts';
import { fingerprint, largestDifference } from '../../src/crystal/identity/fingerprint.ts';
import { type Random, random } from '../../src/crystal/random.ts';
import { type Figure, figureOf } from '../figure.ts';

const CRYSTALS = 'test/fixtures/crystal/reference/crystals.json.gz';
/** The default of `sameCrystal`. */
const TOLERANCE_ANGSTROM = 0.05;
const CANDIDATES = 100_000;
const MANY = 1_000_000;

/** A crystal with its fingerprint. */
interface Printed {
  readonly crystal: Crystal;
  readonly print: Float64Array;
}

/** Look-ups among 100,000 candidates, and the memory that a million take. */
export function run({ quick }: { readonly quick: boolean }): Promise<readonly Figure[]> {
  const { crystals } = JSON.parse(gunzipSync(readFileSync(CRYSTALS)).toString()) as {
    readonly crystals: readonly Crystal[];
  };
  const seeds = quick ? 1 : 3;
  const known = crystals.filter((_, i) => !quick || i % 4 === 0);
  const printed = known.map((crystal) => ({ crystal, print: fingerprint(crystal) }));
  // First, while nothing else comes or goes.
  const millions = quick ? [] : [memory(printed)];
  const oneFormula = known.map((crystal) => {
    const carbon = makeCrystal({ ...crystal, atomicNumbers: crystal.atomicNumbers.map(() => 6) });
    const dense = scaleToVolume(carbon, 8 * carbon.atomicNumbers.length);
    return { crystal: dense, print: fingerprint(dense) };
  });
  return Promise.resolve([
    printing(known, quick ? 2 : 5),
    ...lookingUp('candidates', printed, seeds),
    ...lookingUp('candidates of one formula', oneFormula, seeds),
    ...millions,
  ]);
}

function printing(crystals: readonly Crystal[], repetitions: number): Figure {
  const milliseconds = Array.from({ length: repetitions }, () =>
    coreMilliseconds(() => crystals.forEach((crystal) => fingerprint(crystal))),
  );
  return figureOf(
    'fingerprint of a crystal',
    milliseconds.map((x) => x / crystals.length),
    'core-ms',
  );
}

/** Candidates are known crystals at other volumes, so that their fingerprints are scaled ones. */
function lookingUp(of: string, known: readonly Printed[], seeds: number): Figure[] {
  const milliseconds: number[] = [];
  const falsePositives: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const source = random('bench', 'identity', of, seed);
    const catalogue = new PhaseCatalogue();
    const factors = new Float64Array(CANDIDATES);
    for (let i = 0; i < CANDIDATES; i++) {
      const { crystal, print } = known[i % known.length] as Printed;
      factors[i] = lengthFactor(source);
      catalogue.add(crystal, scaled(print, factors[i] as number));
    }
    const queries = Array.from({ length: 2000 }, () => {
      const { crystal, print } = source.pick(known);
      return { crystal, print: scaled(print, lengthFactor(source)) };
    });
    let found: number[][] = [];
    const spent = coreMilliseconds(() => {
      found = queries.map(({ crystal, print }) => catalogue.find(crystal, TOLERANCE_ANGSTROM, print));
    });
    milliseconds.push(spent / queries.length);
    const wrong = found.flatMap((ids, q) =>
      ids.filter((id) => {
        const { print } = known[id % known.length] as Printed;
        const own = (queries[q] as Printed).print;
        return largestDifference(scaled(print, factors[id] as number), own) > TOLERANCE_ANGSTROM;
      }),
    );
    falsePositives.push(wrong.length / queries.length);
  }
  return [
    {
      ...figureOf(`look-up among 100,000 ${of}`, milliseconds, 'core-ms'),
      goal: 'under 1 ms, the fingerprint not counted',
    },
    figureOf(`look-up among 100,000 ${of}, false positives`, falsePositives, 'per look-up'),
  ];
}

function memory(known: readonly Printed[]): Figure {
  const source = random('bench', 'identity', 'memory');
  // One buffer for each crystal, so that only the catalogue's own memory grows.
  const buffers = known.map(({ print }) => new Float64Array(print.length));
  const before = bytesInUse();
  const catalogue = new PhaseCatalogue();
  for (let i = 0; i < MANY; i++) {
    const { crystal, print } = known[i % known.length] as Printed;
    const buffer = buffers[i % known.length] as Float64Array;
    const factor = lengthFactor(source);
    for (let k = 0; k < print.length; k++) buffer[k] = (print[k] as number) * factor;
    catalogue.add(crystal, buffer);
  }
  const bytes = bytesInUse() - before;
  if (catalogue.size !== MANY) throw new Error(`${catalogue.size} candidates are filed`);
  return {
    ...figureOf("memory of a million candidates' identities", [bytes / 1e6], 'MB'),
    goal: 'under 200 MB',
  };
}

/** Volumes that spread by some 10 %. */
function lengthFactor(source: Random): number {
  return 1 + 0.03 * source.normal();
}

function scaled(print: Float64Array, factor: number): Float64Array {
  return print.map((x) => x * factor);
}

function coreMilliseconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}
