/** What a quantity can be at all, by its name; the unit is in the name. */
interface Limits {
  readonly name: RegExp;
  readonly least: number;
  readonly most: number;
  readonly why: string;
}

const LIMITS: readonly Limits[] = [
  {
    name: /^(formationEnergy|heat).*EvPerAtom$/i,
    least: -10,
    most: 10,
    why: 'formation energies of crystals lie within a few eV/atom',
  },
  { name: /aboveHull.*EvPerAtom$/i, least: -1e-6, most: 10, why: 'nothing lies under the hull' },
  { name: /gap.*Ev$/i, least: 0, most: 25, why: 'a gap is not negative, and solid helium’s is about 20 eV' },
  {
    name: /(modulus|bulk|shear|young).*Gpa/i,
    least: 0,
    most: 1500,
    why: 'a stable crystal’s moduli are positive, and diamond’s largest is about 1,200 GPa',
  },
  { name: /density.*(gram|gPerCm)/i, least: 0, most: 30, why: 'osmium has 22.6 g/cm³' },
];

/** Why the value cannot be one of the target; null when it can, or nothing is known of the target. */
export function impossibility(target: string, value: number): string | null {
  // A logarithm may be negative.
  if (/^log/i.test(target)) return null;
  const limits = LIMITS.find(({ name }) => name.test(target));
  if (!limits || (value >= limits.least && value <= limits.most)) return null;
  return `${value} is outside ${limits.least} to ${limits.most}: ${limits.why}`;
}
