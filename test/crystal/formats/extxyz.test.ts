import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprintDistance } from '../../../src/crystal/identity/fingerprint.ts';
import type { PropertyValue } from '../../../src/crystal/formats/extxyz-comment.ts';
import { parseExtxyz, writeExtxyz } from '../../../src/crystal/formats/extxyz.ts';
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
    expect(frame?.columns).toEqual({
      id: { width: 1, values: [7, 8] },
      forces: { width: 3, values: [0.1, 0.2, 0.3, 0.1, 0.2, 0.3] },
    });
  });

  test('reads values as ASE does', () => {
    const comment =
      'a=1 b="1 2 3" c=T d="T F" e={1 2} f=[x] g="_JSON {\\"k\\": [1, null]}" h i=j=k "l m"=n o=\\"';
    const [frame] = parseExtxyz(text.replace('energyEvPerAtom=-1.5', comment));
    expect(frame?.properties).toEqual({
      a: 1,
      b: [1, 2, 3],
      c: true,
      d: [true, false],
      e: [1, 2],
      f: 'x',
      g: { k: [1, null] },
      h: true,
      i: 'j=k',
      'l m': 'n',
      o: '"',
      name: 'a "b"',
    });
  });

  test('takes charge, oxidation states and moments into the crystal, results before guesses', () => {
    const [frame] = parseExtxyz(
      text
        .replace('id:I:1', 'oxi_states:I:1')
        .replace('forces:R:3', 'initial_magmoms:R:1:magmoms:R:1:tag:S:1')
        .replace('energyEvPerAtom=-1.5', 'charge=-1'),
    );
    expect(frame?.crystal).toMatchObject({
      chargeE: -1,
      oxidationStates: [7, 8],
      magneticMomentsMuB: [0.2, 0.2],
    });
    expect(Object.keys(frame?.columns ?? {})).toEqual(['initial_magmoms', 'tag']);
  });

  test.each([
    ['2\n', '3\n', 'extended XYZ, line 1: 3 atoms are announced'],
    ['2\n', 'two\n', "extended XYZ, line 1: 'two' is not a number of atoms"],
    ['Lattice', 'Lettuce', 'extended XYZ, line 2: Lattice='],
    ['T T T', 'T T F', 'extended XYZ, line 2: pbc is not "T T T"'],
    [':pos:', ':place:', 'extended XYZ, line 2: Properties='],
    [
      '8 Au 2 2 2 0.1 0.2 0.3',
      '8 Au 2 2 2 0.1',
      "extended XYZ, line 4: '8 Au 2 2 2 0.1' has 6 columns: Properties",
    ],
    [
      'forces:R:3',
      'forces:X:3',
      'extended XYZ, line 2: Properties=id:I:1:species:S:1:pos:R:3:forces:X:3 is not made of',
    ],
    ['0.1 0.2 0.3\n8', '0.1 0.2 nan\n8', 'extended XYZ, line 3: no forces of kind R'],
    ['name="a', 'name="_JSON a', 'extended XYZ, line 2: the value of name is no JSON after _JSON'],
    ['pbc="T T T"', 'pbc="T T T', 'extended XYZ, line 2: a quote or bracket never closes'],
    ['0 0 0 4 0 0 0 4', '0 0 0 4 0 0 0 0', 'extended XYZ, line 2: the lattice vectors span no volume'],
    ['2\n', '2000000\n', 'extended XYZ, line 1: 2000000 atoms, where 1000000 are the most'],
    ['8 Au', '8 Xx', "extended XYZ, line 4: unknown element 'Xx'"],
    ['7 Cu 0 0 0', '7 Cu 0 0 x', 'extended XYZ, line 3: no three coordinates'],
  ])('instead of %j, %j is refused', (good, bad, message) => {
    expect(() => parseExtxyz(text.replace(good, bad))).toThrow(message);
  });
});

test('any property and column reads back', () => {
  const value = fc.jsonValue({ maxDepth: 2 }).filter((json) => !JSON.stringify(json).includes('e+'));
  const properties = fc.dictionary(fc.stringMatching(/^[A-Za-z_][\w.-]{0,9}$/), fc.oneof(value, fc.string()));
  const values = fc.oneof(
    fc.tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()),
    fc.tuple(fc.boolean(), fc.boolean()),
    fc.tuple(fc.stringMatching(/^\S{1,5}$/), fc.stringMatching(/^\S{1,5}$/)),
  );
  fc.assert(
    fc.property(properties, values, (told, column) => {
      fc.pre(!Object.keys(told).some((name) => /^(charge|pbc|properties|lattice|__proto__)$/i.test(name)));
      const [first] = parseExtxyz(text);
      if (first === undefined) throw new Error('no frame');
      const frame = {
        crystal: first.crystal,
        properties: told as Record<string, PropertyValue>,
        columns: { column: { width: 1, values: column } },
      };
      const [again] = parseExtxyz(writeExtxyz([frame]));
      expect(again).toEqual(plain(frame));
    }),
  );
});

/** Without -0, which is written as 0. */
function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

test('refuses columns that would not read back', () => {
  const [frame] = parseExtxyz(text);
  if (frame === undefined) throw new Error('no frame');
  const write = (width: number, values: (number | string | boolean)[]): string =>
    writeExtxyz([{ ...frame, columns: { column: { width, values } } }]);
  expect(() => write(1, [1])).toThrow("column 'column' has 1 values: give 1 for each of 2 atoms");
  expect(() => write(1, ['a b', 'c'])).toThrow(
    'must hold finite numbers, truth values, or words without blanks',
  );
  expect(() => write(1, [1, NaN])).toThrow('must hold finite numbers');
  const charged = { crystal: { ...frame.crystal, chargeE: 1 }, properties: { charge: 2 } };
  expect(() => writeExtxyz([charged])).toThrow("'charge' is given twice");
  expect(() => writeExtxyz([{ ...frame, properties: { a: [1, Infinity] } }])).toThrow(
    'a holds a number that is not',
  );
});

test('refuses a property name that would not read back', () => {
  const [frame] = parseExtxyz(text);
  if (frame === undefined) throw new Error('no frame');
  expect(() => writeExtxyz([{ ...frame, properties: { 'energy eV': 1 } }])).toThrow(
    "'energy eV' cannot name",
  );
});
