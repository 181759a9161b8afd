import { symbolOf } from '../../crystal/chemistry/elements.ts';
import type { GenerateJob } from '../service.ts';
import { MOST_ATOMS } from './denoiser.ts';
import type { GeneratorModel } from './model.ts';

/** What every generated crystal obeys, by construction. */
export type Conditions = Pick<
  GenerateJob,
  'allowedAtomicNumbers' | 'minAtoms' | 'maxAtoms' | 'minElements' | 'maxElements'
>;

/** Throws a RangeError that names the condition which this generator cannot meet, and what it can. */
export function requirePossible(
  { allowedAtomicNumbers, minAtoms, maxAtoms, minElements, maxElements }: Conditions,
  model: Pick<GeneratorModel, 'elements' | 'atomCounts'>,
): void {
  const allowed = new Set(allowedAtomicNumbers);
  if (allowed.size === 0) throw new RangeError('no element is allowed: name at least one');
  const unknown = [...allowed].filter((z) => !model.elements.includes(z));
  if (unknown.length > 0) {
    const names = unknown.map(nameOf).join(', ');
    const known = model.elements.map(symbolOf).join(' ');
    throw new RangeError(`the generator never saw ${names}; leave it out, it knows ${known}`);
  }
  requireOrdered('atoms', minAtoms, maxAtoms);
  requireOrdered('elements', minElements, maxElements);
  if (maxAtoms > MOST_ATOMS) {
    throw new RangeError(`the generator makes cells of at most ${MOST_ATOMS} atoms, not ${maxAtoms}`);
  }
  if (minElements > allowed.size) {
    throw new RangeError(
      `${minElements} different elements are wanted, but only ${allowed.size} are allowed`,
    );
  }
  if (minElements > maxAtoms) {
    throw new RangeError(`${minElements} different elements do not fit into ${maxAtoms} atoms`);
  }
  if (possibleAtomCounts({ minAtoms, maxAtoms, minElements }, model).length === 0) {
    throw new RangeError(
      `the generator never saw cells of ${Math.max(minAtoms, minElements)} to ${maxAtoms} atoms: widen the range`,
    );
  }
}

/** The atom counts that meet the conditions and that the training set held. */
export function possibleAtomCounts(
  { minAtoms, maxAtoms, minElements }: Pick<Conditions, 'minAtoms' | 'maxAtoms' | 'minElements'>,
  { atomCounts }: Pick<GeneratorModel, 'atomCounts'>,
): number[] {
  return [...atomCounts.keys()].filter(
    (n) => n >= Math.max(minAtoms, minElements) && n <= maxAtoms && (atomCounts[n] as number) > 0,
  );
}

function requireOrdered(what: string, least: number, most: number): void {
  if (!(Number.isInteger(least) && Number.isInteger(most) && least >= 1 && most >= least)) {
    throw new RangeError(`${least} to ${most} ${what} make no range: give integers, 1 ≤ least ≤ most`);
  }
}

function nameOf(atomicNumber: number): string {
  return Number.isInteger(atomicNumber) && atomicNumber >= 1 && atomicNumber <= 103
    ? symbolOf(atomicNumber)
    : `atomic number ${atomicNumber}`;
}
