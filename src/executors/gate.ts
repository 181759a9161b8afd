import type { Crystal } from '../crystal/crystal.ts';
import { volumeAngstrom3 } from '../crystal/crystal.ts';
import { checkValidity, describeCheck } from '../crystal/validity.ts';
import type { SucceededAnswer } from './contract.ts';

export interface GateCheck {
  readonly name: string;
  readonly passed: boolean;
  /** What was found against what is allowed. */
  readonly detail: string;
}

/** A relaxation that changes the volume per atom by more has left the crystal that was asked about. */
const LARGEST_VOLUME_RATIO = 2;
const LARGEST_ENERGY_EV_PER_ATOM = 1000;

/** The checks between an executor's answer and a label. Every check is reported, passed or not. */
export function gate({
  answer,
  proposed,
  properties,
}: {
  readonly answer: SucceededAnswer;
  readonly proposed: Crystal;
  /** Those asked for, each with its unit. */
  readonly properties: Readonly<Record<string, string>>;
}): GateCheck[] {
  const checks = Object.entries(properties).flatMap(([property, unit]) => checkValue(property, unit, answer));
  if (answer.convergence) {
    const { converged, maxForceEvPerAngstrom, steps } = answer.convergence;
    checks.push({
      name: 'converged',
      passed: converged,
      detail:
        maxForceEvPerAngstrom === null
          ? `by its own word, after ${steps} steps`
          : `largest force ${maxForceEvPerAngstrom.toPrecision(3)} eV/Å after ${steps} steps`,
    });
  }
  // Without convergence facts the crystal was not relaxed here (a table's, say), and there is nothing to compare.
  if (answer.relaxedCrystal && answer.convergence) {
    const ratio = volumePerAtom(answer.relaxedCrystal) / volumePerAtom(proposed);
    checks.push({
      name: 'volume kept',
      passed: ratio < LARGEST_VOLUME_RATIO && ratio > 1 / LARGEST_VOLUME_RATIO,
      detail: `volume changed by a factor of ${ratio.toPrecision(3)}, allowed up to ${LARGEST_VOLUME_RATIO}`,
    });
    checks.push({
      name: 'atoms kept',
      passed: sameAtoms(answer.relaxedCrystal, proposed),
      detail: 'the relaxed crystal must hold the atoms that were proposed',
    });
    for (const check of checkValidity(answer.relaxedCrystal)) {
      const { name, passed } = check;
      checks.push({ name: `relaxed ${name}`, passed, detail: describeCheck(check, answer.relaxedCrystal) });
    }
  }
  return checks;
}

function checkValue(property: string, unit: string, answer: SucceededAnswer): GateCheck[] {
  const measured = answer.values[property];
  if (!measured) return [{ name: `${property} given`, passed: false, detail: 'the answer does not hold it' }];
  const checks: GateCheck[] = [
    {
      name: `${property} unit`,
      passed: measured.unit === unit,
      detail: `in ${measured.unit}, asked in ${unit}`,
    },
  ];
  if (measured.unit === 'eV/atom') {
    checks.push({
      name: `${property} sane`,
      passed: Math.abs(measured.value) < LARGEST_ENERGY_EV_PER_ATOM,
      detail: `${measured.value} eV/atom, allowed up to ±${LARGEST_ENERGY_EV_PER_ATOM}`,
    });
  }
  return checks;
}

function volumePerAtom(crystal: Crystal): number {
  return volumeAngstrom3(crystal) / crystal.atomicNumbers.length;
}

function sameAtoms(a: Crystal, b: Crystal): boolean {
  const sorted = (crystal: Crystal) => [...crystal.atomicNumbers].sort((x, y) => x - y).join();
  return sorted(a) === sorted(b);
}
