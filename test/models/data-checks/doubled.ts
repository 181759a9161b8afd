import { makeCrystal } from '../../../src/crystal/crystal.ts';
import type { Crystal } from '../../../src/crystal/crystal.ts';

/** The same crystal with its cell doubled along c. */
export function supercellOf({ latticeAngstrom, fractionalCoordinates, atomicNumbers }: Crystal): Crystal {
  const halves = [0, 0.5].flatMap((shift) =>
    fractionalCoordinates.map((x, at) => (at % 3 === 2 ? x / 2 + shift : x)),
  );
  return makeCrystal({
    latticeAngstrom: latticeAngstrom.map((x, at) => (at < 6 ? x : 2 * x)),
    fractionalCoordinates: halves,
    atomicNumbers: [...atomicNumbers, ...atomicNumbers],
  });
}
