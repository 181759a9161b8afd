import { describe, expect, test } from 'vitest';
import { makeCrystal } from '../../../src/crystal/crystal.ts';
import { labelDomain, withDomain } from '../../../src/models/surrogate/label-domain.ts';
import type { PlainScores } from '../../../src/models/surrogate/label-domain.ts';

/** Crystals of one element, with a number for their embedding and 0.1 for every σ. */
function scored(atomicNumbers: readonly number[], embedding: readonly number[]): PlainScores {
  const n = atomicNumbers.length;
  return {
    targets: ['energyEvPerAtom'],
    mean: new Float32Array(n),
    sigma: new Float32Array(n).fill(0.1),
    memberMeans: new Float32Array(n),
    embedding: Float32Array.from(embedding),
    embeddingWidth: 1,
  };
}
const crystalOf = (z: number) =>
  makeCrystal({
    latticeAngstrom: [3, 0, 0, 0, 3, 0, 0, 0, 3],
    fractionalCoordinates: [0, 0, 0],
    atomicNumbers: [z],
  });

const places = Array.from({ length: 21 }, (_, row) => row / 10);
const rows = places.map((x) => ({ crystal: crystalOf(28), values: [x - 1] }));
const domain = labelDomain(
  rows,
  scored(
    places.map(() => 28),
    places,
  ),
);
const spread = domain.spreads[0]!;
const ask = (z: number, at: number) => withDomain(scored([z], [at]), domain, [crystalOf(z)]);

describe('the domain of labels', () => {
  test('holds the elements of the labels, and the spread of the values', () => {
    expect(domain.atomicNumbers).toEqual([28]);
    expect(spread).toBeCloseTo(Math.sqrt(36.6667 / 100), 3);
  });

  test('σ stays inside, grows with the distance outside, up to what is known without a model', () => {
    expect(ask(28, 1.02).sigma[0]).toBeCloseTo(0.1, 6);
    const near = ask(28, 2.6);
    expect(near.domainDistance[0]).toBeGreaterThan(1);
    expect(near.sigma[0]).toBeCloseTo(0.1 * near.domainDistance[0]!, 5);
    expect(ask(28, 50).sigma[0]).toBeCloseTo(spread, 5);
    expect(ask(28, 50).domainDistance[0]).toBeGreaterThan(ask(28, 5).domainDistance[0]!);
  });

  test('an element that is in no label is no better known than nothing', () => {
    expect(ask(79, 1.02).sigma[0]).toBeCloseTo(spread, 5);
  });

  test('a σ wider than the spread stays as it is', () => {
    const wide = { ...scored([79], [50]), sigma: Float32Array.of(3) };
    expect(withDomain(wide, domain, [crystalOf(79)]).sigma[0]).toBe(3);
  });
});
