import { ELEMENTS, placeInTable } from '../../crystal/chemistry/elements.ts';
import { SPECIES_ROWS } from './denoiser.ts';

const GROUPS = 18;
const PERIODS = 7;
const CONTINUOUS = 5;
export const CHEMISTRY_COLUMNS = GROUPS + 2 + PERIODS + CONTINUOUS;

/**
 * The fixed table by which the network knows an element, [101, CHEMISTRY_COLUMNS]: its place in the periodic table and
 * standardised electronegativity, radius, atomic volume, mass and f electrons, 0 where not tabulated. Related elements
 * share their columns, so systems that the training set lacks are not unknown ground. Row 0 (undecided) is zero.
 */
export function chemistryTable(): Float32Array {
  const table = new Float32Array(SPECIES_ROWS * CHEMISTRY_COLUMNS);
  for (const element of ELEMENTS.slice(0, SPECIES_ROWS - 1)) {
    const at = element.atomicNumber * CHEMISTRY_COLUMNS;
    const { period, group, fElectrons } = placeInTable(element.atomicNumber);
    if (group !== null) table[at + group - 1] = 1;
    else table[at + GROUPS + (period === 6 ? 0 : 1)] = 1;
    table[at + GROUPS + 1 + period] = 1;
    const { electronegativity, radiusAngstrom, volumeAngstrom3, massU } = element;
    const numbers = [
      electronegativity === null ? 0 : (electronegativity - 1.7) / 0.6,
      radiusAngstrom === null ? 0 : (radiusAngstrom - 1.5) / 0.4,
      volumeAngstrom3 === null ? 0 : (Math.cbrt(volumeAngstrom3) - 2.8) / 0.5,
      (Math.log(massU) - 4.4) / 0.9,
      fElectrons / 7,
    ];
    table.set(numbers, at + GROUPS + 2 + PERIODS);
  }
  return table;
}
