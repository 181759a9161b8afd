import { expect, test } from 'vitest';
import { random } from '../../../src/crystal/random.ts';
import { fitTemperature } from '../../../src/models/calibration.ts';
import { initialParameters, parametersOf } from '../../../src/models/surrogate/parameters.ts';
import { calibratePresence } from '../../../src/models/surrogate/presence.ts';

const source = random('presence');
const logOdds = Array.from({ length: 3000 }, () => 2 * source.normal());
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const happened = logOdds.map((x) => source.uniform() < sigmoid(x));

test.each([0.3, 1, 4])('log-odds that are %f times too large are brought back', (factor) => {
  const temperature = fitTemperature(
    logOdds.map((x) => [factor * x]),
    happened,
  );
  expect(temperature / factor).toBeGreaterThan(0.9);
  expect(temperature / factor).toBeLessThan(1.1);
});

test('nothing known, nothing changed', () => {
  expect(fitTemperature([], [])).toBeCloseTo(1, 5);
});

test('only the head of the target is divided', () => {
  const architecture = { width: 4, layers: 1, targets: 2 };
  const weights = initialParameters(architecture, 2, 1);
  const crystals = 1000;
  // Target 1 of both members says 3 times what is true; target 0 has no zeros.
  const present = Float32Array.from({ length: 2 * crystals * 2 }, (_, at) =>
    at % 2 === 1 ? sigmoid(3 * logOdds[((at - 1) / 2) % crystals]!) : 1,
  );
  const empty = new Float32Array(0);
  const predictions = {
    members: 2,
    crystals,
    targets: 2,
    mean: empty,
    variance: empty,
    present,
    embedding: empty,
  };
  const truth = Float32Array.from({ length: 2 * crystals }, (_, at) =>
    at % 2 === 1 ? Number(happened[(at - 1) / 2]) : NaN,
  );
  const calibrated = calibratePresence(architecture, weights, {
    predictions,
    present: truth,
    membersOf: () => [0, 1],
  });
  const { offset, size } = parametersOf(architecture).find(({ name }) => name === 'head.present')!;
  const member = weights.length / 2;
  weights.forEach((weight, at) => {
    const within = (at % member) - offset;
    const divided = within >= 0 && within < size && within % 2 === 1;
    if (divided) expect(weight / calibrated[at]!).toBeCloseTo(3, 0);
    else expect(calibrated[at]).toBe(weight);
  });
});
