import { describe, expect, test } from 'vitest';
import { type Crystal, makeCrystal } from '../../../src/crystal/crystal.ts';
import { multiply } from '../../../src/crystal/geometry/lattice.ts';
import { type Random, random } from '../../../src/crystal/random.ts';
import { loadBackend } from '../../../src/models/backend.ts';
import type { PlainScores } from '../../../src/models/surrogate/label-domain.ts';
import { type Ensemble, scoreEnsemble } from '../../../src/models/surrogate/ensemble.ts';
import { initialParameters } from '../../../src/models/surrogate/parameters.ts';
import { randomCrystal } from '../analytic-rows.ts';
import { availableBackends } from '../backends.ts';

/** Float32 sums in another order. */
const ROUNDING = 2e-4;

const architecture = { width: 16, layers: 2, targets: 2 };
const weights = initialParameters(architecture, 3, 1);
// Embeddings start at zero: give the elements something to be told apart by.
const noise = random('noise');
const ensemble: Ensemble = {
  architecture,
  members: 3,
  targets: ['energyEvPerAtom', 'bandGapEv'],
  weights: weights.map((weight) => weight + 0.05 * noise.normal()),
  kinds: ['value', 'value'],
  scales: [
    { mean: 1, deviation: 2 },
    { mean: 0, deviation: 1 },
  ],
  recalibrations: [
    { scale: 1, floor: 0 },
    { scale: 2, floor: 0.5 },
  ],
};

function rotationOf(source: Random): number[] {
  const [a, b] = [2 * Math.PI * source.uniform(), Math.PI * source.uniform()];
  const aboutZ = [Math.cos(a), Math.sin(a), 0, -Math.sin(a), Math.cos(a), 0, 0, 0, 1];
  const aboutX = [1, 0, 0, 0, Math.cos(b), Math.sin(b), 0, -Math.sin(b), Math.cos(b)];
  return multiply(aboutZ, aboutX);
}

const SAME: Record<string, (crystal: Crystal, source: Random) => Crystal> = {
  rotated: (crystal, source) => ({
    ...crystal,
    latticeAngstrom: multiply(crystal.latticeAngstrom, rotationOf(source)),
  }),
  translated: (crystal, source) => {
    const shift = [source.uniform(), source.uniform(), source.uniform()];
    const moved = crystal.fractionalCoordinates.map((x, i) => x + shift[i % 3]!);
    return makeCrystal({ ...crystal, fractionalCoordinates: moved });
  },
  'in another order of atoms': (crystal, source) => {
    const order = source.shuffle(crystal.atomicNumbers.map((_, atom) => atom));
    return {
      ...crystal,
      atomicNumbers: order.map((atom) => crystal.atomicNumbers[atom]!),
      fractionalCoordinates: order.flatMap((atom) =>
        crystal.fractionalCoordinates.slice(3 * atom, 3 * atom + 3),
      ),
    };
  },
  'in other cell vectors': ({ latticeAngstrom, fractionalCoordinates, atomicNumbers }) =>
    // b → b + a: a fractional row (x, y, z) becomes (x - y, y, z).
    makeCrystal({
      latticeAngstrom: multiply([1, 0, 0, 1, 1, 0, 0, 0, 1], latticeAngstrom),
      fractionalCoordinates: fractionalCoordinates.map((x, i) =>
        i % 3 === 0 ? x - fractionalCoordinates[i + 1]! : x,
      ),
      atomicNumbers,
    }),
  'in a supercell': ({ latticeAngstrom, fractionalCoordinates, atomicNumbers }) =>
    makeCrystal({
      latticeAngstrom: latticeAngstrom.map((x, k) => (k < 3 ? 2 * x : x)),
      fractionalCoordinates: [0, 0.5].flatMap((shift) =>
        fractionalCoordinates.map((x, k) => (k % 3 === 0 ? x / 2 + shift : x)),
      ),
      atomicNumbers: [...atomicNumbers, ...atomicNumbers],
    }),
};

function largestDifference(l: PlainScores, r: PlainScores): number {
  let most = 0;
  for (const name of ['mean', 'sigma', 'memberMeans', 'embedding'] as const) {
    expect(l[name]).toHaveLength(r[name].length);
    l[name].forEach((x, i) => (most = Math.max(most, Math.abs(x - r[name][i]!))));
  }
  return most;
}

const backends = await availableBackends();
const source = random('network test');
const crystals = Array.from({ length: 24 }, () => randomCrystal(source));

describe.each(backends)('the network on %s', (name) => {
  test.each(Object.keys(SAME))('sees the same in a crystal %s', async (change) => {
    const { tf } = await loadBackend(name);
    const changed = crystals.map((crystal) => SAME[change]!(crystal, source));
    expect(
      largestDifference(scoreEnsemble(tf, ensemble, crystals), scoreEnsemble(tf, ensemble, changed)),
    ).toBeLessThan(ROUNDING);
  });

  test('tells elements, distances and members apart', async () => {
    const { tf } = await loadBackend(name);
    const [crystal] = crystals as [Crystal];
    const other = { ...crystal, atomicNumbers: crystal.atomicNumbers.map((z) => z + 1) };
    const larger = { ...crystal, latticeAngstrom: crystal.latticeAngstrom.map((x) => 1.05 * x) };
    const { mean, memberMeans } = scoreEnsemble(tf, ensemble, [crystal, other, larger]);
    expect(Math.abs(mean[0]! - mean[2]!)).toBeGreaterThan(10 * ROUNDING);
    expect(Math.abs(mean[0]! - mean[4]!)).toBeGreaterThan(10 * ROUNDING);
    expect(Math.abs(memberMeans[0]! - memberMeans[6]!)).toBeGreaterThan(10 * ROUNDING);
  });

  test('padding changes nothing: one by one or together', async () => {
    const { tf } = await loadBackend(name);
    const together = scoreEnsemble(tf, ensemble, crystals);
    crystals.forEach((crystal, index) => {
      const alone = scoreEnsemble(tf, ensemble, [crystal]);
      expect(Math.abs(alone.mean[0]! - together.mean[2 * index]!)).toBeLessThan(ROUNDING);
      expect(Math.abs(alone.sigma[1]! - together.sigma[2 * index + 1]!)).toBeLessThan(ROUNDING);
    });
  });

  test('many crystals score as they do one by one, in their order', async () => {
    const { tf } = await loadBackend(name);
    const many = Array.from({ length: 1100 }, (_, index) => crystals[(7 * index) % crystals.length]!);
    const [few, all] = [scoreEnsemble(tf, ensemble, crystals), scoreEnsemble(tf, ensemble, many)];
    many.forEach((_, index) => {
      const original = (7 * index) % crystals.length;
      expect(Math.abs(all.mean[2 * index + 1]! - few.mean[2 * original + 1]!)).toBeLessThan(ROUNDING);
      const ofLast = (n: number, crystal: number): number => 2 * (2 * n + crystal);
      expect(
        Math.abs(
          all.memberMeans[ofLast(many.length, index)]! - few.memberMeans[ofLast(crystals.length, original)]!,
        ),
      ).toBeLessThan(ROUNDING);
    });
  });

  test('a crystal of 300 atoms and an element beyond the tabulated radii get finite scores', async () => {
    const { tf } = await loadBackend(name);
    const shaken = random('large');
    const large = makeCrystal({
      latticeAngstrom: [25, 0, 0, 0, 25, 0, 0, 0, 7.5],
      fractionalCoordinates: Array.from({ length: 300 }, (_, atom) => [
        (atom % 10) / 10 + 0.01 * shaken.normal(),
        (Math.floor(atom / 10) % 10) / 10,
        Math.floor(atom / 100) / 3,
      ]).flat(),
      atomicNumbers: Array.from({ length: 300 }, (_, atom) => [103, 8, 2][atom % 3]!),
    });
    const { mean, sigma } = scoreEnsemble(tf, ensemble, [crystals[0]!, large, crystals[1]!]);
    expect(mean).toHaveLength(6);
    for (const number of [...mean, ...sigma]) expect(Number.isFinite(number)).toBe(true);
  });

  test('scores leave no tensor behind, and no crystals give empty arrays', async () => {
    const { tf } = await loadBackend(name);
    const before = tf.memory().numTensors;
    scoreEnsemble(tf, ensemble, crystals);
    expect(scoreEnsemble(tf, ensemble, []).mean).toHaveLength(0);
    expect(tf.memory().numTensors).toBe(before);
  });
});

test.skipIf(backends.length < 2)('both backends agree (needs the native TensorFlow addon)', async () => {
  const scores = [];
  for (const name of backends) scores.push(scoreEnsemble((await loadBackend(name)).tf, ensemble, crystals));
  expect(largestDifference(scores[0]!, scores[1]!)).toBeLessThan(ROUNDING);
});
