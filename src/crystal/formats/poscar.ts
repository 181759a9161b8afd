import { elementCounts, reducedFormula } from '../chemistry/composition.ts';
import type { Crystal } from '../crystal.ts';
import { symbolOf } from '../chemistry/elements.ts';

/** The crystal as a VASP 5 POSCAR, in Å and fractional coordinates. Atoms are grouped by element, by atomic number. */
export function writePoscar(crystal: Crystal): string {
  const counts = elementCounts(crystal);
  const row = (numbers: readonly number[]): string =>
    numbers.map((x) => x.toFixed(12).padStart(18)).join(' ');
  const triple = (numbers: readonly number[], i: number): string => row(numbers.slice(3 * i, 3 * i + 3));
  const sites = [...counts.keys()].flatMap((z) =>
    crystal.atomicNumbers.flatMap((other, i) =>
      other === z ? [triple(crystal.fractionalCoordinates, i)] : [],
    ),
  );
  return [
    reducedFormula(crystal),
    '1.0',
    ...[0, 1, 2].map((i) => triple(crystal.latticeAngstrom, i)),
    [...counts.keys()].map(symbolOf).join(' '),
    [...counts.values()].join(' '),
    'Direct',
    ...sites,
    '',
  ].join('\n');
}
