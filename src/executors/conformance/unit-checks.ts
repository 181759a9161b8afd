import { type Crystal, scaleToVolume, volumeAngstrom3 } from '../../crystal/crystal.ts';
import { supercell } from '../../crystal/geometry/supercell.ts';
import type { EvaluationAnswer } from '../contract.ts';
import type { Evaluated } from './crystal-checks.ts';
import { asSimpleCubic } from './crystals.ts';
import { type Finding, failed, passed, skipped, warned } from './finding.ts';
import type { Subject } from './subject.ts';

/** How a property's name says its unit; the longer endings first. */
const ENDINGS: readonly (readonly [RegExp, string])[] = [
  [/EvPerAtom$/, 'eV/atom'],
  [/EvPerAngstrom3$/, 'eV/Å³'],
  [/EvPerAngstrom$/, 'eV/Å'],
  [/MuBPerAtom$/, 'µB/atom'],
  [/MuB$/, 'µB'],
  [/Gpa$/, 'GPa'],
  [/Ev$/, 'eV'],
  [/Angstrom3PerAtom$/, 'Å³/atom'],
  [/Angstrom2$/, 'Å²'],
  [/Angstrom$/, 'Å'],
  [/Thz$/, 'THz'],
  [/Kelvin$/, 'K'],
  [/GramPerCm3$/, 'g/cm³'],
];

/** Declared units against the names. */
export function checkUnitNames(subject: Subject): Finding[] {
  return Object.entries(subject.description.properties).map(([name, unit]) => {
    const check = `names the unit of ${name}`;
    const expected = ENDINGS.find(([ending]) => ending.test(name))?.[1];
    if (expected === unit) return passed(check, unit);
    return expected === undefined
      ? warned(
          check,
          `declared in ${unit}`,
          'let the name end in its unit, as in energyEvPerAtom or bulkModulusGpa',
        )
      : failed(
          check,
          `declared in ${unit}, but the name says ${expected}`,
          `give it in ${expected}, or rename it`,
        );
  });
}

const ENERGY = 'energyEvPerAtom';
/** k-points and cutoffs shift an energy per atom by less, eV/atom. */
const SAME_ENERGY = 0.02;
/** Relative change of volume to either side. */
const STRETCH = 0.06;
const EV_PER_ANGSTROM3_IN_GPA = 160.2176634;
/** A method's own bulk modulus is nearer to the measured one than by this factor. */
const LARGEST_METHOD_ERROR = 4;

/** What an energy would be multiplied by if it were given in another unit (CODATA 2018). */
const OTHER_UNITS: Readonly<Record<string, number>> = {
  'hartree/atom': 1 / 27.211386,
  'Ry/atom': 1 / 13.605693,
  'kcal/mol': 23.060548,
  'kJ/mol': 96.485332,
  'meV/atom': 1000,
};

/** Energies whose unit string is right may still be in another unit: physics tells. */
export async function checkEnergyUnit(subject: Subject, evaluated: readonly Evaluated[]): Promise<Finding[]> {
  if (!(ENERGY in subject.properties)) return [skipped('gives energies in eV/atom', `it gives no ${ENERGY}`)];
  const [first] = evaluated;
  if (!first) return [];
  const findings = [await checkPerAtom(subject, first)];
  const measured = evaluated.find(({ sample }) => sample.bulkModulusGpa !== null);
  if (measured) findings.push(await checkScale(subject, measured));
  return findings;
}

async function checkPerAtom(subject: Subject, { sample, answer }: Evaluated): Promise<Finding> {
  const check = 'gives the energy per atom, not per cell';
  const energy = energyOf(answer);
  const doubled = await energyAt(subject, supercell(sample.crystal, [2, 1, 1]));
  if (energy === null || doubled === null)
    return skipped(check, `it does not evaluate ${sample.name} in a double cell`);
  const found = `${sample.name}: ${energy.toFixed(4)} eV/atom in one cell, ${doubled.toFixed(4)} in a double one`;
  if (Math.abs(doubled - energy) < SAME_ENERGY) return passed(check, found);
  return Math.abs(doubled - 2 * energy) < Math.abs(doubled - energy)
    ? failed(check, found, 'divide the energy by the number of atoms')
    : warned(check, found, 'converge it further: finer k-points, higher cutoff');
}

/** The stiffness of a crystal that is stretched, or what another structure costs when cells are relaxed. */
async function checkScale(subject: Subject, { sample, answer }: Evaluated): Promise<Finding> {
  const check = 'gives energies on the scale of eV';
  const { crystal, bulkModulusGpa, name } = sample;
  const at = energyOf(answer);
  const volume = volumeAngstrom3(crystal);
  const smaller = await energyAt(subject, scaleToVolume(crystal, volume * (1 - STRETCH)));
  const larger = await energyAt(subject, scaleToVolume(crystal, volume * (1 + STRETCH)));
  if (at === null || smaller === null || larger === null || bulkModulusGpa === null) {
    return skipped(check, `it does not evaluate ${name} at other volumes`);
  }
  const curvature = (smaller + larger - 2 * at) / STRETCH ** 2;
  const perVolume = volume / crystal.atomicNumbers.length;
  const bulkGpa = (curvature / perVolume) * EV_PER_ANGSTROM3_IN_GPA;
  if (Math.abs(bulkGpa) < 1e-3 * bulkModulusGpa)
    return checkStructureScale(subject, { sample, answer }, check);
  const found = `stretched ${name} has a bulk modulus of ${bulkGpa.toPrecision(3)} GPa, measured is ${bulkModulusGpa}`;
  const factor = bulkGpa / bulkModulusGpa;
  if (factor > 1 / LARGEST_METHOD_ERROR && factor < LARGEST_METHOD_ERROR) return passed(check, found);
  const unit = nearestUnit(factor);
  return failed(
    check,
    found,
    unit ? `the values look like ${unit}: convert them to eV/atom` : 'convert the values to eV/atom',
  );
}

/** With relaxed cells only differences of structures are left: of metals, a tenth to one eV/atom. */
async function checkStructureScale(
  subject: Subject,
  { sample, answer }: Evaluated,
  check: string,
): Promise<Finding> {
  const { crystal, name } = sample;
  const at = energyOf(answer);
  if (crystal.atomicNumbers.length > 1 || at === null) {
    return skipped(check, `it relaxes the cell, and ${name} has no second structure to compare with`);
  }
  const other = await energyAt(subject, asSimpleCubic(crystal));
  if (other === null || Math.abs(other - at) < 1e-3) {
    return skipped(check, `it relaxes the cell, and simple cubic ${name} too: nothing is left to compare`);
  }
  const found = `simple cubic ${name} lies ${(other - at).toPrecision(3)} eV/atom above ${name}`;
  if (other - at > 0.05 && other - at < 3) return passed(check, found);
  const unit = nearestUnit((other - at) / 0.4);
  return warned(
    check,
    found,
    unit ? `some tenths are usual: do the values mean ${unit}?` : 'some tenths are usual',
  );
}

function nearestUnit(factor: number): string | null {
  if (!(factor > 0)) return null;
  const distance = ([, scale]: readonly [string, number]): number => Math.abs(Math.log(factor / scale));
  return Object.entries(OTHER_UNITS).sort((a, b) => distance(a) - distance(b))[0]?.[0] ?? null;
}

async function energyAt(subject: Subject, crystal: Crystal): Promise<number | null> {
  const properties = { [ENERGY]: 'eV/atom' };
  return energyOf((await subject.evaluate(subject.request(crystal, { properties }))).answer);
}

function energyOf(answer: EvaluationAnswer): number | null {
  return answer.status === 'succeeded' ? (answer.values[ENERGY]?.value ?? null) : null;
}
