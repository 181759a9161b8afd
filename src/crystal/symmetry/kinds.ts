import type { MoyoCell } from '@spglib/moyo-wasm';
import { ELEMENTS } from '../chemistry/elements.ts';
import { type Crystal, makeCrystal } from '../crystal.ts';
import { multiplyRows } from '../geometry/lattice.ts';

/** A number for each atom, the same for the same element, oxidation state and moment: Z itself where only Z is given. */
export function kindsOfAtoms({
  atomicNumbers,
  oxidationStates,
  magneticMomentsMuB,
}: Crystal): readonly number[] {
  if (oxidationStates === undefined && magneticMomentsMuB === undefined) return atomicNumbers;
  const n = atomicNumbers.length;
  const perAtom = (magneticMomentsMuB?.length ?? 0) / n;
  const kinds = new Map<string, number>();
  return atomicNumbers.map((z, i) => {
    // Moments come from calculations, and are equal to a few digits at best.
    const moment = magneticMomentsMuB?.slice(perAtom * i, perAtom * (i + 1)).map((m) => Math.round(m * 100));
    const name = [z, oxidationStates?.[i], ...(moment ?? [])].join();
    const kind = kinds.get(name) ?? ELEMENTS.length * kinds.size + z;
    kinds.set(name, kind);
    return kind;
  });
}

/** A turned cell of kinds as a crystal, each atom like the first of its kind in the crystal that was given. */
export function crystalOfKinds(
  cell: MoyoCell,
  given: Crystal,
  { kinds, rotation }: { readonly kinds: readonly number[]; readonly rotation: readonly number[] },
): Crystal {
  const n = given.atomicNumbers.length;
  const { chargeE, oxidationStates, magneticMomentsMuB: moments } = given;
  const examples = cell.numbers.map((kind) => kinds.indexOf(kind));
  const like = (values: readonly number[]): number[] => examples.map((i) => values[i] as number);
  return makeCrystal({
    latticeAngstrom: cell.lattice.basis,
    fractionalCoordinates: cell.positions.flat(),
    atomicNumbers: like(given.atomicNumbers),
    chargeE: chargeE === undefined ? undefined : (chargeE * cell.numbers.length) / n,
    oxidationStates: oxidationStates === undefined ? undefined : like(oxidationStates),
    magneticMomentsMuB:
      moments === undefined || moments.length === n
        ? moments && like(moments)
        : multiplyRows(
            examples.flatMap((i) => moments.slice(3 * i, 3 * i + 3)),
            rotation,
          ),
  });
}
