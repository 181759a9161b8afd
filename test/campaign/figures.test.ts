import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { betaDistribution } from '../../src/campaign/beta.ts';
import { claim } from '../../src/campaign/claim.ts';
import {
  acceleration,
  countArm,
  discoveryCurve,
  figuresByVersion,
  hitRate,
  labelsPerDiscovery,
  predictedLabels,
  spendLedger,
  yieldByGenerator,
  Z90,
  type Counts,
} from '../../src/campaign/figures.ts';
import { buildRecord } from '../report/builders.ts';
import { present } from '../report/present.ts';

const counts = fc
  .tuple(fc.integer({ min: 1, max: 500 }), fc.float({ min: 0, max: 1, noNaN: true }))
  .map(([labels, share]): Counts => ({ labels, discoveries: Math.round(labels * share) }));

describe('the beta distribution', () => {
  // scipy 1.17.1: scipy.stats.beta.ppf and .cdf
  test.each([
    { probability: 0.05, a: 45.5, b: 225.5, x: 0.132055805953827 },
    { probability: 0.95, a: 0.5, b: 20.5, x: 0.0904764265378723 },
    { probability: 0.369010119565545, a: 0.5, b: 0.5, x: 0.3 },
    { probability: 0.9769270017888825, a: 3.5, b: 400.5, x: 0.02 },
    { probability: 0.0905002535688678, a: 30.5, b: 1.5, x: 0.9 },
  ])('agrees with scipy at Beta($a, $b)', ({ probability, a, b, x }) => {
    expect(betaDistribution(a, b).quantile(probability)).toBeCloseTo(x, 9);
    expect(betaDistribution(a, b).cdf(x)).toBeCloseTo(probability, 9);
  });
});

describe('rates', () => {
  test('an interval holds its estimate and narrows with more labels', () => {
    fc.assert(
      fc.property(counts, (one) => {
        const rate = present(hitRate(one), 'rate');
        expect(rate.low).toBeLessThanOrEqual(rate.value);
        expect(rate.high).toBeGreaterThanOrEqual(rate.value);
        const more = present(hitRate({ labels: 4 * one.labels, discoveries: 4 * one.discoveries }), 'rate');
        expect(more.high - more.low).toBeLessThan(rate.high - rate.low);
      }),
    );
  });

  test('nothing found leaves the pace unbounded above, and no label leaves no pace', () => {
    expect(labelsPerDiscovery({ labels: 0, discoveries: 0 })).toBeNull();
    const none = labelsPerDiscovery({ labels: 20, discoveries: 0 });
    expect(none).toMatchObject({ value: null, high: null });
    expect(none?.low).toBeGreaterThan(5);
    expect(labelsPerDiscovery({ labels: 20, discoveries: 20 })).toMatchObject({ value: 1, low: 1 });
  });
});

describe('the acceleration', () => {
  // An independent adaptive quadrature (scipy.integrate.quad over the control posterior's quantiles).
  test.each([
    { model: [270, 44], control: [30, 1], low: 1.2905, high: 27.935 },
    { model: [270, 44], control: [30, 5], low: 0.51872, high: 2.1164 },
    { model: [50, 10], control: [20, 4], low: 0.44692, high: 2.523 },
    { model: [270, 44], control: [40, 0], low: 3.4438, high: null },
  ] as const)('agrees with scipy for $model against $control', ({ model, control, low, high }) => {
    const ratio = acceleration(
      { labels: model[0], discoveries: model[1] },
      { labels: control[0], discoveries: control[1] },
    );
    const share = (measured: number | null | undefined, of: number | null): number | null =>
      measured === null || measured === undefined || of === null ? null : measured / of;
    expect(share(ratio?.low, low)).toBeCloseTo(1, 2);
    expect(ratio?.high === null).toBe(high === null);
    expect(share(ratio?.high, high) ?? 1).toBeCloseTo(1, 2);
  });

  test('its interval holds the measured ratio', () => {
    fc.assert(
      fc.property(counts, counts, (model, control) => {
        const { value, low, high } = present(acceleration(model, control), 'acceleration');
        expect(value === null).toBe(control.discoveries === 0);
        expect(low).toBeLessThanOrEqual(value ?? Infinity);
        expect(high ?? Infinity).toBeGreaterThanOrEqual(value ?? Infinity);
      }),
      { numRuns: 30 },
    );
  });

  test('is smaller the more the control arm finds', () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 2, max: 60 }), (model, labels) => {
        const [few, many] = [1, 2].map((discoveries) => acceleration(model, { labels, discoveries }));
        expect(many?.low ?? NaN).toBeLessThanOrEqual(few?.low ?? NaN);
        expect(many?.high ?? NaN).toBeLessThanOrEqual(few?.high ?? NaN);
      }),
      { numRuns: 20 },
    );
  });

  test('is not measured without labels in both arms', () => {
    expect(acceleration({ labels: 0, discoveries: 0 }, { labels: 9, discoveries: 1 })).toBeNull();
    expect(acceleration({ labels: 9, discoveries: 1 }, { labels: 0, discoveries: 0 })).toBeNull();
  });
});

describe('the claim', () => {
  const say = (model: readonly [number, number], control: readonly [number, number]): string =>
    claim({
      model: { labels: model[0], discoveries: model[1] },
      control: { labels: control[0], discoveries: control[1] },
      thing: 'phase',
    });

  test('says what was measured', () => {
    expect(say([270, 44], [30, 1])).toMatchInlineSnapshot(
      `"The model arm found a phase every 6.1 labels (90 %: 4.9–7.8), the control arm found a phase every 30 labels (90 %: 8.1–170): 4.9 times faster (1.3–28)."`,
    );
  });
  test('claims no acceleration that could be chance', () => {
    expect(say([270, 44], [30, 5])).toMatchInlineSnapshot(
      `"The model arm found a phase every 6.1 labels (90 %: 4.9–7.8), the control arm found a phase every 6.0 labels (90 %: 3.3–13). No acceleration can be claimed: measured 0.98 times (0.52–2.1), and the interval includes 1."`,
    );
  });
  test('says when the control arm is too small', () => {
    expect(say([60, 10], [6, 0])).toMatchInlineSnapshot(
      `"The model arm found a phase every 6.0 labels (90 %: 3.9–10), the control arm found no phase in 6 labels. Too few control labels (6) to claim an acceleration."`,
    );
  });
  test('gives only a lower bound when the control arm found nothing', () => {
    expect(say([270, 44], [40, 0])).toMatchInlineSnapshot(
      `"The model arm found a phase every 6.1 labels (90 %: 4.9–7.8), the control arm found no phase in 40 labels: at least 3.4 times faster (95 %), with no control discovery to bound it above."`,
    );
  });
  test('says when the model was slower', () => {
    expect(say([60, 1], [40, 12])).toMatchInlineSnapshot(
      `"The model arm found a phase every 60 labels (90 %: 16–340), the control arm found a phase every 3.3 labels (90 %: 2.3–5.2): the model arm was slower, measured 0.056 times (0.0096–0.23)."`,
    );
  });
  test('copes with nothing found and nothing labelled', () => {
    expect(say([20, 0], [12, 0])).toMatchInlineSnapshot(
      `"The model arm found no phase in 20 labels, the control arm found no phase in 12 labels. There is nothing to compare."`,
    );
    expect(say([1, 0], [0, 0])).toMatchInlineSnapshot(
      `"The model arm found no phase in 1 label, the control arm has no labels yet. Too few control labels (0) to claim an acceleration."`,
    );
    expect(say([0, 0], [0, 0])).toMatchInlineSnapshot(`"No labels yet: nothing can be claimed."`);
  });

  test('never says faster unless the whole interval is above 1', () => {
    fc.assert(
      fc.property(counts, counts, (model, control) => {
        const ratio = acceleration(model, control);
        const sentence = claim({ model, control, thing: 'phase' });
        const shown = (ratio?.low ?? 0) > 1 && control.labels >= 10;
        expect(/times faster/.test(sentence)).toBe(shown);
        expect(sentence).not.toMatch(/NaN|undefined|null|Infinity|∞/);
      }),
      { numRuns: 30 },
    );
  });
});

describe('figures of a record', () => {
  const { record, judgements } = buildRecord({ labels: 120, seed: 5 });

  test('discovery curves rise one label at a time and end at the totals', () => {
    for (const arm of ['model', 'control'] as const) {
      const curve = discoveryCurve(record.labels, judgements, arm);
      for (const [i, point] of curve.entries()) {
        expect(point.labels).toBe(i);
        const step = point.discoveries - (curve[i - 1]?.discoveries ?? 0);
        expect(step === 0 || step === 1).toBe(true);
      }
      expect(curve.at(-1)).toEqual(countArm(record.labels, judgements, arm));
    }
    const model = countArm(record.labels, judgements, 'model');
    const control = countArm(record.labels, judgements, 'control');
    const firsts = judgements.filter(({ firstInArm }) => firstInArm);
    expect(model.discoveries + control.discoveries).toBe(firsts.length);
    expect(model.labels + control.labels).toBe(120);
  });

  test('the ledger adds up every evaluation by its outcome', () => {
    const ledger = spendLedger(record.evaluations, record.models);
    expect(ledger.evaluations).toEqual({ succeeded: record.labels.length, failed: 2, rejected: 1 });
    expect(ledger.coreSeconds.failed).toBe(118);
    expect(ledger.coreSeconds.succeeded).toBeCloseTo(
      record.labels.reduce((sum, label) => sum + label.coreSeconds, 0),
    );
    expect(ledger.wallSeconds).toBe(4 * record.labels.length);
    expect(spendLedger([], []).wallSeconds).toBe(0);
  });

  test('yields count each label and discovery once and leave the references out', () => {
    const yields = yieldByGenerator(record.candidates, record.labels, judgements);
    expect(yields.map(({ generator }) => generator)).toEqual(['diffusion', 'substitution']);
    const sum = (name: 'proposed' | 'labelled' | 'discoveries'): number =>
      yields.reduce((total, one) => total + one[name], 0);
    expect(sum('labelled')).toBe(120);
    expect(sum('proposed')).toBe(240);
    expect(sum('discoveries')).toBe(judgements.filter(({ discovery }) => discovery).length);
  });

  test('a version is judged on the labels that it chose, formation energies as judged', () => {
    const points = predictedLabels(record.labels, judgements);
    expect(points.length).toBe(record.labels.filter(({ predicted }) => predicted).length);
    for (const { label, value } of points) {
      expect(value).toBe(judgements.find(({ key }) => key === label._id)?.formationEnergyEvPerAtom);
    }
    for (const { version, atSelection } of figuresByVersion(record.models, record.labels, judgements)) {
      const own = points.filter(({ label }) => label.modelVersion === version);
      const inside = own.filter(({ value, mean, sigma }) => Math.abs(value - mean) <= Z90 * sigma);
      expect(atSelection?.count ?? 0).toBe(own.length);
      expect((atSelection?.coverage90 ?? 0) * own.length).toBeCloseTo(inside.length);
    }
  });
});
