import fc from 'fast-check';
import type { Composition } from '../../../src/crystal/chemistry/composition.ts';

/** 1 to 6 elements with whole counts up to 20. */
export function anyComposition(): fc.Arbitrary<Composition> {
  const element = fc.tuple(fc.integer({ min: 1, max: 103 }), fc.integer({ min: 1, max: 20 }));
  return fc
    .uniqueArray(element, { selector: ([z]) => z, minLength: 1, maxLength: 6 })
    .map((pairs) => new Map(pairs));
}
