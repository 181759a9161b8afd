import { determinant, type Matrix3, multiply } from '../geometry/lattice.ts';
import { shortest } from '../geometry/torus.ts';
import { applyOperation, type SymmetryOperation } from '../symmetry/operation.ts';
import { type CifBlock, columnOf, errorAt, loopWith } from './cif-blocks.ts';
import { keepsMetric, operationsOfNamedGroup } from './cif-space-group.ts';
import { type CifTokens, textOf } from './cif-tokens.ts';
import { operationOf } from './symmetry-operation.ts';

/** An operation and what it does to magnetic moments. */
export interface CifOperation extends SymmetryOperation {
  /** -1 reverses time, and with it each moment; undefined where the file speaks of no magnetic symmetry. */
  readonly timeReversal?: 1 | -1 | undefined;
}

const OPERATION_NAMES = ['_space_group_symop_operation_xyz', '_symmetry_equiv_pos_as_xyz'];
const MAGNETIC_NAMES = ['_space_group_symop_magn_operation_xyz', '_space_group_symop_magn_centering_xyz'];

/** A conventional cell has at most 192; larger cells have more, but not many times that. */
const MOST_OPERATIONS = 1536;

/** The symmetry operations that a block lists or names; undefined for P1. Throws a FormatError. */
export function operationsIn(block: CifBlock, latticeAngstrom: Matrix3): readonly CifOperation[] | undefined {
  const [magnetic, centrings] = MAGNETIC_NAMES.map((name) => listed(block, name, latticeAngstrom));
  let operations =
    magnetic ?? OPERATION_NAMES.map((name) => listed(block, name, latticeAngstrom)).find(Boolean);
  if (operations === undefined) return operationsOfNamedGroup(block, latticeAngstrom);
  if (centrings !== undefined && magnetic !== undefined) {
    const sharing = magnetic;
    operations = centrings.flatMap((centring) => sharing.map((operation) => compose(operation, centring)));
  }
  if (!operations.some(isIdentity)) {
    throw errorAt(block.tokens, block.token, "the symmetry operations lack 'x,y,z': list the whole group");
  }
  if (operations.length > MOST_OPERATIONS) {
    const advice = 'list each once';
    throw errorAt(
      block.tokens,
      block.token,
      `${operations.length} symmetry operations, where ${MOST_OPERATIONS} are the most: ${advice}`,
    );
  }
  return operations.length === 1 ? undefined : operations;
}

export interface Orbit {
  /** Fractional, flat; nothing is wrapped. */
  readonly coordinates: readonly number[];
  /** Which operation made each copy. */
  readonly operations: readonly number[];
}

/**
 * The copies that the operations make of one site. Copies closer than the tolerance are one atom, and a site that lies
 * that near to a special position is put onto it.
 */
export function orbitOf(
  site: readonly number[],
  operations: readonly SymmetryOperation[],
  near: Nearness,
): Orbit {
  const [moved, keeping] = specialPosition(site, operations, near);
  const coordinates: number[] = [];
  const makers: number[] = [];
  for (let o = 0; o < operations.length; o++) {
    const copy = applyOperation(operations[o] as SymmetryOperation, moved);
    // A site that no other operation keeps has as many copies as there are operations.
    if (keeping > 1 && holds(coordinates, copy, near)) continue;
    coordinates.push(copy[0] as number, copy[1] as number, copy[2] as number);
    makers.push(o);
  }
  return { coordinates, operations: makers };
}

/** The mean of the site's copies that lie on the site itself, and how many they are. */
function specialPosition(
  site: readonly number[],
  operations: readonly SymmetryOperation[],
  near: Nearness,
): [moved: number[], keeping: number] {
  const sum = [0, 0, 0];
  let count = 0;
  for (const operation of operations) {
    const copy = applyOperation(operation, site);
    if (!isNear(copy, site, 0, near)) continue;
    count++;
    for (let i = 0; i < 3; i++)
      sum[i] = (sum[i] as number) + shortest((copy[i] as number) - (site[i] as number));
  }
  return [site.map((x, i) => x + (sum[i] as number) / Math.max(1, count)), count];
}

interface Nearness {
  readonly latticeAngstrom: Matrix3;
  readonly toleranceAngstrom: number;
}

function holds(points: readonly number[], point: readonly number[], near: Nearness): boolean {
  for (let at = 0; at < points.length; at += 3) if (isNear(point, points, at, near)) return true;
  return false;
}

function isNear(
  point: readonly number[],
  among: readonly number[],
  at: number,
  { latticeAngstrom: l, toleranceAngstrom }: Nearness,
): boolean {
  const u = shortest((point[0] as number) - (among[at] as number));
  const v = shortest((point[1] as number) - (among[at + 1] as number));
  const w = shortest((point[2] as number) - (among[at + 2] as number));
  const x = u * (l[0] as number) + v * (l[3] as number) + w * (l[6] as number);
  const y = u * (l[1] as number) + v * (l[4] as number) + w * (l[7] as number);
  const z = u * (l[2] as number) + v * (l[5] as number) + w * (l[8] as number);
  return x * x + y * y + z * z < toleranceAngstrom ** 2;
}

function listed(block: CifBlock, name: string, latticeAngstrom: Matrix3): CifOperation[] | undefined {
  const { tokens } = block;
  const loop = loopWith(block, name);
  const column = loop === undefined ? undefined : columnOf(loop, name);
  if (loop !== undefined && column !== undefined) {
    const width = loop.names.length;
    return Array.from({ length: loop.rowCount }, (_, row) =>
      operationAt(tokens, loop.first + row * width + column, latticeAngstrom),
    );
  }
  const single = block.values.get(name);
  return single === undefined ? undefined : [operationAt(tokens, single, latticeAngstrom)];
}

function operationAt(tokens: CifTokens, token: number, latticeAngstrom: Matrix3): CifOperation {
  const text = textOf(tokens, token);
  const [, spatial = text, time] = /^([^,]*,[^,]*,[^,]*),\s*([+-]1)\s*$/.exec(text) ?? [];
  const operation = operationOf(spatial);
  if (operation === undefined) {
    const advice = "write it as in '-x+1/2, y, x-z'";
    throw errorAt(tokens, token, `'${text.slice(0, 60)}' is no symmetry operation: ${advice}`);
  }
  const { transposedRotation } = operation;
  if (Math.abs(Math.abs(determinant(transposedRotation)) - 1) > 1e-6) {
    throw errorAt(tokens, token, `'${text}' is no symmetry operation: it changes the volume`);
  }
  if (!keepsMetric(transposedRotation, latticeAngstrom)) {
    const advice = 'check the cell and the setting';
    throw errorAt(
      tokens,
      token,
      `the operation '${text}' does not fit the cell's lengths and angles: ${advice}`,
    );
  }
  const timeReversal = time === undefined ? undefined : time === '-1' ? -1 : 1;
  return { transposedRotation, translation: operation.translation.map(commonFraction), timeReversal };
}

/** A translation such as 0.3333 means 1/3; those of space groups are multiples of 1/24. */
function commonFraction(x: number): number {
  const near = Math.round(24 * x) / 24;
  return Math.abs(x - near) < 1e-3 ? near : x;
}

/** First one operation, then the other. */
function compose(first: CifOperation, then: CifOperation): CifOperation {
  const translation = applyOperation(then, first.translation);
  const timeReversal = (first.timeReversal ?? 1) * (then.timeReversal ?? 1) < 0 ? -1 : 1;
  return {
    transposedRotation: multiply(first.transposedRotation, then.transposedRotation),
    translation,
    timeReversal,
  };
}

function isIdentity({ transposedRotation, translation }: SymmetryOperation): boolean {
  return (
    transposedRotation.every((x, i) => x === (i % 4 === 0 ? 1 : 0)) &&
    translation.every((x) => Number.isInteger(x))
  );
}
