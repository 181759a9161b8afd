import { describe, expect, test } from 'vitest';
import { random } from '../../../src/crystal/random.ts';
import { loadBackend } from '../../../src/models/backend.ts';
import { ELEMENT_FEATURES, elementFeatures } from '../../../src/models/element-features.ts';
import { attributeElements, missingShare } from '../../../src/models/insight/element-attribution.ts';
import { integrateGradients } from '../../../src/models/insight/integrated-gradients.ts';
import { sitesOf } from '../../../src/models/sites.ts';
import type { Ensemble } from '../../../src/models/surrogate/ensemble.ts';
import { scoreFeatures } from '../../../src/models/surrogate/ensemble.ts';
import { initialParameters, parametersOf } from '../../../src/models/surrogate/parameters.ts';
import { randomCrystal } from '../analytic-rows.ts';
import { availableBackends } from '../backends.ts';

const backends = await availableBackends();
const [fastest] = backends;

/** Random networks of two targets, their element tables filled as training would. */
function randomEnsemble(members: number, seed: number): Ensemble {
  const architecture = { width: 24, layers: 2, targets: 2 };
  const weights = initialParameters(architecture, members, seed);
  const source = random('tables', seed);
  const table = parametersOf(architecture).find(({ name }) => name === 'elements.embedding')!;
  const size = weights.length / members;
  for (let member = 0; member < members; member++)
    for (let k = 0; k < table.size; k++) weights[member * size + table.offset + k] = 0.3 * source.normal();
  return {
    architecture,
    members,
    targets: ['firstEv', 'secondEv'],
    weights,
    kinds: ['value', 'value'],
    scales: [
      { mean: 3, deviation: 0.5 },
      { mean: -1, deviation: 2 },
    ],
    recalibrations: [
      { scale: 1, floor: 0 },
      { scale: 1, floor: 0 },
    ],
  };
}

const source = random('crystals', 1);
const crystals = Array.from({ length: 30 }, () => sitesOf(randomCrystal(source)));

describe('integrated gradients', () => {
  test.each(backends)('add up to the prediction less the baseline’s, on %s', async (name) => {
    const { tf } = await loadBackend(name);
    const ensemble = randomEnsemble(2, 1);
    const before = tf.memory().numTensors;
    for (const target of [0, 1]) {
      const missing = [2, 8, 32].map((points) =>
        missingShare(integrateGradients(tf, ensemble, { crystals, target, points })),
      );
      expect(missing[1]).toBeLessThan(missing[0]!);
      expect(missing[2]).toBeLessThan(1e-4);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  test('explain what scoring says, whatever else is in the batch', async () => {
    const { tf } = await loadBackend(fastest);
    const ensemble = randomEnsemble(3, 2);
    // Two structures each with two decorations: the baseline of either is the same.
    const pairs = crystals.slice(0, 2).flatMap((one) => {
      const n = one.atomicNumbers.length;
      return [13, 47].map((z) => ({ ...one, atomicNumbers: Array.from({ length: n }, () => z) }));
    });
    const { sites, difference } = integrateGradients(tf, ensemble, {
      crystals: pairs,
      target: 1,
      points: 32,
    });
    const { mean } = scoreFeatures(tf, ensemble, pairs);
    for (const [l, r] of [
      [0, 1],
      [2, 3],
    ] as const) {
      expect(difference[l]! - difference[r]!).toBeCloseTo(mean[2 * l + 1]! - mean[2 * r + 1]!, 4);
      const sum = (at: number): number => sites[at]!.reduce((all, x) => all + x, 0);
      expect(sum(l) - sum(r)).toBeCloseTo(mean[2 * l + 1]! - mean[2 * r + 1]!, 3);
    }
  });

  test('are the same for elements that the network cannot tell apart', async () => {
    const { tf } = await loadBackend(fastest);
    const ensemble = randomEnsemble(1, 3);
    const [embedding, properties] = parametersOf(ensemble.architecture);
    // Aluminium and titanium: whatever their properties give is taken back, and one row put in its place.
    for (const z of [13, 22])
      for (let k = 0; k < 24; k++) {
        let given = 0;
        for (let feature = 0; feature < ELEMENT_FEATURES; feature++)
          given +=
            elementFeatures()[z * ELEMENT_FEATURES + feature]! *
            ensemble.weights[properties!.offset + feature * 24 + k]!;
        ensemble.weights[embedding!.offset + z * 24 + k] = Math.cos(k) - given;
      }
    const exchanged = crystals.map((one) => ({
      ...one,
      atomicNumbers: one.atomicNumbers.map((z) => (z === 13 ? 22 : z === 22 ? 13 : z)),
    }));
    const [own, other] = [crystals, exchanged].map((list) =>
      integrateGradients(tf, ensemble, { crystals: list, target: 0, points: 8 }),
    );
    own!.sites.forEach((sites, crystal) =>
      sites.forEach((x, atom) => expect(other!.sites[crystal]![atom]).toBeCloseTo(x, 5)),
    );
  });

  test('are summed by element, over the crystals that hold it', async () => {
    const { tf } = await loadBackend(fastest);
    const ensemble = randomEnsemble(2, 3);
    const attribution = attributeElements(tf, ensemble, { crystals, target: 0 })!;
    expect(attribution).toMatchObject({ target: 'firstEv', over: 'elements', labels: 30 });
    expect(attribution.terms.map(({ name }) => name).toSorted()).toEqual(['Ag', 'Al', 'Cu', 'Ni', 'Ti']);
    const { sites } = integrateGradients(tf, ensemble, { crystals, target: 0, points: 16 });
    const ofNickel = crystals.flatMap(({ atomicNumbers }, crystal) =>
      atomicNumbers.includes(28)
        ? [atomicNumbers.reduce((sum, z, atom) => sum + (z === 28 ? sites[crystal]![atom]! : 0), 0)]
        : [],
    );
    const sum = (values: readonly number[]): number => values.reduce((all, x) => all + x, 0);
    const nickel = attribution.terms.find(({ name }) => name === 'Ni')!;
    expect(nickel.labels).toBe(ofNickel.length);
    expect(nickel.meanAbsolute).toBeCloseTo(sum(ofNickel.map(Math.abs)) / ofNickel.length, 6);
    expect(nickel.direction).toBeCloseTo(sum(ofNickel) / sum(ofNickel.map(Math.abs)), 5);
  });

  test('give nothing where every atom is the average one', async () => {
    const { tf } = await loadBackend(fastest);
    const alike = crystals.slice(0, 3).map((one) => ({
      ...one,
      atomicNumbers: one.atomicNumbers.map(() => 29),
    }));
    expect(attributeElements(tf, randomEnsemble(1, 4), { crystals: alike, target: 0 })).toBeNull();
  });
});
