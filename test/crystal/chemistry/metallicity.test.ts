import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { areaUnderCurve, readMetalCases } from '../../../scripts/metal-cases.ts';
import { parseFormula } from '../../../src/crystal/chemistry/formula.ts';
import { metalFeatures, metalProbability } from '../../../src/crystal/chemistry/metallicity.ts';
import model from '../../../src/crystal/chemistry/metallicity.json' with { type: 'json' };

const data = process.env.ASSAYER_DATA ?? '../shared/data';

test.each(['NaCl', 'MgO', 'Al2O3', 'SiO2', 'BaTiO3', 'CdTe'])('%s is no metal', (formula) => {
  expect(metalProbability(parseFormula(formula))).toBeLessThan(0.5);
});

test.each(['AlCu3', 'NiTi', 'Fe3C', 'LaNi5', 'MgZn2', 'Cu', 'U'])('%s is a metal', (formula) => {
  expect(metalProbability(parseFormula(formula))).toBeGreaterThan(0.5);
});

test('a pure element goes by its place in the periodic table', () => {
  expect(metalProbability(parseFormula('Al4'))).toBe(1);
  expect(metalProbability(parseFormula('Si8'))).toBe(0);
});

test('the model has a weight for each feature', () => {
  expect(model.weights).toHaveLength(metalFeatures(parseFormula('NaCl')).length);
});

test('the size of the cell does not count', () => {
  expect(metalProbability(parseFormula('V4O6'))).toBeCloseTo(metalProbability(parseFormula('V2O3')), 12);
});

test('the area under the curve of a perfect, a blind and a reversed score', () => {
  const cases = (scores: readonly number[]) => scores.map((score, i) => ({ score, isMetal: i >= 2 }));
  expect(areaUnderCurve(cases([1, 2, 3, 4]))).toBe(1);
  expect(areaUnderCurve(cases([1, 1, 1, 1]))).toBe(0.5);
  expect(areaUnderCurve(cases([4, 3, 2, 1]))).toBe(0);
  expect(areaUnderCurve(cases([1, 3, 2, 4]))).toBe(0.75);
});

describe.skipIf(!existsSync(data))(
  'on compositions of MP-20 that it was not fitted to (needs ASSAYER_DATA)',
  () => {
    test('it does as well as metallicity.json says, on every sixth of them', { timeout: 60_000 }, () => {
      const { fit, held } = readMetalCases(data);
      expect(fit).toHaveLength(model.fitted);
      expect(held).toHaveLength(model.measured.compositions);
      const scored = held
        .filter((_, i) => i % 6 === 0)
        .map(({ composition, isMetal }) => ({ score: metalProbability(composition), isMetal }));
      expect(Math.abs(areaUnderCurve(scored) - model.measured.areaUnderCurve)).toBeLessThan(0.02);
      const right = scored.filter(({ score, isMetal }) => score > 0.5 === isMetal).length;
      expect(Math.abs(right / scored.length - model.measured.accuracy)).toBeLessThan(0.02);
    });
  },
);
