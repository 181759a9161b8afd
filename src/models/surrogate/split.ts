import { random } from '../../crystal/random.ts';

const HELD_OUT_SHARE = 0.2;
const OMITTED_SHARE = 0.25;

export interface Split {
  /** Rows that no member, calibration or early stopping ever sees. */
  readonly heldOut: readonly number[];
  readonly training: readonly number[];
  /** For each row, the members that do not train on it: their residuals there are honest. Empty for held-out rows. */
  readonly omittedBy: readonly (readonly number[])[];
}

/** Whether a group is held out: hangs on its name only, so that a label's side never changes as labels grow. */
export function isHeldOut(group: string): boolean {
  return random('held out', group).uniform() < HELD_OUT_SHARE;
}

/**
 * Splits rows by group. Of the training side, each member omits about a quarter; omissions come in pairs of members,
 * so that on an omitted row the two still show how far members disagree.
 */
export function splitByGroup(
  groups: readonly string[],
  { members, seed }: { members: number; seed: number },
): Split {
  const heldOut: number[] = [];
  const training: number[] = [];
  groups.forEach((group, row) => (isHeldOut(group) ? heldOut : training).push(row));
  const pairs = memberPairs(members);
  const share = Math.min(1, (OMITTED_SHARE * members) / (pairs[0] as number[]).length);
  const names = new Set(training.map((row) => groups[row] as string));
  const order = [...names]
    .map((name) => ({ name, rank: random(seed, 'omitted', name).uniform() }))
    .sort((l, r) => l.rank - r.rank || (l.name < r.name ? -1 : 1));
  const omissions = new Map<string, readonly number[]>();
  if (order.length > 1) {
    order.forEach(({ name }, place) => {
      const turn = Math.floor(place * share);
      if (Math.floor((place + 1) * share) > turn) {
        omissions.set(name, pairs[turn % pairs.length] as number[]);
      }
    });
  }
  const omittedBy = groups.map((group) => omissions.get(group) ?? []);
  return { heldOut, training, omittedBy };
}

/** All pairs of members, shuffled evenly enough: neighbours in the list share no member where that can be. */
function memberPairs(members: number): number[][] {
  if (members === 1) return [[0]];
  const pairs: number[][] = [];
  for (let gap = 1; gap <= members / 2; gap++) {
    for (let first = 0; first < (2 * gap === members ? gap : members); first++) {
      pairs.push([first, (first + gap) % members].sort((l, r) => l - r));
    }
  }
  return pairs;
}
