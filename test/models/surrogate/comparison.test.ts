import { describe, expect, test } from 'vitest';
import { random } from '../../../src/crystal/random.ts';
import { choose, compare, measure } from '../../../src/models/surrogate/comparison.ts';

function points(count: number, { error, sigma }: { error: number; sigma: number }) {
  const source = random(5, 'points');
  return Array.from({ length: count }, (_, row) => {
    const value = source.normal();
    return { target: 'energyEvPerAtom', row, value, mean: value + error * source.normal(), sigma };
  });
}
const groupOf = (row: number): string => `group ${row}`;
const good = points(40, { error: 0.1, sigma: 0.1 });

describe('compare', () => {
  test('promotes what is as good or better', () => {
    expect(compare(good, good, groupOf).promote).toBe(true);
    expect(compare(good, points(40, { error: 0.5, sigma: 0.5 }), groupOf)).toMatchObject({ promote: true });
  });

  test('rejects larger errors, and says so with the figures', () => {
    const verdict = compare(points(40, { error: 0.5, sigma: 0.5 }), good, groupOf);
    expect(verdict.promote).toBe(false);
    expect(verdict.reason).toMatch(
      /significantly worse than the champion .* 40 held-out values of 40 groups/,
    );
  });

  test('rejects the same means with a far too large σ', () => {
    const vague = good.map((point) => ({ ...point, sigma: 1 }));
    expect(compare(vague, good, groupOf).reason).toMatch(/significantly worse than the champion/);
  });

  test('does not decide on few groups, however many rows they hold', () => {
    const worse = points(40, { error: 0.5, sigma: 0.5 });
    const verdict = compare(worse, good, (row) => `group ${row % 3}`);
    expect(verdict).toMatchObject({ promote: true, reason: expect.stringMatching(/cannot decide/) });
    expect(compare([], [], groupOf).reason).toMatch(/none held out/);
  });
});

test('measure gives the textbook figures', () => {
  const point = { target: 't', row: 0, sigma: 1 };
  const three = [
    { ...point, value: 0, mean: 1 },
    { ...point, value: 2, mean: 2 },
    { ...point, value: 4, mean: 2 },
  ];
  const metrics = measure(three, []);
  expect(metrics?.mae).toBeCloseTo(1);
  expect(metrics?.rmse).toBeCloseTo(Math.sqrt(5 / 3));
  expect(metrics?.r2).toBeCloseTo(1 - 5 / 8);
  expect(metrics?.meanSquaredZ).toBeCloseTo(5 / 3);
  expect(metrics).not.toHaveProperty('conformal90');
  expect(measure([], good)).toBeNull();
});

test('measure makes the conformal interval on unseen rows and measures it on the held-out ones', () => {
  // σ says a fifth of the truth: the normal interval holds few, the conformal one what it promises.
  const bold = (count: number) => points(count, { error: 0.5, sigma: 0.1 });
  const metrics = measure(bold(400).slice(200), bold(400).slice(0, 200));
  expect(metrics?.coverage90).toBeLessThan(0.4);
  expect(metrics?.conformal90?.factor).toBeGreaterThan(6);
  expect(metrics?.conformal90?.coverage).toBeGreaterThan(0.84);
  expect(metrics?.conformal90?.coverage).toBeLessThan(0.96);
});

describe('choose', () => {
  const network = { name: ['the network'], heldOut: good.slice(0, 5), omitted: good.slice(5) };
  const worse = points(40, { error: 0.5, sigma: 0.5 });
  const simple = { name: ['ridge', 'ridge'], heldOut: worse.slice(0, 5), omitted: worse.slice(5) };

  test('takes what does better on labels that neither had seen, and says so', () => {
    expect(choose(network, simple, groupOf)).toMatchObject({
      takes: 'network',
      reason: expect.stringMatching(/^the network did better than ridge on 40 labels/),
    });
    const turned = choose({ ...simple, name: ['the network'] }, { ...network, name: ['ridge'] }, groupOf);
    expect(turned).toMatchObject({
      takes: 'simple',
      reason: expect.stringMatching(/^ridge did better than the network/),
    });
  });

  test('compares the labels that both predicted, in whatever order they come', () => {
    const shuffled = { ...network, name: ['ridge'], omitted: network.omitted.toReversed().slice(0, 20) };
    const { takes, reason } = choose(network, shuffled, groupOf);
    expect(takes).toBe('network');
    expect(reason).toMatch(/on 25 labels/);
  });

  test('takes the network when there is nothing to compare', () => {
    const none = { name: [], heldOut: [], omitted: [] };
    expect(choose(network, none, groupOf)).toMatchObject({
      takes: 'network',
      reason: expect.stringMatching(/no label/),
    });
  });
});
