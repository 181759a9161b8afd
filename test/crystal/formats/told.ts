import { type Crystal, volumeAngstrom3 } from '../../../src/crystal/crystal.ts';

/**
 * A crystal as test/reference/formats.py tells it, whatever the order of its atoms: how many there are, the volume (Å³),
 * and a sum of trigonometric functions of the fractional coordinates, weighted by atomic number.
 */
export type Told = readonly [atoms: number, volumeAngstrom3: number, sum: number];

export function tell(crystal: Crystal): Told {
  const { atomicNumbers, fractionalCoordinates } = crystal;
  const sum = atomicNumbers.reduce((total, z, i) => {
    const [x, y, w] = [0, 1, 2].map((k) => 2 * Math.PI * (fractionalCoordinates[3 * i + k] as number)) as [
      number,
      number,
      number,
    ];
    const terms =
      Math.cos(x + 2 * y + 3 * w) +
      Math.SQRT2 * Math.sin(2 * x - 3 * y + w) +
      Math.sqrt(3) * Math.cos(3 * x + y - 2 * w) +
      Math.sqrt(5) * Math.sin(x) +
      Math.sqrt(7) * Math.sin(y) +
      Math.sqrt(11) * Math.sin(w);
    return total + z * terms;
  }, 0);
  return [atomicNumbers.length, volumeAngstrom3(crystal), sum];
}

/** Whether two tell the same: the references are rounded to four decimals. */
export function isTold(crystal: Crystal, reference: Told, tolerance = 1e-4): boolean {
  const told = tell(crystal);
  return told.every((value, i) => Math.abs(value - (reference[i] as number)) <= tolerance);
}
