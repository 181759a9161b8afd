import { z } from 'zod';

/** Units that a spec may use: each with the canonical unit of its kind and the factor to it. */
const UNITS: Readonly<Record<string, { canonical: string; factor: number }>> = {
  s: { canonical: 's', factor: 1 },
  min: { canonical: 's', factor: 60 },
  h: { canonical: 's', factor: 3600 },
  d: { canonical: 's', factor: 86_400 },
  'eV/atom': { canonical: 'eV/atom', factor: 1 },
  'meV/atom': { canonical: 'eV/atom', factor: 1e-3 },
  eV: { canonical: 'eV', factor: 1 },
  meV: { canonical: 'eV', factor: 1e-3 },
  GPa: { canonical: 'GPa', factor: 1 },
  'core-s': { canonical: 'core-s', factor: 1 },
  'core-h': { canonical: 'core-s', factor: 3600 },
  Å: { canonical: 'Å', factor: 1 },
  MiB: { canonical: 'B', factor: 2 ** 20 },
  GiB: { canonical: 'B', factor: 2 ** 30 },
};

export interface Quantity {
  readonly value: number;
  /** Canonical unit: s, eV/atom, eV, GPa, core-s, Å, B. */
  readonly unit: string;
}

/** Reads '5 meV/atom' as 0.005 eV/atom. Returns a sentence saying what is wrong instead of throwing. */
export function parseQuantity(text: string): Quantity | string {
  const match = /^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*(\S*)\s*$/i.exec(text);
  if (!match) return `'${text}' is not a number with a unit; write for example '5 meV/atom' or '60 s'`;
  const [, number, unit] = match;
  if (!unit)
    return `'${text}' has no unit; write for example '${number} ${text.includes('.') ? 'eV/atom' : 's'}'`;
  const known = UNITS[unit];
  if (!known) return `unit '${unit}' is not known; known units: ${Object.keys(UNITS).join(', ')}`;
  return { value: Number(number) * known.factor, unit: known.canonical };
}

/** A spec field holding a number with a unit of the given kind, e.g. '60 s'; parsed to the canonical number. */
export function quantity(canonicalUnit: string) {
  const allowed = Object.entries(UNITS)
    .filter(([, unit]) => unit.canonical === canonicalUnit)
    .map(([name]) => name)
    .join(', ');
  return z.union([z.string(), z.number()]).transform((input, context) => {
    if (typeof input === 'number') {
      context.addIssue({
        code: 'custom',
        message: `has no unit; write '${input} UNIT' with one of: ${allowed}`,
      });
      return z.NEVER;
    }
    const parsed = parseQuantity(input);
    if (typeof parsed === 'string') {
      context.addIssue({ code: 'custom', message: parsed });
      return z.NEVER;
    }
    if (parsed.unit !== canonicalUnit) {
      context.addIssue({ code: 'custom', message: `is in ${parsed.unit}; use one of: ${allowed}` });
      return z.NEVER;
    }
    return parsed.value;
  });
}

/** A spec field holding a number with any known unit; the property it belongs to decides which one fits. */
export const anyQuantity = z.union([z.string(), z.number()]).transform((input, context): Quantity => {
  const parsed =
    typeof input === 'number' ? `${input} has no unit; write '${input} eV/atom', say` : parseQuantity(input);
  if (typeof parsed !== 'string') return parsed;
  context.addIssue({ code: 'custom', message: parsed });
  return z.NEVER;
});
