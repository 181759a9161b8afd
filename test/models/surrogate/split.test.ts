import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isHeldOut, splitByGroup } from '../../../src/models/surrogate/split.ts';

const groups = fc.array(fc.string({ maxLength: 3 }), { minLength: 1, maxLength: 60 });
const options = fc.record({ members: fc.integer({ min: 1, max: 8 }), seed: fc.nat() });

describe('splitByGroup', () => {
  test('no group is on both sides, nor both omitted and trained on by a member', () => {
    fc.assert(
      fc.property(groups, options, (names, choice) => {
        const { heldOut, training, omittedBy } = splitByGroup(names, choice);
        expect([...heldOut, ...training].sort((l, r) => l - r)).toEqual(names.map((_, row) => row));
        const held = new Set(heldOut.map((row) => names[row]));
        for (const row of training) expect(held.has(names[row])).toBe(false);
        for (const row of heldOut) expect(omittedBy[row]).toEqual([]);
        for (const a of training)
          for (const b of training) if (names[a] === names[b]) expect(omittedBy[a]).toEqual(omittedBy[b]);
      }),
    );
  });

  test("a group's side never changes as labels grow", () => {
    fc.assert(
      fc.property(groups, groups, options, (names, more, choice) => {
        const few = splitByGroup(names, choice).heldOut;
        const many = new Set(splitByGroup([...names, ...more], choice).heldOut);
        for (const row of few) expect(many.has(row)).toBe(true);
      }),
    );
  });

  test('about a fifth is held out, and each member omits about a quarter of the rest, in pairs', () => {
    const names = Array.from({ length: 4000 }, (_, i) => `group ${i}`);
    expect(names.filter(isHeldOut).length / names.length).toBeCloseTo(0.2, 1.5);
    for (const members of [1, 2, 4, 5]) {
      const { training, omittedBy } = splitByGroup(names, { members, seed: 1 });
      for (let member = 0; member < members; member++) {
        const omitted = training.filter((row) => omittedBy[row]?.includes(member));
        expect(omitted.length / training.length).toBeCloseTo(0.25, 1.5);
        for (const row of omitted) expect(omittedBy[row]).toHaveLength(Math.min(2, members));
      }
    }
  });
});
