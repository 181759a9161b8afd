/** What values of such targets are multiplied by when one unit is taken for another. */
const FACTORS = [
  { of: /Ev/, factor: 27.211386, name: 'Hartree and eV' },
  { of: /Ev/, factor: 13.605693, name: 'Rydberg and eV' },
  { of: /Ev/, factor: 96.485332, name: 'eV and kJ/mol' },
  { of: /Ev/, factor: 23.060548, name: 'eV and kcal/mol' },
  { of: /Gpa/, factor: 10, name: 'GPa and kbar' },
  { of: /./, factor: 1000, name: 'a unit and its thousandth' },
] as const;

export interface Doubt {
  readonly value: number;
  /** What similar crystals lead to expect, and the usual deviation from that. */
  readonly expected: number;
  readonly spread: number;
  readonly atoms: number;
}

const FAR = 8;
const NEAR = 4;
/** Usual deviations that similar crystals' values must be from zero. */
const NOT_ZERO = 2;

/**
 * The units that were likely taken for each other: the value is more than 8 usual deviations off, and within 4 once
 * divided or multiplied by the factor; of several, the one that comes nearest. Null when there is none, or when similar
 * crystals do not agree on more than zero: divided by much, anything is near that.
 */
export function unitSlip(
  { value, expected, spread, atoms }: Doubt,
  target: string,
): { readonly corrected: number; readonly name: string } | null {
  const z = (x: number): number => Math.abs(x - expected) / spread;
  // A slip adds to a logarithm instead of multiplying it.
  if (/^log/i.test(target)) return null;
  if (z(value) <= FAR || Math.abs(expected) < NOT_ZERO * spread) return null;
  const factors = [
    ...FACTORS.filter(({ of }) => of.test(target)),
    ...(atoms > 1 && target.endsWith('PerAtom') ? [{ factor: atoms, name: 'the cell and one atom' }] : []),
  ];
  const [best] = factors
    .flatMap(({ factor, name }) => [
      { corrected: value / factor, name },
      { corrected: value * factor, name },
    ])
    .filter(({ corrected }) => z(corrected) < NEAR)
    .sort((l, r) => z(l.corrected) - z(r.corrected));
  return best ?? null;
}
