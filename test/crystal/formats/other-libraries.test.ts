import { describe, expect, test } from 'vitest';
import type { Crystal } from '../../../src/crystal/crystal.ts';
import { parseCif } from '../../../src/crystal/formats/cif.ts';
import { parseExtxyz } from '../../../src/crystal/formats/extxyz.ts';
import { FormatError } from '../../../src/crystal/formats/format-error.ts';
import { readCrystals } from '../../../src/crystal/formats/formats.ts';
import { inRightHandedCell } from '../../../src/crystal/formats/right-handed.ts';
import { fingerprintDistance } from '../../../src/crystal/identity/fingerprint.ts';
import { loadSymmetryFinder } from '../../../src/symmetry-finder.ts';
import written from '../../fixtures/crystal/written.json' with { type: 'json' };
import { readReference, variedCrystals } from '../reference.ts';
import { isTold, tell, type Told } from './told.ts';

loadSymmetryFinder();

interface ByAse {
  readonly id: string;
  readonly told: Told;
  readonly extxyz: string;
  readonly json: string;
  readonly encoded: string;
  readonly poscar: string;
  readonly oxidationStates: readonly number[];
  readonly moments: readonly number[];
  readonly forces: readonly number[] | null;
}

interface ByPymatgen {
  readonly id: string;
  readonly told: Told;
  readonly json: string;
  readonly optimade: string;
  readonly cif: string;
  readonly poscar: string;
  readonly poscarSelective: string;
  readonly poscarVersion4: string;
  readonly oxidationStates: readonly number[];
  readonly moments: readonly number[];
  readonly charge: number;
}

interface ReadOfOurs {
  readonly told: Told;
  readonly moments: readonly number[] | null;
  readonly oxidationStates: readonly number[] | null;
  readonly charge?: number;
  readonly info?: Readonly<Record<string, unknown>> | null;
}

const reference = readReference<{
  readonly symmetrised: readonly { readonly id: string; readonly cif: string; readonly told: Told }[];
  readonly written_by_ase: readonly ByAse[];
  readonly written_by_pymatgen: readonly ByPymatgen[];
  readonly read_of_ours: readonly Readonly<Record<string, ReadOfOurs>>[];
}>('formats');

/** ASE writes positions with 8 decimals, so that the sums differ by as much as all atoms can be off together. */
const ASE_TOLERANCE = 2e-3;

describe('what ASE writes', () => {
  test.each(reference.written_by_ase.map((files, i) => [files.id, files, i] as const))(
    '%s',
    (_, files, i) => {
      const [frame] = parseExtxyz(files.extxyz);
      if (frame === undefined) throw new Error('no frame');
      expect(isTold(frame.crystal, files.told, ASE_TOLERANCE)).toBe(true);
      expect(frame.crystal).toMatchObject({
        chargeE: i - 2,
        oxidationStates: files.oxidationStates,
        magneticMomentsMuB: files.moments,
      });
      expect(frame.properties).toMatchObject({
        source: files.id,
        remark: 'has "quotes", spaces and = signs',
        temperature: 300.5,
        step: i,
        relaxed: i % 2 === 1,
        vector: [1.5, 2.5, 3.5],
        nested: [[1, 2], [3]],
      });
      const n = frame.crystal.atomicNumbers.length;
      expect(frame.columns?.['fixed']?.values.every((value) => typeof value === 'boolean')).toBe(true);
      expect(frame.columns?.['site_label']?.values[n - 1]).toBe(`s${n - 1}`);
      if (files.forces !== null) {
        expect(frame.properties['energy']).toBe(-1.25 * n);
        expect(frame.properties['stress']).toHaveLength(9);
        expect(frame.columns?.['forces']?.values).toEqual(files.forces.map((x) => x + 0));
      }

      const [row] = readCrystals(files.json);
      const [encoded] = readCrystals(files.encoded);
      const [poscar] = readCrystals(files.poscar);
      for (const crystal of [row, encoded, poscar]) {
        expect(isTold(crystal as Crystal, files.told, ASE_TOLERANCE)).toBe(true);
      }
      expect(row).toMatchObject({ magneticMomentsMuB: files.moments });
      expect(encoded).toMatchObject({
        chargeE: i - 2,
        oxidationStates: files.oxidationStates,
        magneticMomentsMuB: files.moments,
      });
    },
  );
});

describe('what pymatgen writes', () => {
  test.each(reference.written_by_pymatgen.map((files) => [files.id, files] as const))('%s', (_, files) => {
    const { told, json, optimade, cif, poscar, poscarSelective, poscarVersion4 } = files;
    const crystals = [json, optimade, cif, poscar, poscarSelective, poscarVersion4].map((text) => {
      const [crystal, ...others] = readCrystals(text);
      expect(others).toEqual([]);
      return crystal as Crystal;
    });
    expect(crystals.map((crystal) => isTold(crystal, told, 2e-3))).toEqual(crystals.map(() => true));
    const { oxidationStates, moments: magneticMomentsMuB, charge: chargeE } = files;
    expect(crystals[0]).toMatchObject({ oxidationStates, magneticMomentsMuB, chargeE });
    expect(crystals[2]).toMatchObject({ oxidationStates, magneticMomentsMuB });
  });
});

describe('what pymatgen and ASE read of ours', () => {
  const files = written as readonly Readonly<Record<string, string>>[];
  test.each(reference.read_of_ours.map((read, i) => [i, read] as const))('crystal %i', (i, read) => {
    const [crystal] = readCrystals(files[i]?.['pymatgen'] as string) as [Crystal];
    for (const [how, { told }] of Object.entries(read)) {
      // CIF and POSCAR tell a left-handed cell as -a, -b, -c.
      const asWritten = /^(cif|poscar)/.test(how) ? inRightHandedCell(crystal) : crystal;
      expect([how, isTold(asWritten, told, 2e-3) || tell(asWritten), told]).toEqual([how, true, told]);
    }
    const n = crystal.atomicNumbers.length;
    const moments = crystal.magneticMomentsMuB ?? null;
    for (const how of ['extxyz by ASE', 'ase by ASE', 'pymatgen by pymatgen']) {
      expect([how, read[how]?.moments]).toEqual([how, moments?.map((x) => x + 0) ?? null]);
    }
    const states = crystal.oxidationStates ?? null;
    for (const how of ['extxyz by ASE', 'cif by pymatgen', 'pymatgen by pymatgen']) {
      expect([how, read[how]?.oxidationStates]).toEqual([how, states]);
    }
    if (crystal.chargeE !== undefined) {
      expect(read['pymatgen by pymatgen']?.charge).toBe(crystal.chargeE);
      expect(read['extxyz by ASE']?.info).toMatchObject({ charge: crystal.chargeE });
    }
    // From CIF, pymatgen takes all moments as vectors; collinear ones lie along c.
    if (moments !== null && moments.length === n) {
      const sizes = (read['cif by pymatgen']?.moments ?? []).reduce((sum, x) => sum + x * x, 0);
      expect(sizes).toBeCloseTo(
        moments.reduce((sum, x) => sum + x * x, 0),
        6,
      );
    }
  });
});

describe('CIFs with symmetry operations, written by pymatgen', () => {
  const originals = new Map(variedCrystals().map((crystal) => [crystal.id, crystal]));
  const { symmetrised } = reference;

  test('give what pymatgen reads from them, all 300', () => {
    const disagreeing = symmetrised
      .filter(({ cif, told }) => !isTold(parseCif(cif), told))
      .map(({ id }) => id);
    expect(symmetrised).toHaveLength(300);
    expect(disagreeing).toEqual([]);
  });

  test('give the crystal that they were made from, all 300', () => {
    const distances = symmetrised.map(({ id, cif }) =>
      fingerprintDistance(parseCif(cif), originals.get(id) as Crystal),
    );
    // pymatgen symmetrises within 0.01 Å before it writes.
    expect(Math.max(...distances)).toBeLessThan(0.03);
    expect(distances).toHaveLength(300);
  });

  test('without the list of operations: as with it, or an error where origins or axes are open', () => {
    const counts = { same: 0, refused: 0, different: 0 };
    for (const { cif, told } of symmetrised) {
      const named = cif.replace(/loop_\n _symmetry_equiv_pos_site_id\n[^]*?(?=loop_)/, '');
      expect(named).not.toMatch('_symmetry_equiv_pos_as_xyz');
      try {
        counts[isTold(parseCif(named), told) ? 'same' : 'different']++;
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
        expect((error as FormatError).message).toMatch(
          /settings \(axes or origins\) fit the name: write them out/,
        );
        counts.refused++;
      }
    }
    // The 15 are of groups with two origins, which the short symbol does not tell.
    expect(counts).toEqual({ same: 285, refused: 15, different: 0 });
  });
});
