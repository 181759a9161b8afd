// An executor in TypeScript: fcc metals by a Morse potential (Girifalco and Weizer, Phys. Rev. 114, 687, 1959).
import { readFileSync } from 'node:fs';

const software = { name: 'morse-typescript', version: '1' };
const elements = ['Al', 'Ni', 'Cu', 'Ag'];
const ours = { fidelity: 'morse', properties: { energyEvPerAtom: 'eV/atom' }, elements, maxAtoms: 20 };
/** By atomic number: depth (eV), width (1/Å) and place (Å) of the well. */
const wells: Record<number, number[]> = {
  ...{ 13: [0.2703, 1.1646, 3.253], 28: [0.4205, 1.4199, 2.78] },
  ...{ 29: [0.3429, 1.3588, 2.866], 47: [0.3323, 1.369, 3.115] },
};
const cutoffAngstrom = 12;

function energyEvPerAtom(lattice: number[], coordinates: number[], numbers: number[]): number {
  if (numbers.length > ours.maxAtoms) throw new RangeError(`takes ${ours.maxAtoms} atoms`);
  const [ax = 0, ay = 0, az = 0, bx = 0, by = 0, bz = 0, cx = 0, cy = 0, cz = 0] = lattice;
  const volume = Math.abs(ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx));
  if (volume < 1) throw new RangeError('the cell has no volume');
  const longest = Math.max(Math.hypot(ax, ay, az), Math.hypot(bx, by, bz), Math.hypot(cx, cy, cz));
  const reach = Math.ceil((cutoffAngstrom * longest ** 2) / volume) + 1;
  const range = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const images = range.flatMap((i) => range.flatMap((j) => range.map((k) => [i, j, k] as const)));
  const atoms = numbers.map((z, i) => ({ well: wells[z], at: coordinates.slice(3 * i, 3 * i + 3) }));
  let sum = 0;
  for (const [from, to] of atoms.flatMap((one) => atoms.map((other) => [one, other] as const))) {
    if (!from.well || !to.well) throw new RangeError(`knows ${elements.join(', ')} only`);
    const [depth = 0, width = 0, place = 0] = from.well.map((x, i) => (x + (to.well?.[i] ?? 0)) / 2);
    const [u = 0, v = 0, w = 0] = to.at.map((x, i) => x - (from.at[i] ?? 0));
    for (const image of images) {
      const [i, j, k] = [u + image[0], v + image[1], w + image[2]];
      const r = Math.hypot(i * ax + j * bx + k * cx, i * ay + j * by + k * cy, i * az + j * bz + k * cz);
      if (r > cutoffAngstrom || (from === to && r === 0)) continue;
      if (r < 1) throw new RangeError(`two atoms are ${r.toFixed(2)} Å apart`);
      sum += (depth / 2) * (Math.exp(-2 * width * (r - place)) - 2 * Math.exp(-width * (r - place)));
    }
  }
  return sum / atoms.length;
}

const asked = JSON.parse(readFileSync(0, 'utf8'));
let answer: object = { ...software, ...ours };
if (process.argv[2] === 'evaluate') {
  try {
    if (!('energyEvPerAtom' in asked.properties)) throw new RangeError('gives energyEvPerAtom only');
    const { latticeAngstrom: lattice, fractionalCoordinates, atomicNumbers } = asked.crystal;
    const value = energyEvPerAtom(lattice, fractionalCoordinates, atomicNumbers);
    answer = { status: 'succeeded', values: { energyEvPerAtom: { value, unit: 'eV/atom' } } };
  } catch (error) {
    answer = { status: 'failed', failure: { kind: 'badInput', message: String(error), retry: 'never' } };
  }
  answer = { key: asked.key, software: [software], ...answer };
}
process.stdout.write(JSON.stringify({ contractVersion: 1, ...answer }));
