import { determinant, type Matrix3, multiply } from '../geometry/lattice.ts';
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

/** A listed operation that changes the products of the cell's edges by more than this share contradicts the cell. */
const METRIC_TOLERANCE = 0.03;

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
  const shown = text.slice(0, 60);
  const time = /,\s*([+-]1)\s*$/.exec(text.slice(-8));
  const operation = operationOf(time === null ? text : text.slice(0, text.lastIndexOf(',')));
  if (operation === undefined) {
    const advice = "write it as in '-x+1/2, y, x-z'";
    throw errorAt(tokens, token, `'${shown}' is no symmetry operation: ${advice}`);
  }
  const { transposedRotation } = operation;
  if (Math.abs(Math.abs(determinant(transposedRotation)) - 1) > 1e-6) {
    throw errorAt(tokens, token, `'${shown}' is no symmetry operation: it changes the volume`);
  }
  if (!keepsMetric(transposedRotation, latticeAngstrom, METRIC_TOLERANCE)) {
    const advice = 'check the cell and the setting';
    throw errorAt(
      tokens,
      token,
      `the operation '${shown}' does not fit the cell's lengths and angles: ${advice}`,
    );
  }
  const timeReversal = time === null ? undefined : time[1] === '-1' ? -1 : 1;
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
