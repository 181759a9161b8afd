import { determinant, inverse, type Matrix3, multiplyRows } from '../geometry/lattice.ts';
import { type CifBlock, columnOf, errorAt, loopWith } from './cif-blocks.ts';
import { numberAt } from './cif-sites.ts';
import type { CifOperation } from './cif-symmetry.ts';
import { textOf } from './cif-tokens.ts';

/**
 * Magnetic moments of labelled sites (magCIF's _atom_site_moment), in units of the unit vectors along a, b and c, Bohr
 * magnetons; undefined where the block has none.
 */
export function momentsByLabel(block: CifBlock): ReadonlyMap<string, readonly number[]> | undefined {
  const loop = loopWith(block, '_atom_site_moment_label');
  if (loop === undefined || loop.rowCount === 0) return undefined;
  const label = columnOf(loop, '_atom_site_moment_label') ?? 0;
  const axes = ['x', 'y', 'z'].map((axis) => columnOf(loop, `_atom_site_moment_crystalaxis_${axis}`));
  const moments = new Map<string, readonly number[]>();
  for (let row = 0; row < loop.rowCount; row++) {
    const first = loop.first + row * loop.names.length;
    const moment = axes.map((column, i) => {
      if (column !== undefined) return numberAt(block.tokens, first + column);
      const name = `_atom_site_moment_crystalaxis_${'xyz'.charAt(i)}`;
      throw errorAt(
        block.tokens,
        loop.token,
        `the loop of moments lacks ${name}: give moments along a, b and c`,
      );
    });
    moments.set(textOf(block.tokens, first + label), moment);
  }
  return moments;
}

/**
 * The moments of a crystal's atoms, each from its site's by the operation that made it: axial vectors, turned by
 * θ·det(R)·R. Flat 3·n, Cartesian; n numbers where all lie along c, as collinear moments are written.
 */
export function momentsOfAtoms(
  atoms: readonly { readonly moment: readonly number[]; readonly operation: CifOperation | undefined }[],
  latticeAngstrom: Matrix3,
): number[] {
  const lengths = [0, 3, 6].map((row) =>
    Math.hypot(...[0, 1, 2].map((k) => latticeAngstrom[row + k] as number)),
  );
  const turned = atoms.map(({ moment, operation }) => {
    if (operation === undefined) return [...moment];
    const { transposedRotation, timeReversal = 1 } = operation;
    const sign = timeReversal * Math.sign(determinant(transposedRotation));
    const fractional = moment.map((x, i) => (sign * x) / (lengths[i] as number));
    return multiplyRows(fractional, transposedRotation).map((x, i) => x * (lengths[i] as number));
  });
  if (turned.every(([x, y]) => x === 0 && y === 0)) return turned.map((moment) => moment[2] as number);
  return turned.flatMap((moment) =>
    multiplyRows(
      moment.map((x, i) => x / (lengths[i] as number)),
      latticeAngstrom,
    ),
  );
}

/** The atom's moment along the unit vectors of a, b and c, from Cartesian; a collinear one lies along c. */
export function crystalAxisMoment(
  moments: readonly number[],
  atom: { readonly index: number; readonly count: number },
  latticeAngstrom: Matrix3,
): number[] {
  if (moments.length === atom.count) return [0, 0, moments[atom.index] as number];
  const cartesian = moments.slice(3 * atom.index, 3 * atom.index + 3);
  return multiplyRows(cartesian, inverse(latticeAngstrom)).map(
    (x, i) => x * Math.hypot(...[0, 1, 2].map((k) => latticeAngstrom[3 * i + k] as number)),
  );
}
