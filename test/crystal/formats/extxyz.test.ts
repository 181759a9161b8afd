import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprintDistance } from '../../../src/crystal/identity/fingerprint.ts';
import { parseExtxyz, writeExtxyz } from '../../../src/crystal/formats/extxyz.ts';
import { writePoscar } from '../../../src/crystal/formats/poscar.ts';
import { anyCrystal } from '../variants.ts';

const text = [
  '2',
  'Lattice="4 0 0 0 4 0 0 0 4" Properties=id:I:1:species:S:1:pos:R:3:forces:R:3 energyEvPerAtom=-1.5 name="a \\"b\\"" pbc="T T T"',
  '7 Cu 0 0 0 0.1 0.2 0.3',
  '8 Au 2 2 2 0.1 0.2 0.3',
  '',
].join('\n');

test('frames read back as they were written', () => {
  fc.assert(
    fc.property(
      fc.array(anyCrystal(), { minLength: 1, maxLength: 3 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (crystals, energy) => {
        const properties = { energyEvPerAtom: energy, origin: 'a "quoted" word' };
        const frames = parseExtxyz(writeExtxyz(crystals.map((crystal) => ({ crystal, properties }))));
        frames.forEach((frame, i) => {
          expect(frame.properties).toEqual({ ...properties, energyEvPerAtom: energy === 0 ? 0 : energy });
          expect(fingerprintDistance(frame.crystal, crystals[i] as (typeof crystals)[0])).toBeLessThan(1e-8);
        });
        expect(frames).toHaveLength(crystals.length);
      },
    ),
    { numRuns: 20 },
  );
});

describe('parseExtxyz', () => {
  test('finds species and positions among other columns', () => {
    const [frame] = parseExtxyz(text);
    expect(frame?.crystal.atomicNumbers).toEqual([29, 79]);
    expect(frame?.crystal.fractionalCoordinates).toEqual([0, 0, 0, 0.5, 0.5, 0.5]);
    expect(frame?.properties).toEqual({ energyEvPerAtom: -1.5, name: 'a "b"' });
  });

  test.each([
    ['2\n', '3\n', 'extended XYZ, line 1: 3 atoms are announced'],
    ['2\n', 'two\n', "extended XYZ, line 1: 'two' is not a number of atoms"],
    ['Lattice', 'Lettuce', 'extended XYZ, line 2: Lattice='],
    ['T T T', 'T T F', 'extended XYZ, line 2: pbc is not "T T T"'],
    [':pos:', ':place:', 'extended XYZ, line 2: Properties='],
    ['8 Au', '8 Xx', "extended XYZ, line 4: unknown element 'Xx'"],
    ['7 Cu 0 0 0', '7 Cu 0 0 x', 'extended XYZ, line 3: no three coordinates'],
  ])('instead of %j, %j is refused', (good, bad, message) => {
    expect(() => parseExtxyz(text.replace(good, bad))).toThrow(message);
  });
});

test('refuses a property name that would not read back', () => {
  const [frame] = parseExtxyz(text);
  if (frame === undefined) throw new Error('no frame');
  expect(() => writeExtxyz([{ ...frame, properties: { 'energy eV': 1 } }])).toThrow(
    "'energy eV' cannot name",
  );
});

test('a POSCAR groups the atoms by element', () => {
  const [frame] = parseExtxyz(text.replace('7 Cu', '7 Pt'));
  if (frame === undefined) throw new Error('no frame');
  const lines = writePoscar(frame.crystal).split('\n');
  expect(lines[0]).toBe('PtAu');
  expect(lines.slice(5, 8)).toEqual(['Pt Au', '1 1', 'Direct']);
  expect(lines[8]?.trim().split(/\s+/).map(Number)).toEqual([0, 0, 0]);
});
